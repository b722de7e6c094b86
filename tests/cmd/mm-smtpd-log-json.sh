#!/bin/bash
# --log-json: accepted messages by AWS's names.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3 openssl jq

cd "$T" || exit 1
events() { # LOG: the events, what differs from run to run masked
	grep -a '^{' "$1" | jq -cS '.event_timestamp |= (if type == "number" and . > 1.6e12 then 0 else . end) |
		.message_id |= (if test("^[0-9A-HJKMNP-TV-Z]{26}$") then "ULID" else . end)'
}
one_session() { # SENDER RECIPIENT...: on standard input, without an ingress point
	local sender=$1 rcpt
	shift
	{
		printf '%s\r\n' 'EHLO me.example' "MAIL FROM:$sender"
		for rcpt; do
			printf 'RCPT TO:%s\r\n' "$rcpt"
		done
		printf '%s\r\n' DATA 'Subject: x' . QUIT
	} | mm-smtpd --no-policy --hostname mx.test --log-json -- "$answer" >/dev/null 2>log
}

one_session '<a@b.example> SIZE=20' '<c@d.example> NOTIFY=NEVER' '<"q\"uoted}"@d.example>'
is 'an accepted message' "$(events log)" \
	'{"event_timestamp":0,"message_id":"ULID","message_size_bytes":12,"recipients":["c@d.example","\"q\\\"uoted}\"@d.example"],"smtp_helo":"me.example","smtp_mail_from":"a@b.example"}'
is 'beside the line that there always is' "$(grep -c 'msg=message ' log)" 1
is 'with the same id' "$(grep '^{' log | jq -r .message_id)" \
	"$(sed -n 's/.*msg=message id=\([^ ]*\).*/\1/p' log)"
one_session '<>' '<c@d.example>'
is 'the null sender' "$(grep '^{' log | jq -c .smtp_mail_from)" '""'
for who in perm temp silent liar mixed; do
	one_session '<a@b.example>' "<$who@d.example>"
	is "not one that is not accepted: $who" \
		"$(grep -c '^{' log) $(grep -c 'msg=message ' log)" '0 1'
done
printf '%s\r\n' 'EHLO me.example' 'MAIL FROM:<a@b.example>' 'RCPT TO:<c@d.example>' DATA . QUIT |
	mm-smtpd --no-policy -- "$answer" >/dev/null 2>log
is 'nor without the option' "$(grep -c '^{' log) $(grep -c 'status=ok' log)" '0 1'

# Ingress points

certificate
mkdir -p site/{ingress-points,tls,secrets} ca
cp cert.pem key.pem site/tls/
: >ca/index
cat >ca/conf <<'END2'
[ca]
default_ca = own
[own]
database = ca/index
default_md = sha256
default_crl_days = 30
END2
authority() { # NAME DAYS
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-keyout "$1.key" -out "$1.pem" -subj "/CN=$1" -days "$2" 2>/dev/null
}
ingress() { # FILE CONFIGURATION MEMBERS
	printf '{"IngressPointName":"%s","RuleSetId":"rs-1","TrafficPolicyId":"p",
		"IngressPointConfiguration":%s,%s}' "$1" "$2" "$3" >"site/ingress-points/$1.json"
}
authority near 30
authority far 400
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout alice.key \
	-out alice.csr -subj /CN=alice/CN=second 2>/dev/null
openssl x509 -req -in alice.csr -CA near.pem -CAkey near.key -set_serial 0x1001 -days 30 \
	-extfile <(echo 'subjectAltName=DNS:a.example,email:a@b.example') -out alice.crt 2>/dev/null
cat alice.crt alice.key >alice.both
openssl ca -config ca/conf -keyfile far.key -cert far.pem -gencrl -out far.crl 2>/dev/null
trust() { # CAS CRLS
	jq -n --rawfile ca "$1" --rawfile crl "$2" \
		'{TlsAuthConfiguration:{TrustStore:{CAContent:$ca,CrlContent:$crl}}}'
}
send_mutual() {
	talk <<END2 | tail -n 1
EHLO me.example
@cert $T/alice.both
@starttls 1.2
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
DATA
@send Subject: x
.
END2
}
date_of() { # -startdate | -enddate
	date -u -d "$(openssl x509 -in alice.crt -noout "$1" | sed 's/.*=//')" +%FT%T.000Z
}
arn=arn:aws:ses:eu-west-1:123456789012:mailmanager-ingress-point/inp-1
ingress mutual "$(trust <(cat near.pem far.pem) far.crl)" \
	"\"Type\":\"MTLS\",\"IngressPointId\":\"inp-1\",\"IngressPointArn\":\"$arn\""
smtpd mutual -C site -i mutual --no-policy --log-json -- "$answer"
is 'with a client certificate' "$(send_mutual)" '250 2.0.0 stored'
is 'what is logged of it' "$(logged mutual '^{' >event && events event | jq .)" "$(jq -S . <<END2
{"event_timestamp":0,"ingress_point_id":"inp-1","ingress_point_metadata":{
"client_certificate_details":{"common_names":["alice","second"],"issuer":"CN=near",
"not_after":"$(date_of -enddate)","not_before":"$(date_of -startdate)",
"serial_number":"1001","subject_alternative_names":["a.example","a@b.example"]},
"trust_store_monitoring":{"ca_invalid_or_near_expiry":["CN=near"],
"crl_invalid_or_near_expiry":["CN=far"]}},"ingress_point_name":"mutual",
"ingress_point_type":"MTLS","message_id":"ULID","message_size_bytes":12,
"recipients":["c@d.example"],"resource_arn":"$arn","rule_set_id":"rs-1",
"sender_ip_address":"127.0.0.1","smtp_helo":"me.example","smtp_mail_from":"a@b.example",
"tls_cipher_suite":"ECDHE-ECDSA-AES256-GCM-SHA384","tls_protocol":"TLSv1.2"}
END2
)"

ingress mutual "$(trust <(cat far.pem; for _ in {1..12}; do cat near.pem; done) far.crl)" '"Type":"MTLS"'
kill -HUP "$(cat mutual.pid)"
ok 'SIGHUP' wait_for 'reload' grep -q 'read again' mutual.log
is 'another trust store' "$(send_mutual)" '250 2.0.0 stored'
two_events() {
	[ "$(grep -c '^{' mutual.log)" -eq 2 ]
}
wait_for 'the second event' two_events
is 'at most ten names' "$(grep '^{' mutual.log | tail -n 1 | jq '.ingress_point_metadata.trust_store_monitoring |
	map_values(length) | add')" 11

secret=arn:aws:secretsmanager:eu-west-1:123456789012:secret:submit
ingress submit "{\"SecretArn\":\"$secret\"}" '"Type":"AUTH"'
echo secret | mm-smtpd passwd anna >site/secrets/submit
smtpd submit -C site -i submit --no-policy --log-json -- "$answer"
is 'with a login' "$(talk <<END2 | tail -n 1
EHLO me.example
@starttls
EHLO me.example
AUTH PLAIN $(printf '\0anna\0secret' | base64)
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
DATA
@send Subject: x
.
END2
)" '250 2.0.0 stored'
is 'which secret, and the name for the id' "$(logged submit '^{' |
	jq -c '[.ingress_point_type, .ingress_point_id, .resource_arn, .ingress_point_metadata]')" \
	"[\"AUTH\",\"submit\",null,{\"secrets_manager_arn\":\"$secret\"}]"

done_testing
