#!/bin/bash
# mm-policy --check: what is valid and yet surely not meant.
. "$(dirname "$0")/../lib/tap.sh"
need mm-policy
export MM_SITE=$T/site
mkdir -p "$T/site/address-lists"
echo x.example >"$T/site/address-lists/vips"
cd "$T" || exit 1

condition() { # KIND EVALUATE OPERATOR [VALUES]
	printf '{"%s":{"Evaluate":%s,"Operator":"%s"%s}}' "$1" "$2" "$3" "${4:+,$4}"
}
to() { # OPERATOR "VALUE",...
	condition StringExpression '{"Attribute":"RECIPIENT"}' "$1" "\"Values\":[$2]"
}
ip() {
	condition IpExpression '{"Attribute":"SENDER_IP"}' "$1" "\"Values\":[$2]"
}
ip6() {
	condition Ipv6Expression '{"Attribute":"SENDER_IPV6"}' "$1" "\"Values\":[$2]"
}
tls() {
	condition TlsExpression '{"Attribute":"TLS_PROTOCOL"}' "$1" "\"Value\":\"$2\""
}
vip() {
	condition BooleanExpression \
		'{"IsInAddressList":{"Attribute":"RECIPIENT","AddressLists":["vips"]}}' "$1"
}
listed() {
	condition BooleanExpression '{"Analysis":{"Analyzer":"bl","ResultField":"listed"}}' "$1"
}
country() {
	condition StringExpression '{"Analysis":{"Analyzer":"geo","ResultField":"country"}}' \
		"$1" "\"Values\":[$2]"
}
allow() {
	local IFS=,
	printf '{"Action":"ALLOW","Conditions":[%s]}' "$*"
}
deny() {
	local IFS=,
	printf '{"Action":"DENY","Conditions":[%s]}' "$*"
}

# lint NAME EXPECTED DEFAULT STATEMENT...: the warnings, without line and column
lint() {
	local name=$1 expected=$2 default=$3 got rc IFS=,
	shift 3
	printf '{"TrafficPolicyName":"test","DefaultAction":"%s","PolicyStatements":[%s]}\n' \
		"$default" "$*" >p.json
	got=$(mm-policy --check p.json 2>&1)
	rc=$?
	is "$name" "$(printf '%s\n' "$got" | sed -E 's/^p.json:1:[0-9]+: (.*): warning: /\1: /')
$rc" "${expected//@[/PolicyStatements[}
0"
}

tls12=$(tls MINIMUM_TLS_VERSION TLS1_2) tls13=$(tls MINIMUM_TLS_VERSION TLS1_3)
eve=$(to EQUALS '"eve@x.example"') bob=$(to EQUALS '"bob@x.example"')
net=$(ip CIDR_MATCHES '"192.0.2.0/24"') half=$(ip CIDR_MATCHES '"192.0.2.0/25"')
other=$(ip CIDR_MATCHES '"198.51.100.0/24"')

# place
cat >p.json <<'END'
{
  "TrafficPolicyName": "test",
  "DefaultAction": "DENY",
  "PolicyStatements": [
    { "Action": "ALLOW",
      "Conditions": [
        { "IpExpression": { "Evaluate": { "Attribute": "SENDER_IP" },
                            "Operator": "CIDR_MATCHES",
                            "Values": [ "192.0.2.0/24",
                                        "192.0.2.9/25" ] } } ] },
    { "Action": "DENY",
      "Conditions": [
        { "IpExpression": { "Evaluate": { "Attribute": "SENDER_IP" },
                            "Operator": "CIDR_MATCHES",
                            "Values": [ "198.51.100.0/24" ] } } ] } ] }
END
exit_is 'warnings are no errors' 0 mm-policy --check p.json
is 'with file, line, column and path, all at once' "$(cat "$T/.out")" \
	'p.json:10:41: PolicyStatements[0].Conditions[0].IpExpression.Values[1]: warning: needless: covered by Values[0], "192.0.2.0/24"
p.json:10:41: PolicyStatements[0].Conditions[0].IpExpression.Values[1]: warning: has host bits set; it means 192.0.2.0/25
p.json:11:5: PolicyStatements[1]: warning: never matters: DefaultAction is DENY, and no ALLOW statement takes what this one denies'

# statements
lint 'nothing to say' '' DENY "$(allow "$tls13" "$net")" "$(deny "$eve")" "$(allow "$bob")"
lint 'the same statement twice' '@[1]: never matters: statement 0 allows all that this one does' \
	DENY "$(allow "$net" "$tls12")" "$(allow "$tls12" "$net")"
lint 'a narrower one before a wider one' \
	'@[0]: never matters: statement 1 denies all that this one does' \
	ALLOW "$(deny "$half" "$eve")" "$(deny "$net")"
lint 'a narrower one behind a wider one' \
	'@[1]: never matters: statement 0 denies all that this one does' \
	ALLOW "$(deny "$tls12")" "$(deny "$tls13" "$eve")"
lint 'ALLOW within DENY, which stands behind it' \
	'@[0]: never matters: statement 1 denies all that this one allows' \
	DENY "$(allow "$half" "$bob")" "$(deny "$net")"
lint 'ALLOW partly within DENY' '' DENY "$(allow "$net")" "$(deny "$half")"
lint 'ALLOW where that is the default' \
	'@[1]: never matters: DefaultAction is ALLOW, and DENY comes first' \
	ALLOW "$(deny "$eve")" "$(allow "$bob")"
lint 'DENY where that is the default' \
	'@[0]: never matters: DefaultAction is DENY, and no ALLOW statement takes what this one denies' \
	DENY "$(deny "$eve")"
lint 'DENY beside every ALLOW' \
	'@[1]: never matters: DefaultAction is DENY, and no ALLOW statement takes what this one denies' \
	DENY "$(allow "$net" "$tls12")" "$(deny "$other")" "$(allow "$bob" "$half")"
lint 'address lists' '@[1]: never matters: statement 0 denies all that this one allows' \
	DENY "$(deny "$(vip IS_FALSE)")" "$(allow "$tls13" "$(vip IS_FALSE)")" "$(allow "$(vip IS_TRUE)")"

# contradictions
c1='@[0].Conditions[1]: contradicts Conditions[0], '
no=': the statement never holds'
lint 'networks apart' "${c1}SENDER_IP CIDR_MATCHES 192.0.2.0/24$no" ALLOW "$(deny "$net" "$other")"
lint 'a network and not a wider one' "${c1}SENDER_IP CIDR_MATCHES 192.0.2.0/25$no" \
	ALLOW "$(deny "$half" "$(ip NOT_CIDR_MATCHES '"192.0.2.0/24"')")"
lint 'a network and not a narrower one' '' \
	ALLOW "$(deny "$net" "$(ip NOT_CIDR_MATCHES '"192.0.2.0/25"')")"
lint 'both families at once' "${c1}SENDER_IP CIDR_MATCHES 192.0.2.0/24$no" \
	ALLOW "$(deny "$net" "$(ip6 CIDR_MATCHES '"2001:db8::/32"')")"
lint 'two recipients at once' "${c1}RECIPIENT EQUALS eve@x.example$no" ALLOW "$(deny "$eve" "$bob")"
lint 'a recipient and not it' "${c1}RECIPIENT EQUALS eve@x.example$no" \
	ALLOW "$(deny "$eve" "$(to NOT_EQUALS '"bob@x.example","EVE@x.example"')")"
lint 'a recipient and another prefix' "${c1}RECIPIENT EQUALS eve@x.example$no" \
	ALLOW "$(deny "$eve" "$(to STARTS_WITH '"bob@","e@"')")"
lint 'two prefixes' "${c1}RECIPIENT STARTS_WITH a, b$no" \
	ALLOW "$(deny "$(to STARTS_WITH '"a","b"')" "$(to STARTS_WITH '"ca","cb"')")"
lint 'a prefix and a suffix' '' \
	ALLOW "$(deny "$(to STARTS_WITH '"a"')" "$(to ENDS_WITH '"@x.example"')")"
lint 'TLS 1.2 and at least 1.3' "${c1}TLS_PROTOCOL IS TLS1_2$no" \
	ALLOW "$(deny "$(tls IS TLS1_2)" "$tls13")"
lint 'TLS 1.3 and at least 1.2' \
	'@[0].Conditions[1]: says no more than Conditions[0], TLS_PROTOCOL IS TLS1_3' \
	ALLOW "$(deny "$(tls IS TLS1_3)" "$tls12")"
lint 'in a list and not in it' "${c1}RECIPIENT in vips IS_TRUE$no" \
	ALLOW "$(deny "$(vip IS_TRUE)" "$(vip IS_FALSE)")"
lint 'listed and not' "${c1}bl listed IS_TRUE$no" \
	ALLOW "$(deny "$(listed IS_TRUE)" "$(listed IS_FALSE)")"
lint 'two countries' "${c1}geo country EQUALS DE$no" \
	ALLOW "$(deny "$(country EQUALS '"DE"')" "$(country EQUALS '"FR"')")"
lint 'a condition twice' \
	'@[0].Conditions[1]: says no more than Conditions[0], SENDER_IP CIDR_MATCHES 192.0.2.0/24' \
	ALLOW "$(deny "$net" "$net")"
lint 'a weaker condition before the stronger' \
	'@[0].Conditions[0]: says no more than Conditions[1], SENDER_IP CIDR_MATCHES 192.0.2.0/25' \
	ALLOW "$(deny "$net" "$half")"

# values
v='@[0].Conditions[0].StringExpression.Values'
lint 'networks of a list' "${v/String/Ip}[1]: needless: the same as Values[0], \"192.0.2.0/24\"
${v/String/Ip}[2]: needless: covered by Values[0], \"192.0.2.0/24\"
${v/String/Ip}[4]: has host bits set; it means 10.0.0.0/8" ALLOW \
	"$(deny "$(ip CIDR_MATCHES '"192.0.2.0/24","192.0.2.0/24","192.0.2.128/25","198.51.100.0/24","10.1.2.3/8"')")"
lint 'IPv6 networks' "${v/String/Ipv6}[0]: needless: covered by Values[1], \"2001:db8::/32\"
${v/String/Ipv6}[2]: has host bits set; it means fe80::/10" ALLOW \
	"$(deny "$(ip6 CIDR_MATCHES '"2001:db8:1::/48","2001:db8::/32","fe80::1/10"')")"
lint 'one host has no host bits' '' ALLOW "$(deny "$(ip CIDR_MATCHES '"192.0.2.9/32"')")"
lint 'texts of a list' "${v}[1]: needless: covered by Values[0], \"eve\"
${v}[2]: needless: the same as Values[0], \"eve\"" \
	ALLOW "$(deny "$(to STARTS_WITH '"eve","eve@","EVE","bob"')")"
lint 'two @' "${v}[0]: needless: covered by Values[2], \"a@b\"
${v}[0]: never matches: a recipient has one @" \
	ALLOW "$(deny "$(to STARTS_WITH '"a@b@c","\"a@b\"@c","a@b"')")"
lint 'two @ somewhere inside' '' ALLOW "$(deny "$(to CONTAINS '"a@b@c"')")"
lint 'no recipient is so' "${v}[0]: never matches: a recipient stands here without angle brackets
${v}[1]: never matches: a recipient has no spaces
${v}[2]: never matches: a recipient has an @ and a domain
${v}[3]: never matches: a recipient is not empty" \
	ALLOW "$(deny "$(to EQUALS '"<a@b>"," a@b","x.example","","Postmaster"')")"
lint 'every recipient is so' "${v}[0]: matches every recipient: it is empty" \
	ALLOW "$(deny "$(to ENDS_WITH '""')")"
lint 'no values' "$v: never holds: there are no values" ALLOW "$(deny "$(to EQUALS '')")"
lint 'no values, negated' "$v: always holds: there are no values" \
	ALLOW "$(deny "$(to NOT_EQUALS '')")"
lint 'what an analyser says is any text' '' ALLOW "$(deny "$(country EQUALS '"a@b@c"," DE"')")"
echo '{"CaseSensitive":true}' >"$T/site/site.json"
lint 'capitals where case counts' \
	"${v}[1]: matches only recipients that are written with these capitals: CaseSensitive is true" \
	ALLOW "$(deny "$(to EQUALS '"eve@x.example","Eve@x.example"')")"
cat >"$T/mixed.json" <<'END'
{"TrafficPolicyName": "mixed", "DefaultAction": "MAYBE", "PolicyStatements": [
 {"Action": "ALLOW", "Conditions": [{"BooleanExpression": {"Evaluate": {"IsInAddressList":
  {"Attribute": "RECIPIENT", "AddressLists": ["nowhere"]}}, "Operator": "IS_TRUE"}}]},
 {"Action": "ALLOW", "Conditions": []}]}
END
exit_is 'wrong shapes and a list that is not there' 65 mm-policy --check "$T/mixed.json"
is 'all are told at once' "$(sed -E 's/^[^ ]*:([0-9]+:[0-9]+: [A-Za-z]+).*/\1/' "$T/.out")" \
	'1:49: DefaultAction
4:36: PolicyStatements
3:47: PolicyStatements'

done_testing
