#!/bin/bash
# mm-rules(5): the conditions that Mail Manager does not have: what holds, what was
# found, what is wrong with them.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/rule.sh"
relay='"Actions": [{"Relay": {"Relay": "one"}}]'

# A Tuesday, 23:30 in Berlin.
crlf() { sed 's/$/\r/'; }
crlf >"$T/body" <<'END'
From: "Eve, of X" <eve@from.example>
Subject: =?utf-8?q?Rechnung_f=C3=BCr?= you
List-Id: Our friends
	<friends.example.org>
Received: one
Received: two
Message-ID: <1@x>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

<p>Buy <b>now</b>, K=E4se
--b
Content-Type: application/pdf; name="Invoice.PDF"
Content-Disposition: attachment; filename="Invoice.PDF"
Content-Transfer-Encoding: base64

aGVsbG8gd29ybGQ=
--b
Content-Type: image/png
Content-Disposition: attachment
Content-Transfer-Encoding: base64

AAAA
--b--
END
message() { # FIELD...
	printf 'mail 1 %d\nid: m1\nreceived: 2026-11-24T22:30:00Z\ningress: inbound\n' "$(wc -c <"$T/body")"
	printf 'auth-user: alice\ndmarc: fail d=from.example policy=none\narc: pass\n'
	printf 'client-ip: 2001:db8::1\nmail-from: <eve@from.example>\nrcpt-to: <bob@a.example>\n\n'
	cat "$T/body"
}
message >"$T/message"

# holds NAME true|false FOUND CONDITION
holds() {
	rules x <<<"{\"Conditions\": [$4], $relay}"
	is "$1" "$(mm-rule --explain --json x <"$T/message" |
		jq -r '.conditions[]? | "\(.result) \(.found)"')" "$2 $3"
}
# text KIND ATTRIBUTE OPERATOR VALUES: of an attribute such as Header:Subject
text() {
	printf '{"%sExpression": {"Evaluate": {"%sAttribute": "%s"}, "Operator": "%s", "Values": [%s]}}' \
		"$1" "${2%%:*}" "${2#*:}" "$3" "$4"
}

holds "any header" true "Our friends	<friends.example.org>" \
	"$(text String Header:List-ID ENDS_WITH '"<friends.example.org>"')"
holds "any header, repeated" true "one, two" "$(text String Header:received EQUALS '"two"')"
holds "any header, absent" false "absent" "$(text String Header:X-No CONTAINS '"o"')"
holds "body: HTML as text, in UTF-8" true " Buy now, Käse" \
	"$(text String Extended:BODY CONTAINS '"now, KÄSE", "NOW, Käse"')"
holds "attachment names" true "Invoice.PDF" "$(text String Extended:ATTACHMENT_NAME ENDS_WITH '".pdf"')"
holds "attachment types" true "application/pdf, image/png" \
	"$(text String Extended:ATTACHMENT_TYPE EQUALS '"image/png"')"
holds "DMARC result" true "fail" "$(text String Extended:DMARC_RESULT EQUALS '"fail"')"
holds "ARC result" false "pass" "$(text String Extended:ARC_RESULT NOT_EQUALS '"pass"')"
holds "who logged in" true "alice" "$(text String Extended:AUTH_USER EQUALS '"ALICE"')"
holds "ingress" true "inbound" "$(text String Extended:INGRESS STARTS_WITH '"in"')"
number() { # ATTRIBUTE OPERATOR VALUE
	printf '{"NumberExpression": {"Evaluate": {"ExtendedAttribute": "%s"}, "Operator": "%s", "Value": %s}}' "$@"
}
holds "attachments" true 2 "$(number ATTACHMENT_COUNT EQUALS 2)"
holds "size of the largest, decoded" true 11 "$(number ATTACHMENT_SIZE EQUALS 11)"

holds "expression" true "Rechnung für you" \
	"$(text Regex :SUBJECT MATCHES '"^nothing$", "rechnung f.r you$"')"
holds "expression on a body" true " Buy now, Käse" "$(text Regex Extended:BODY MATCHES '"k\\p{L}se\\s*\\z"')"
holds "no expression" true "one, two" "$(text Regex Header:Received NOT_MATCHES '"^three"')"
holds "no expression where one matches" false "one, two" "$(text Regex Header:Received NOT_MATCHES '"^two"')"
printf 'X-A: %s!\r\n\r\n' "$(printf 'a%.0s' {1..5000})" >"$T/hard.eml"
rules x <<<"{\"Conditions\": [$(text Regex MimeHeader:X-A MATCHES '"^(a+)+$"')], $relay}"
SECONDS=0
is "an expression that is too hard matches nothing" "$(mm-rule --explain --json x --rcpt-to b@a.example "$T/hard.eml" 2>"$T/err" | jq -r '.conditions[]?.result')" false
ok "and is given up soon" [ "$SECONDS" -lt 3 ]
like "and the log says so" "$(MM_LOG=warn mm-rule -n x --rcpt-to b@a.example "$T/hard.eml" 2>&1 >/dev/null)" "too many steps"

moment() { # OPERATOR MEMBERS
	printf '{"TimeExpression": {"Operator": "%s"%s}}' "$1" "${2:+, $2}"
}
holds "time in a zone" true "Tuesday 23:30" "$(moment WITHIN '"TimeZone": "Europe/Berlin", "From": "23:30"')"
holds "until is not within" false "Tuesday 23:30" "$(moment WITHIN '"TimeZone": "Europe/Berlin", "Until": "23:30"')"
holds "over midnight" true "Tuesday 22:30" "$(moment WITHIN '"Days": ["TUESDAY"], "From": "22:00", "Until": "06:00"')"
holds "over midnight into another day" true "Wednesday 07:30" \
	"$(moment WITHIN '"TimeZone": "Asia/Tokyo", "Days": ["TUESDAY"], "From": "22:00", "Until": "08:00"')"
holds "other days" true "Tuesday 22:30" "$(moment NOT_WITHIN '"Days": ["SATURDAY", "SUNDAY"]')"

mail=$(text String Extended:AUTH_USER EQUALS '"alice"')
no=$(text String Extended:INGRESS EQUALS '"other"')
holds "AnyOf" true "inbound (no); alice (yes)" "{\"AnyOf\": [$no, $mail]}"
holds "AnyOf of none" false "inbound (no); inbound (no)" "{\"AnyOf\": [$no, $no]}"
holds "AllOf" false "alice (yes); inbound (no)" "{\"AllOf\": [$mail, $no]}"
holds "Not, and groups in groups" true "inbound (no) (no) (yes); alice (yes) (yes)" \
	"{\"AllOf\": [{\"Not\": {\"AnyOf\": [$no]}}, {\"AnyOf\": [$mail]}]}"
rules x <<<"{\"Conditions\": [{\"AnyOf\": [$(rcpt EQUALS b@a.example), $(rcpt EQUALS c@a.example)]}], $relay}"
is "AnyOf tells recipients apart" "$(record m 'rcpt-to: <a@a.example>' 'rcpt-to: <b@a.example>' \
	'rcpt-to: <c@a.example>' | mm-rule -n x | fields plan)" \
	"plan: x 0/0 - Relay one <b@a.example> <c@a.example>
plan: x end - Nothing - <a@a.example>"

# Rates: of what came within the window, each message once.
rate() { # ATTRIBUTE OPERATOR VALUE WINDOW
	printf '{"RateExpression": {"Evaluate": {"Attribute": "%s"}, "Operator": "%s", "Value": %s, "WindowSeconds": %s}}' "$@"
}
rules x <<<"{\"Conditions\": [$(rate MAIL_FROM GREATER_THAN 2 60)], $relay}"
coming() { # ID SECOND FROM
	printf 'mail 1 0\nid: %s\nreceived: 2026-11-24T10:00:%sZ\nclient-ip: 192.0.2.1\n' "$1" "$2"
	printf 'mail-from: <%s>\nrcpt-to: <b@a.example>\nrcpt-to: <c@a.example>\n\n' "$3"
}
relayed() {
	mm-rule -n x | tr -d '\r' | awk '/^id: / {id = $2} /^plan: .* Relay / {print id}' | paste -sd' '
}
is "the third of a sender, not that of another" "$({
	coming a 01 x@x.example
	coming b 02 X@x.example
	coming b 02 x@x.example
	coming c 03 y@x.example
	coming d 04 x@x.example
	coming e 05 x@x.example
} | relayed)" "d e"
is "those before the window do not count" "$({
	for i in 1 2 3; do coming "a$i" "0$i" x@x.example; done
	coming b 59 x@x.example | sed 's/10:00/10:02/'
} | relayed)" "a3"
rules x <<<"{\"Conditions\": [$(rate RECIPIENT GREATER_THAN 1 60)], $relay}"
is "a rate of recipients" "$({
	coming a 01 x@x.example
	coming b 02 x@x.example | sed '/<c@/d'
} | mm-rule -n x | fields 'plan' | grep Relay)" "plan: x 0/0 - Relay one <b@a.example>"
rules x <<<"{\"Conditions\": [$(rate SOURCE_IP LESS_THAN_OR_EQUAL 1 60)], $relay}"
is "a rate of addresses: IPv6 by networks" "$({
	coming a 01 x@x.example | sed 's/192.0.2.1/2001:db8::1/'
	coming b 02 x@x.example | sed 's/192.0.2.1/2001:db8::2/'
	coming c 03 x@x.example | sed 's/192.0.2.1/2001:db8:0:1::2/'
} | relayed)" "a c"
rules x <<<"{\"Conditions\": [$(rate AUTH_USER GREATER_THAN 0 60)], $relay}"
is "what is absent has no rate" "$(coming a 01 x@x.example | relayed)" ""

# What is wrong is told with its place, strictly and leniently.
bad() { # NAME EXPECTED CONDITION
	rules x <<<"{\"Conditions\": [$3], $relay}"
	mm-rule --check x >"$T/out"
	is "$1" "$(sed "s|^$S/rule-sets/x.json:||" "$T/out")" "$2"
}
at='Rules[0].Conditions[0]'
bad "no regular expression" \
	"2:121: $at.RegexExpression.Values[1]: expected a regular expression: missing closing parenthesis at octet 2" \
	"$(text Regex Header:Subject MATCHES '"a", "(b"')"
bad "no time zone" \
	"2:71: $at.TimeExpression.TimeZone: expected a time zone such as Europe/Berlin, found \"Mars/Base\"" \
	"$(moment WITHIN '"TimeZone": "Mars/Base"')"
bad "no time of day" "2:67: $at.TimeExpression.From: expected a time of day from 00:00 to 24:00" \
	"$(moment WITHIN '"From": "25:00"')"
bad "a member that is none" "2:30: $at.AnyOf[0].Nots: unknown member; did you mean \"Not\"?" \
	'{"AnyOf": [ {"Nots": {}}]}'
deep=$mail
for _ in 1 2 3 4 5; do deep="{\"Not\": $deep}"; done
rules x <<<"{\"Conditions\": [$deep], $relay}"
exit_is "groups that are too deep" 65 mm-rule --check --lenient x
like "and says how deep they may be" "$(cat "$T/.out")" "in groups at most 4 deep"
rules x <<<"{\"Conditions\": [$(rate FROM GREATER_THAN 20000 60)], $relay}"
exit_is "a rate above what is counted, leniently" 65 mm-rule --check --lenient x

# Lints see through groups.
lint() { # NAME EXPECTED CONDITION...
	local name=$1 expected=$2 IFS=,
	shift 2
	rules x < <(printf '{"Conditions": [%s], %s},\n{%s}\n' "$*" "$relay" "$relay")
	mm-rule --check x >"$T/out"
	is "$name" "$(sed "s|^$S/rule-sets/x.json:[0-9]*:[0-9]*: ||" "$T/out")" "$expected"
}
a=$(rcpt EQUALS a@a.example) b=$(rcpt EQUALS b@a.example) dom=$(rcpt ENDS_WITH @a.example)
lint "AnyOf that may hold" "" "{\"AnyOf\": [$a, $b]}"
lint "AnyOf, and what excludes all of it" \
	"Rules[0].Conditions[1]: warning: contradicts Conditions[0], RECIPIENT ENDS_WITH @c.example: the rule never matches" \
	"$(rcpt ENDS_WITH @c.example)" "{\"AnyOf\": [$a, $b]}"
lint "AllOf that contradicts itself" "$at: warning: never holds: the rule never matches" "{\"AllOf\": [$a, $b]}"
lint "needless beside AnyOf" \
	"Rules[0].Conditions[1]: warning: says no more than Conditions[0], (RECIPIENT EQUALS a@a.example or RECIPIENT EQUALS b@a.example)" \
	"{\"AnyOf\": [$a, $b]}" "$dom"
lint "Not against what it denies" \
	"Rules[0].Conditions[1]: warning: contradicts Conditions[0], RECIPIENT EQUALS a@a.example: the rule never matches" \
	"$a" "{\"Not\": $dom}"
lint "times that never meet" \
	"Rules[0].Conditions[1]: warning: contradicts Conditions[0], TIME WITHIN MONDAY UTC: the rule never matches" \
	"$(moment WITHIN '"Days": ["MONDAY"]')" "$(moment WITHIN '"Days": ["TUESDAY"], "From": "08:00"')"
lint "the same expression denied" \
	"Rules[0].Conditions[1]: warning: contradicts Conditions[0], Subject MATCHES x: the rule never matches" \
	"$(text Regex Header:Subject MATCHES '"x"')" "$(text Regex Header:Subject NOT_MATCHES '"y", "x"')"
lint "a word that no result is" \
	"$at.StringExpression.Values[0]: warning: never matches: the words are none, pass and fail" \
	"$(text String Extended:ARC_RESULT EQUALS '"good"')"
lint "within a group too" \
	"$at.AnyOf[1].StringExpression.Values[0]: warning: never matches: a recipient has one @" \
	"{\"AnyOf\": [$a, $(rcpt EQUALS a@b@c)]}"
done_testing
