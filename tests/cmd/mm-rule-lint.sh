#!/bin/bash
# mm-rule --check: what is allowed and surely not meant, one case a block.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/rule.sh"

printf 'bob@a.example\n' >"$S/address-lists/staff"
relay='"Actions": [{"Relay": {"Relay": "one"}}]'
drop='"Actions": [{"Drop": {}}]'

# lint NAME EXPECTED [OPTION...]: --check of the rules on standard input; without
# the name of the file.
lint() {
	local name=$1 expected=$2
	shift 2
	rules l
	exit_is "$name: no error" 0 mm-rule --check "$@" l
	is "$name" "$(sed "s|^$S/rule-sets/l.json:||" "$T/.out")" "$expected"
}

# expression KIND EVALUATE OPERATOR VALUES: a condition, from JSON.
expression() {
	printf '{"%sExpression": {"Evaluate": {%s}, "Operator": "%s", %s}}' "$1" "$2" "$3" "$4"
}
verdict() { # ATTRIBUTE OPERATOR VALUE
	expression Verdict "\"Attribute\": \"$1\"" "$2" "\"Values\": [\"$3\"]"
}
ip() { # OPERATOR VALUES
	expression Ip '"Attribute": "SOURCE_IP"' "$1" "\"Values\": [$2]"
}
size() { # OPERATOR OCTETS
	expression Number '"Attribute": "MESSAGE_SIZE"' "$1" "\"Value\": $2"
}
tls() { # OPERATOR
	printf '{"BooleanExpression": {"Evaluate": {"Attribute": "TLS"}, "Operator": "%s"}}' "$1"
}
staff() { # OPERATOR
	printf '{"BooleanExpression": {"Evaluate": {"IsInAddressList": {"Attribute": "RECIPIENT", "AddressLists": ["staff"]}}, "Operator": "%s"}}' "$1"
}
dmarc() { # OPERATOR VALUE
	printf '{"DmarcExpression": {"Operator": "%s", "Values": ["%s"]}}' "$1" "$2"
}

lint "nothing to say" "" <<END
{"Name": "a", "Conditions": [$(rcpt ENDS_WITH @a.example), $(header X-A EQUALS 1), $(header X-A EQUALS 2)],
 "Unless": [$(rcpt STARTS_WITH bob)], $relay},
{"Name": "b", "Conditions": [$(rcpt ENDS_WITH @a.example)], $drop},
{"Name": "c", $relay}
END

# Two conditions of a rule; behind them a rule for everybody.
pair() { # NAME A B EXPECTED
	lint "$1" "${4:+3:1: Rules[0].Conditions[1]: warning: $4}" < <(
		printf '{"Conditions": [%s,\n%s], %s},\n{%s}\n' "$2" "$3" "$relay" "$relay"
	)
}
never='the rule never matches'
pair "other recipients" "$(rcpt EQUALS bob@a.example)" "$(rcpt ENDS_WITH @b.example)" \
	"contradicts Conditions[0], RECIPIENT EQUALS bob@a.example: $never"
pair "the same recipients" "$(rcpt EQUALS BOB@a.example)" "$(rcpt ENDS_WITH @a.example)" \
	"says no more than Conditions[0], RECIPIENT EQUALS BOB@a.example"
pair "other headers, of which there may be two" "$(header X-A EQUALS 1)" "$(header X-A EQUALS 2)"
pair "other networks" "$(ip CIDR_MATCHES '"192.0.2.0/25"')" "$(ip CIDR_MATCHES '"192.0.2.128/25", "2001:db8::/32"')" \
	"contradicts Conditions[0], SOURCE_IP CIDR_MATCHES 192.0.2.0/25: $never"
pair "a network and not" "$(ip CIDR_MATCHES '"192.0.2.0/25"')" "$(ip NOT_CIDR_MATCHES '"192.0.2.0/24"')" \
	"contradicts Conditions[0], SOURCE_IP CIDR_MATCHES 192.0.2.0/25: $never"
pair "other verdicts" "$(verdict SPF EQUALS PASS)" "$(verdict SPF EQUALS FAIL)" \
	"contradicts Conditions[0], SPF EQUALS PASS: $never"
pair "verdicts of two kinds" "$(verdict SPF EQUALS PASS)" "$(verdict DKIM EQUALS FAIL)"
pair "a verdict and not another" "$(verdict SPF EQUALS PASS)" "$(verdict SPF NOT_EQUALS FAIL)" \
	"says no more than Conditions[0], SPF EQUALS PASS"
pair "a policy and not" "$(dmarc EQUALS REJECT)" "$(dmarc NOT_EQUALS REJECT)" \
	"contradicts Conditions[0], DMARC EQUALS REJECT: $never"
pair "sizes apart" "$(size LESS_THAN 1000)" "$(size GREATER_THAN 1000)" \
	"contradicts Conditions[0], MESSAGE_SIZE LESS_THAN 1000: $never"
pair "no whole number between" "$(size GREATER_THAN 1000)" "$(size LESS_THAN 1001)" \
	"contradicts Conditions[0], MESSAGE_SIZE GREATER_THAN 1000: $never"
pair "one size between" "$(size GREATER_THAN 1000)" "$(size LESS_THAN 1002)"
pair "a size and a larger" "$(size GREATER_THAN 2000)" "$(size GREATER_THAN_OR_EQUAL 1000)" \
	"says no more than Conditions[0], MESSAGE_SIZE GREATER_THAN 2000"
pair "TLS and none" "$(tls IS_TRUE)" "$(tls IS_FALSE)" "contradicts Conditions[0], TLS IS_TRUE: $never"
pair "a list and not" "$(staff IS_TRUE)" "$(staff IS_FALSE)" \
	"contradicts Conditions[0], RECIPIENT in staff IS_TRUE: $never"
pair "a size below nothing" "$(rcpt ENDS_WITH @a.example)" "$(size LESS_THAN 0)" "never holds: $never"

lint "Conditions and Unless" \
	"3:1: Rules[0].Unless[0]: warning: contradicts Conditions[0], RECIPIENT ENDS_WITH .example: $never
5:1: Rules[1].Unless[1]: warning: says no more than Unless[0], RECIPIENT STARTS_WITH bob
7:1: Rules[2].Unless[0]: warning: says no more than Conditions[0], SPF EQUALS PASS" <<END
{$relay, "Conditions": [$(rcpt ENDS_WITH .example)], "Unless": [
$(rcpt CONTAINS example)]},
{"Actions": [{"Send": {$role}}], "Unless": [$(rcpt STARTS_WITH bob),
$(rcpt STARTS_WITH bobby)]},
{"Actions": [{"Send": {$role}}], "Conditions": [$(verdict SPF EQUALS PASS)], "Unless": [
$(verdict SPF EQUALS FAIL)]},
{$relay}
END

lint "values" \
	"2:158: Rules[0].Conditions[0].IpExpression.Values[1]: warning: needless: covered by Values[0], \"192.0.2.0/24\"
2:171: Rules[0].Conditions[0].IpExpression.Values[2]: warning: has host bits set; it means 10.0.0.0/8
3:134: Rules[1].Unless[0].StringExpression.Values[0]: warning: never matches: a recipient has one @" <<END
{"Name": "some-longer-name", "Conditions": [$(ip CIDR_MATCHES '"192.0.2.0/24", "192.0.2.7", "10.0.0.1/8"')], $relay},
{"Name": "second-rule", "Unless": [$(rcpt ENDS_WITH @@b.example)], $relay},
{"Actions": [{"Archive": {"TargetArchive": "keep"}}]}
END
is "header names" "$(rules l <<END
{"Conditions": [
$(header 'X-A:' EQUALS b)], $relay}, {"Name": "rest", $relay}
END
mm-rule --check --lenient l | sed 1d | cut -d: -f2-)" \
	"3:59: Rules[0].Conditions[0].StringExpression.Evaluate.MimeHeaderAttribute: warning: no message has a header field of this name; expected printable ASCII without spaces and colons"

lint "names" "4:10: Rules[2].Name: warning: the name of Rules[0] too: logs and plans look alike" <<END
{"Name": "a", "Conditions": [$(rcpt STARTS_WITH bob)], $relay},
{"Name": "b", "Actions": [{"Archive": {"TargetArchive": "keep"}}]},
{"Name": "a", "Conditions": [$(rcpt STARTS_WITH eve)], $relay}
END

lint "behind a Drop" \
	"3:1: Rules[1]: warning: never matches: rule bob drops or bounces all that it takes
7:1: Rules[5]: warning: never tried: rule rest drops or bounces everything before" <<END
{"Name": "bob", "Conditions": [$(rcpt STARTS_WITH bob)], "Unless": [$(verdict SPF EQUALS PASS)], $drop},
{"Conditions": [$(rcpt EQUALS bob@a.example), $(verdict SPF EQUALS FAIL)], $relay},
{"Conditions": [$(rcpt EQUALS bob@a.example)], $relay},
{"Name": "keep", "Actions": [{"Archive": {"TargetArchive": "keep"}}]},
{"Name": "rest", $drop},
{"Name": "late", $relay}
END
lint "behind a Drop, the recipients replaced between" "" <<END
{"Conditions": [$(rcpt EQUALS bob@a.example)], $drop},
{"Actions": [{"ReplaceRecipient": {"ReplaceWith": ["bob@a.example"]}}]},
{"Conditions": [$(rcpt EQUALS bob@a.example)], $relay},
{"Unless": [$(rcpt EQUALS bob@a.example)], $relay}
END
lint "behind a Drop that a function may prevent" "" -x InvokeLambda=cat <<END
{"Actions": [{"InvokeLambda": {$role, "FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:f",
  "InvocationType": "REQUEST_RESPONSE"}}, {"Drop": {}}]},
{$relay}
END
lint "twice the same" "4:1: Rules[2]: warning: does again what rule a has done" <<END
{"Name": "a", "Conditions": [], "Actions": [{"Archive": {"TargetArchive": "keep"}}]},
{"Name": "b", $relay},
{"Name": "c", "Actions": [{"Archive": {"TargetArchive": "keep"}}]}
END

lint "CONTINUE to nothing" \
	"3:104: Rules[1].Actions[1].Relay.ActionFailurePolicy: warning: nothing follows in this rule: who is refused here has failed, unless a later rule delivers the message" <<END
{"Actions": [{"Relay": {"Relay": "one", "ActionFailurePolicy": "CONTINUE"}}, {"Relay": {"Relay": "two"}}]},
{"Actions": [{"Archive": {"TargetArchive": "keep"}}, {"Relay": {"Relay": "two", "ActionFailurePolicy": "CONTINUE"}}]}
END

lost='mail that none of the delivering rules takes is accepted and lost; expected a rule without Conditions and Unless that stores, delivers, drops or bounces'
lint "paths without delivery" "1:31: Rules: warning: $lost" <<END
{"Conditions": [$(rcpt ENDS_WITH @a.example)], $relay},
{"Unless": [$(rcpt ENDS_WITH @b.example)], $drop},
{"Actions": [{"AddHeader": {"HeaderName": "X-A", "HeaderValue": "b"}}]}
END
# alternatives NAME RULE RULE: two rules that take everybody between them
alternatives() {
	printf '{%s, %s},\n{%s, %s}\n' "$2" "$relay" "$3" "$drop" >"$T/rules"
	lint "everybody: $1" "" <"$T/rules"
}
alternatives "a condition, Unless it" "\"Conditions\": [$(rcpt ENDS_WITH @a.example)]" "\"Unless\": [$(rcpt ENDS_WITH @a.example)]"
alternatives "EQUALS and NOT_EQUALS" "\"Conditions\": [$(dmarc EQUALS REJECT)]" "\"Conditions\": [$(dmarc NOT_EQUALS REJECT)]"
alternatives "TLS or not" "\"Conditions\": [$(tls IS_TRUE)]" "\"Conditions\": [$(tls IS_FALSE)]"
alternatives "not both" "\"Unless\": [$(verdict SPF EQUALS PASS)]" "\"Unless\": [$(verdict SPF EQUALS FAIL)]"
lint "sizes, one of which is missing" "1:31: Rules: warning: $lost" <<END
{"Conditions": [$(size LESS_THAN 1000)], $relay},
{"Conditions": [$(size GREATER_THAN 1000)], $drop}
END
lint "a delivery that nobody reaches" \
	"3:1: Rules[1]: warning: never tried: rule 0 drops or bounces everything before
1:31: Rules: warning: no action stores or delivers anything: all mail is accepted and lost" <<END
{$drop},
{$relay}
END
done_testing
