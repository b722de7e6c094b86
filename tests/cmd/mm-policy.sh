#!/bin/bash
. "$(dirname "$0")/../lib/tap.sh"
need mm-policy
export MM_SITE=$T/site
mkdir -p "$T/site"/{traffic-policies,ingress-points,address-lists,addons}

# policy NAME DEFAULT STATEMENTS [MEMBERS]
policy() {
	printf '{"TrafficPolicyName":"%s","DefaultAction":"%s","PolicyStatements":[%s]%s}\n' \
		"$1" "$2" "$3" "${4:-}" >"$T/site/traffic-policies/$1.json"
}
# condition KIND EVALUATE OPERATOR VALUES
condition() {
	printf '{"%s":{"Evaluate":%s,"Operator":"%s"%s}}' "$1" "$2" "$3" "${4:+,$4}"
}
statement() { # ACTION CONDITION...
	local action=$1 IFS=,
	shift
	printf '{"Action":"%s","Conditions":[%s]}' "$action" "$*"
}
tls13=$(condition TlsExpression '{"Attribute":"TLS_PROTOCOL"}' MINIMUM_TLS_VERSION '"Value":"TLS1_3"')
to_eve=$(condition StringExpression '{"Attribute":"RECIPIENT"}' STARTS_WITH '"Values":["eve@","mallory@"]')
from_net=$(condition IpExpression '{"Attribute":"SENDER_IP"}' CIDR_MATCHES '"Values":["192.0.2.0/24"]')
listed=$(condition BooleanExpression '{"Analysis":{"Analyzer":"ai-1","ResultField":"addon.Listed"}}' IS_TRUE)
vip=$(condition BooleanExpression '{"IsInAddressList":{"Attribute":"RECIPIENT","AddressLists":["vips"]}}' IS_TRUE)

# record ID FIELD... : an envelope
record() {
	printf 'mail 1 0\nid: %s\n' "$1"
	shift
	printf '%s\n' "$@" ''
}
# run POLICY FIELD...: what the filter makes of one envelope, without its first line
run() {
	local name=$1
	shift
	record r "$@" | mm-policy "$name" | tail -n +2
}

policy inbound DENY "$(statement ALLOW "$tls13"),$(statement DENY "$to_eve")"
bob='rcpt-to: <bob@x.example>'

is 'TLS 1.3 is allowed' "$(run inbound 'x-unknown: kept' 'tls: TLSv1.3' 'rcpt-to: <bob@x.example> NOTIFY=NEVER')" \
	'id: r
x-unknown: kept
tls: TLSv1.3
rcpt-to: <bob@x.example> NOTIFY=NEVER
policy: allow policy=inbound statement=0'
denied='policy: deny policy=inbound default
result: <bob@x.example> permfail 550 5.7.1 refused by policy
status: permfail
reply: 550 5.7.1 refused by policy'
is 'TLS 1.2 is not' "$(run inbound 'tls: TLSv1.2' "$bob")" "id: r
tls: TLSv1.2
$denied"
is 'no TLS is below the minimum' "$(run inbound "$bob")" "id: r
$denied"
is 'each recipient by itself, DENY before the ALLOW that stands first' \
	"$(run inbound 'tls: TLSv1.3' 'rcpt-to: <a@x>' 'rcpt-to: <Eve@x> ORCPT=rfc822;e@x' 'rcpt-to: <b@x>' 'rcpt-to: <mallory@x>')" \
	'id: r
tls: TLSv1.3
rcpt-to: <a@x>
rcpt-to: <b@x>
policy: allow policy=inbound statement=0
policy: deny policy=inbound statement=1
result: <Eve@x> permfail 550 5.7.1 refused by policy
result: <mallory@x> permfail 550 5.7.1 refused by policy'
is 'a record that failed passes untouched' \
	"$(run inbound "$bob" 'status: tempfail' 'reply: 451 4.3.0 later')" "id: r
$bob
status: tempfail
reply: 451 4.3.0 later"
is 'dry run' "$(record r "$bob" | mm-policy -n inbound)" "mail 1 0
id: r
$bob
policy: deny policy=inbound default"

policy both DENY "$(statement ALLOW "$tls13" "$from_net"),$(statement ALLOW "$vip")"
printf '# people\nbob*@x.example\n' >"$T/site/address-lists/vips"
is 'conditions of a statement all hold, of the statements one' \
	"$(for f in 'client-ip: 192.0.2.9' 'client-ip: 198.51.100.1' 'client-ip: ::ffff:192.0.2.1'; do
		run both 'tls: TLSv1.3' "$f" 'rcpt-to: <c@x>' | grep policy:
		run both "$f" "$bob" | grep policy:
	done)" 'policy: allow policy=both statement=0
policy: allow policy=both statement=1
policy: deny policy=both default
policy: allow policy=both statement=1
policy: allow policy=both statement=0
policy: allow policy=both statement=1'

policy listed ALLOW "$(statement DENY "$listed")"
is 'an analysis' "$(run listed 'analysis: dnsbl listed TRUE' 'rcpt-to: <a@x>' | grep -c permfail)" 0
printf '{"AddonInstanceId":"ai-1","Analyzer":"dnsbl"}' >"$T/site/addons/bl.json"
is 'an analysis by the name of its add-on' "$(run listed 'analysis: dnsbl Listed yes' 'rcpt-to: <a@x>' | grep policy:)" \
	'policy: deny policy=listed statement=0'

policy small ALLOW '' ',"MaxMessageSizeBytes":100'
is 'a declared size at the limit' "$(run small 'mail-from: <a@b> SIZE=100' "$bob")" "id: r
mail-from: <a@b> SIZE=100
$bob
policy: allow policy=small default
size-limit: 100"
is 'a declared size above it' "$(run small 'mail-from: <a@b> BODY=8BITMIME SIZE=101' "$bob" | tail -n 4)" \
	'size-limit: 100
status: permfail
reply: 552 5.3.4 larger than the 100 octets that the policy allows'
body=$(printf '%*s' 101 '')
is 'a message above it' "$(printf 'mail 1 101\nid: a\n%s\n\n%s' "$bob" "$body" | mm-policy small | grep -a ^reply:)" \
	'reply: 552 5.3.4 larger than the 100 octets that the policy allows'
is 'a message at it' "$(printf 'mail 1 100\nid: a\n%s\n\n%.100s' "$bob" "$body" | mm-policy small | grep -ac ^reply:)" 0

# operands
printf 'Subject: x\n\nhello\n' >"$T/m"
exit_is 'an operand allowed' 0 mm-policy --field tls=TLSv1.3 --rcpt-to bob@x.example inbound "$T/m"
exit_is 'an operand refused' 77 mm-policy --rcpt-to bob@x.example inbound "$T/m"
exit_is 'a bare message on standard input' 77 mm-policy --rcpt-to bob@x.example inbound - <"$T/m"
policy tiny ALLOW '' ',"MaxMessageSizeBytes":1'
exit_is 'an operand too large' 69 mm-policy --rcpt-to bob@x.example tiny "$T/m"
exit_is 'no such policy' 75 mm-policy nowhere
exit_is 'no policy' 75 mm-policy
exit_is 'a bad option' 75 mm-policy --frobnicate inbound
exit_is 'help' 0 mm-policy --help

# references
printf '{"IngressPointName":"port25","Type":"OPEN","RuleSetId":"r","TrafficPolicyId":"tp-77"}' >"$T/site/ingress-points/port25.json"
exit_is 'an ingress point whose policy is missing' 75 mm-policy port25
like 'says where' "$(cat "$T/.err")" 'ingress-points/port25.json:1:[0-9]+: TrafficPolicyId: there is no traffic policy .*tp-77'
policy exported ALLOW '' ',"TrafficPolicyId":"tp-77","CreatedTimestamp":1.5'
for name in port25 tp-77 arn:aws:ses:eu-west-1:1:mailmanager-traffic-policy/tp-77 "$T/site/traffic-policies/exported.json"; do
	is "policy by $name" "$(run "$name" "$bob" | grep policy:)" 'policy: allow policy=exported default'
done

# settings
printf '{"DenyReply":"554 5.7.1 go away","CaseSensitive":true}' >"$T/site/site.json"
is 'reply and case are settings' "$(run inbound 'tls: TLSv1.3' 'rcpt-to: <eve@x>' 'rcpt-to: <EVE@x>')" 'id: r
tls: TLSv1.3
rcpt-to: <EVE@x>
policy: deny policy=inbound statement=1
policy: allow policy=inbound statement=0
result: <eve@x> permfail 554 5.7.1 go away'
rm "$T/site/site.json"

# check
printf '{"TrafficPolicyName":"x","PolicyStatements":[{"Action":"PERMIT","Conditions":[]}]}' >"$T/bad.json"
policy lost ALLOW "$(statement DENY "${vip/vips/nobody}")"
exit_is 'check finds every error' 65 mm-policy --check inbound "$T/bad.json" lost
is 'and tells its place' "$(sed "s|$T/||" "$T/.out")" \
	'bad.json:1:22: TrafficPolicyName: expected a traffic policy name (letters, digits, _ and -) of 3 to 63 characters, it has 1
bad.json:1:56: PolicyStatements[0].Action: expected "ALLOW" or "DENY", found "PERMIT"
bad.json:1:78: PolicyStatements[0].Conditions: expected at least 1 item, found 0
bad.json:1:1: expected a member "DefaultAction": "ALLOW" or "DENY"
site/traffic-policies/lost.json:1:197: PolicyStatements[0].Conditions[0].BooleanExpression.Evaluate.IsInAddressList.AddressLists[0]: there is no address list "nobody"; expected the file '"$T"'/site/address-lists/nobody'
exit_is 'lenient check' 0 mm-policy --check --lenient lost
like 'still warns' "$(cat "$T/.out")" 'warning: there is no address list'
exit_is 'check of what is fine is silent' 0 mm-policy --check inbound both listed small
is 'silent' "$(cat "$T/.out" "$T/.err")" ''
echo '{' >"$T/bad.json"
exit_is 'not JSON' 65 mm-policy --check "$T/bad.json"

# explain
is 'explain' "$(mm-policy --explain --ip 192.0.2.7 --mail-from a@b.example --rcpt-to eve@x.example --field tls=TLSv1.2 inbound)" \
	'policy inbound, <a@b.example> to <eve@x.example>
  statement 1  DENY   holds
    yes  RECIPIENT STARTS_WITH eve@, mallory@     found eve@x.example
  statement 0  ALLOW  does not hold
    no   TLS_PROTOCOL MINIMUM_TLS_VERSION TLS1_3  found TLSv1.2
  denied by statement 1'
is 'explain of a stream' "$(record a 'rcpt-to: <a@x>' 'mail-from: <> SIZE=200' | mm-policy --explain small)" \
	'policy small, <> SIZE=200 to <a@x>
  allowed by default
  size 200 of 100 octets allowed: too large'
is 'explain ends with the stream' "$(printf 'mail 1 x\n' | mm-policy --explain small 2>/dev/null; echo $?)" 65
is 'a decision is logged with its reason' "$(record i9 'client-ip: 192.0.2.7' "$bob" | MM_LOG=debug mm-policy inbound 2>&1 >/dev/null)" \
	'level=debug prog=mm-policy msg=denied id=i9 client-ip=192.0.2.7 rcpt-to=<bob@x.example> policy=inbound by=default reason="TLS_PROTOCOL MINIMUM_TLS_VERSION TLS1_3 (found no TLS); RECIPIENT STARTS_WITH eve@, mallory@ (found bob@x.example)"'

# debug logs
policy logged DENY "$(statement ALLOW "$tls13" "$from_net"),$(statement DENY "$to_eve"),$(statement ALLOW "$vip"),$(statement ALLOW "$listed")" \
	',"MaxMessageSizeBytes":100,"TrafficPolicyId":"tp-5"'
# logs FIELD...: the lines that the policy writes about an envelope
logs() {
	record r1 "$@" | mm-policy --log-json logged 2>&1 >/dev/null |
		sed -E 's/"event_timestamp":[0-9]{13},/"event_timestamp":0,/'
}
condition_of() { # ATTRIBUTE OPERATOR VALUE RESULT
	printf '{"expression":{"attribute":"%s","operator":"%s","value":[%s]},"expressionResult":%s}' "$@"
}
eve_no=$(condition_of RECIPIENT STARTS_WITH '"eve@","mallory@"' false)
tls_no=$(condition_of TLS_PROTOCOL MINIMUM_TLS_VERSION '"TLS1_3"' false)
net_yes=$(condition_of SENDER_IP CIDR_MATCHES '"192.0.2.0/24"' true)
of() { # ACTION CONDITIONS MATCHED
	printf '{"action":"%s","conditions":[%s],"policyStatementMatched":%s}' "$@"
}
begin='{"event_timestamp":0,'
policy_id='"traffic_policy_id":"tp-5","traffic_policy_evaluation":['
is 'debug logs: each recipient, up to what decided, and the size' \
	"$(logs 'session: s1' 'ingress: port25' 'client-ip: 192.0.2.7' 'helo: mx' 'tls: TLSv1.2' 'tls-cipher: X' \
		'mail-from: <a@b> SIZE=200' 'rcpt-to: <bob@x.example> NOTIFY=NEVER' 'rcpt-to: <Eve@x>')" \
	"$begin\"ingress_point_id\":\"port25\",\"ingress_point_session_id\":\"s1\",$policy_id$(of DENY "$eve_no" false),$(
		of ALLOW "$tls_no,$net_yes" false),$(
		of ALLOW "$(condition_of RECIPIENT IS_TRUE '"vips"' true)" true
	),{\"action\":\"DENY\",\"allowedMessageSize\":100,\"receivedMessageSize\":200,\"scope\":\"Data\"}],\"traffic_policy_verdict\":\"REJECT\",\"sender_ip_address\":\"192.0.2.7\",\"smtp_mail_from\":\"a@b\",\"smtp_helo\":\"mx\",\"tls_protocol\":\"TLSv1.2\",\"tls_cipher_suite\":\"X\",\"recipient\":\"bob@x.example\"}
$begin\"ingress_point_id\":\"port25\",\"ingress_point_session_id\":\"s1\",$policy_id$(of DENY "${eve_no/false/true}" true
	)],\"traffic_policy_verdict\":\"REJECT\",\"sender_ip_address\":\"192.0.2.7\",\"smtp_mail_from\":\"a@b\",\"smtp_helo\":\"mx\",\"tls_protocol\":\"TLSv1.2\",\"tls_cipher_suite\":\"X\",\"recipient\":\"Eve@x\"}"
is 'debug logs: the default, and what is not known' "$(logs 'mail-from: <>' 'rcpt-to: <c@x>')" \
	"$begin\"ingress_point_session_id\":\"r1\",$policy_id$(of DENY "$eve_no" false),$(
		of ALLOW "$tls_no,${net_yes/true/false}" false),$(
		of ALLOW "$(condition_of RECIPIENT IS_TRUE '"vips"' false)" false),$(
		of ALLOW "$(condition_of 'ai-1 addon.Listed' IS_TRUE '' false)" false
	),{\"action\":\"DENY\",\"policyStatementMatched\":true,\"type\":\"DefaultAction\",\"scope\":\"Recipient\"}],\"traffic_policy_verdict\":\"REJECT\",\"smtp_mail_from\":\"\",\"recipient\":\"c@x\"}"
like 'debug logs: accepted' "$(logs "$bob")" '"traffic_policy_verdict":"ACCEPT","recipient":"bob@x.example"}$'

# reload, as a coprocess: a record in, a record out
policy moving ALLOW ''
coproc gate { mm-policy moving 2>"$T/gate.log"; }
pid=$gate_PID input=${gate[1]}
ask() {
	local line
	record q "rcpt-to: <$1@x.example>" >&"$input"
	while IFS= read -r line <&"${gate[0]}" && [ -n "$line" ]; do
		case $line in policy:*) verdict=${line#policy: } ;; esac
	done
}
answers() { # EXPECTED WHO
	verdict=
	ask "$2"
	[ "$verdict" = "$1" ]
}
ok 'allowed at first' answers 'allow policy=moving default' bob
policy moving DENY "$(statement ALLOW "$vip")"
# ask() must run in this shell, where the coprocess's descriptors are.
until_answers() {
	local end=$((SECONDS + 20))
	until answers "$1" "$2" || [ $SECONDS -ge $end ]; do
		sleep 0.1
	done
	is "$3" "$verdict" "$1"
}
until_answers 'deny policy=moving default' carl 'a changed policy is read again'
ok 'with its list' answers 'allow policy=moving statement=0' bob
printf 'carl@x.example\n' >"$T/site/address-lists/vips.new"
mv "$T/site/address-lists/vips.new" "$T/site/address-lists/vips"
until_answers 'allow policy=moving statement=0' carl 'a changed list too'
echo '{"Broken":1}' >"$T/site/traffic-policies/moving.json"
broken_is_told() {
	ask bob
	grep -q 'policy moving stays as it was before' "$T/gate.log"
}
end=$((SECONDS + 20))
until broken_is_told || [ $SECONDS -ge $end ]; do sleep 0.1; done
like 'a broken policy is told' "$(cat "$T/gate.log")" 'Broken: unknown member.*stays as it was before'
ok 'and the old one stays' answers 'allow policy=moving statement=0' carl
exec {input}>&-
wait "$pid"

# endings
if [ -e /dev/full ]; then
	record a "$bob" | mm-policy inbound >/dev/full 2>/dev/null
	is 'a full disk is an error' $? 75
fi
record a "$bob" | head -c 12 | mm-policy inbound >/dev/null 2>&1
is 'a cut stream is refused' $? 65
done_testing
