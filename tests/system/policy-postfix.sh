#!/bin/bash
# A real Postfix asks mm-policy by check_policy_service: one smtpd by spawn(8), one
# over a socket.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/postfix.sh"
need mm-policy postfix swaks openssl
[ "$(id -u)" -eq 0 ] || skip_all 'Postfix needs root'
[ -x /usr/lib/postfix/sbin/master ] || skip_all 'no /usr/lib/postfix/sbin/master'
chmod 755 "$T"
mkdir -p "$T"/{bin,site/traffic-policies,etc}
cp "$B/mm-policy" "$T/bin/" # the checkout may be closed to others
cat >"$T/site/traffic-policies/inbound.json" <<'END'
{
  "TrafficPolicyName": "inbound",
  "DefaultAction": "DENY",
  "MaxMessageSizeBytes": 20000,
  "PolicyStatements": [
    { "Action": "DENY", "Conditions": [
      { "StringExpression": { "Evaluate": { "Attribute": "RECIPIENT" },
        "Operator": "STARTS_WITH", "Values": [ "eve@", "\"e v\"@" ] } } ] },
    { "Action": "ALLOW", "Conditions": [
      { "TlsExpression": { "Evaluate": { "Attribute": "TLS_PROTOCOL" },
        "Operator": "MINIMUM_TLS_VERSION", "Value": "TLS1_2" } },
      { "IpExpression": { "Evaluate": { "Attribute": "SENDER_IP" },
        "Operator": "CIDR_MATCHES", "Values": [ "127.0.0.0/8" ] } } ] } ]
}
END
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
	-keyout "$T/etc/key.pem" -out "$T/etc/cert.pem" -subj /CN=mx.test 2>/dev/null

start policy "$T/bin/mm-policy" -C "$T/site" --log-json --postfix --listen 127.0.0.1:0 inbound
wait_for 'mm-policy listens' grep -q 'msg=listening .*port=' "$T/policy.log"
policy_port=$(sed -n 's/.*msg=listening .*port=//p' "$T/policy.log")
spawn_port=$(free_port) socket_port=$(free_port)
postfix_start "$spawn_port" "
myhostname = mx.test
mydestination = x.example
local_transport = discard:
mynetworks =
smtpd_tls_security_level = may
smtpd_tls_cert_file = $T/etc/cert.pem
smtpd_tls_key_file = $T/etc/key.pem
smtpd_relay_restrictions = reject_unauth_destination
spawned = check_policy_service unix:private/mm-policy
connected = check_policy_service inet:127.0.0.1:$policy_port" "\
127.0.0.1:$spawn_port inet n - n - - smtpd
  -o smtpd_recipient_restrictions=\$spawned -o smtpd_end_of_data_restrictions=\$spawned
127.0.0.1:$socket_port inet n - n - - smtpd
  -o smtpd_recipient_restrictions=\$connected -o smtpd_end_of_data_restrictions=\$connected
mm-policy unix - n n - 0 spawn
  user=nobody argv=$T/bin/mm-policy -C $T/site --postfix inbound"
wait_for Postfix port_open "$socket_port"

# send PORT RCPT OPTION...: the replies to RCPT and to the message, queue ids masked
send() {
	local port=$1 rcpt=$2
	shift 2
	swaks --server 127.0.0.1 --port "$port" --helo client.test --from a@b.example --to "$rcpt" \
		--tls-protocol tlsv1_2 "$@" 2>&1 | grep -aE '^<(~\*|~ |\*\*|-)' |
		sed -nE 's/queued as .*/queued/; s/^<..? +(250 2.1.5|250 2.0.0|55[0-9]) ?(.*)/\1 \2/p'
}
for how in spawn socket; do
	port=${how}_port port=${!port}
	is "$how: what the policy allows" "$(send "$port" bob@x.example --tls)" '250 2.1.5 Ok
250 2.0.0 Ok: queued'
	is "$how: not without TLS" "$(send "$port" bob@x.example)" \
		'550 5.7.1 <bob@x.example>: Recipient address rejected: refused by policy'
	is "$how: DENY comes first" "$(send "$port" eve@x.example --tls)" \
		'550 5.7.1 <eve@x.example>: Recipient address rejected: refused by policy'
	is "$how: a quoted local part" "$(send "$port" '"e v"@x.example' --tls)" \
		'550 5.7.1 <e v@x.example>: Recipient address rejected: refused by policy'
	is "$how: a declared size that is too large" \
		"$(printf 'EHLO c\n@starttls 1.2\nEHLO c\nMAIL FROM:<a@b.example> SIZE=20001\nRCPT TO:<bob@x.example>\nQUIT\n' |
			"$top/tests/tools/smtp-talk.py" "$port" | grep -a '^55')" \
		'552 5.3.4 <bob@x.example>: Recipient address rejected: larger than the 20000 octets that the policy allows'
	is "$how: a message that is too large" \
		"$(send "$port" bob@x.example --tls --body "$(seq 5000)")" \
		'250 2.1.5 Ok
552 5.3.4 <END-OF-MESSAGE>: End-of-data rejected: larger than the 20000 octets that the policy allows'
done
like 'Postfix says what it sent' "$(cat "$T/policy.log")" \
	'"traffic_policy_verdict":"ACCEPT","sender_ip_address":"127.0.0.1","smtp_mail_from":"a@b.example","smtp_helo":"client.test","tls_protocol":"TLSv1.2","tls_cipher_suite":"[A-Z0-9-]+","recipient":"bob@x.example"}'
unlike 'nobody complains' "$(cat "$T/postfix.maillog")" 'warning: (problem|unknown|timeout|premature|invalid)'
done_testing
