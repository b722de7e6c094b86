#!/bin/bash
# mm-relay tls-report: a day's results as messages and as JSON.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/smtp.sh"
need mm-relay python3 openssl jq

export MM_SITE=$T/site MM_ZONE=$T/zone
mkdir -p "$MM_SITE" "$T/state"
echo "{\"Hostname\": \"gw.example.org\", \"StateDir\": \"$T/state\"}" >"$MM_SITE/site.json"
cat >"$MM_ZONE" <<'Z'
. 3600 IN SOA a. b. 1 3600 600 86400 60
a.example. IN MX 10 mx.example.
b.example. IN MX 10 clear.example.
c.example. IN MX 10 mx.example.
mx.example. IN A 127.0.0.2
clear.example. IN A 127.0.0.3
_smtp._tls.a.example. IN TXT "v=TLSRPTv1; rua=mailto:tls@a.example,https://a.example/tls"
_smtp._tls.a.example. IN TXT "another record"
_smtp._tls.b.example. IN TXT "v=TLSRPTv1;rua=mailto:one@b.example,mailto:two@b.example"
_smtp._tls.c.example. IN TXT "v=TLSRPTv1;rua=https://user@c.example/,http://c.example/"
Z
p=$(free_port)
certificate "$T/cert" mx.example
smtp_sink mx --cert "$T/cert" --listen "127.0.0.2:$p"
smtp_sink clear --listen "127.0.0.3:$p"
printf 'From: a@example.org\r\n\r\nhello\r\n' >"$T/msg"
for rcpt in x@a.example y@a.example x@b.example x@c.example; do
	ok "mail to $rcpt" mm-relay --mx --port "$p" --mail-from a@example.org --rcpt-to $rcpt "$T/msg"
done
file=$(echo "$T"/state/tls-rpt/*.jsonl)
day=$(basename "$file" .jsonl)
is "a line a session" "$(jq -c '[.domain, .problem, .mx, .ip]' "$file")" \
	'["a.example",null,"mx.example","127.0.0.2"]
["a.example",null,"mx.example","127.0.0.2"]
["b.example","starttls-not-supported","clear.example","127.0.0.3"]
["c.example",null,"mx.example","127.0.0.2"]'
policy='{"policy-type":"sts","policy-string":["version: STSv1"],"policy-domain":"a.example","mx-host":["mx.example"]}'
for _ in 1 2; do
	echo "{\"domain\":\"a.example\",\"policy\":$policy,\"problem\":\"certificate-expired\",\"mx\":\"mx.example\",\"ip\":\"127.0.0.2\",\"detail\":\"451 x\"}"
done >>"$file"
echo 'not JSON' >>"$file"

exit_is "reports as JSON" 0 mm-relay tls-report --day "$day" --json
like "what is no result is told" "$(cat "$T/.err")" '1 lines are no TLS results'
is "are what RFC 8460 wants" "$(jq -cS 'select(.domain == "a.example") | .report | del(.["report-id"])' "$T/.out")" \
	"$(jq -cS . <<-Z
		{ "organization-name": "gw.example.org", "contact-info": "postmaster@gw.example.org",
		"date-range": { "start-datetime": "${day}T00:00:00Z", "end-datetime": "${day}T23:59:59Z" },
		"policies": [
		{ "policy": { "policy-type": "no-policy-found", "policy-domain": "a.example" },
		  "summary": { "total-successful-session-count": 2, "total-failure-session-count": 0 } },
		{ "policy": $policy,
		  "summary": { "total-successful-session-count": 0, "total-failure-session-count": 2 },
		  "failure-details": [ { "result-type": "certificate-expired", "receiving-mx-hostname": "mx.example",
			"receiving-ip": "127.0.0.2", "failure-reason-code": "451 x", "failed-session-count": 2 } ] } ] }
	Z
	)"
is "and who wants them" "$(jq -c '[.domain, .rua]' "$T/.out" | sort)" \
	'["a.example",["mailto:tls@a.example","https://a.example/tls"]]
["b.example",["mailto:one@b.example","mailto:two@b.example"]]
["c.example",["https://user@c.example/","http://c.example/"]]'

exit_is "reports as mail" 0 mm-relay tls-report --no-post --day "$day" --contact tls@example.org
is "to those who want it so" "$(grep -aE '^(mail-from|rcpt-to): ' "$T/.out" | sort)" \
	'mail-from: <tls@example.org>
mail-from: <tls@example.org>
rcpt-to: <one@b.example>
rcpt-to: <tls@a.example>
rcpt-to: <two@b.example>'
like "the others are told" "$(cat "$T/.err")" 'a.example wants its TLS report at https://a.example/tls'
is "the message is what RFC 8460 wants" "$(python3 - "$T/.out" <<'P'
import email, email.policy, gzip, json, sys
data = open(sys.argv[1], "rb").read()
while data:
    head, rest = data.split(b"\n\n", 1)
    n = int(head.split()[2])
    body, data = rest[:n], rest[n:]
    if b"a.example" not in head:
        continue
    m = email.message_from_bytes(body, policy=email.policy.default)
    text, attached = m.iter_parts()
    report = json.loads(gzip.decompress(attached.get_payload(decode=True)))
    print(m["From"], m["To"], m["TLS-Report-Domain"], m["TLS-Report-Submitter"], m.get_content_type(),
          m.get_param("report-type"), attached.get_content_type(), len(report["policies"]),
          m["Subject"].startswith("Report Domain: a.example Submitter: gw.example.org Report-ID: <"),
          attached.get_filename().endswith(report["report-id"] + ".json.gz"), m.defects)
P
)" 'tls@example.org tls@a.example a.example gw.example.org multipart/report tlsrpt application/tlsrpt+gzip 2 True True []'
# By HTTPS
certificate "$T/www" localhost
mkdir "$T/www.d"
start www python3 "$top/tests/tools/http-sink.py" "$T/www.d" "$T/www"
wait_for "the HTTPS server" test -s "$T/www.d/port"
url=https://localhost:$(cat "$T/www.d/port")/tls
cat >"$MM_ZONE" <<Z
. 3600 IN SOA a. b. 1 3600 600 86400 60
_smtp._tls.a.example. IN TXT "v=TLSRPTv1; rua=mailto:tls@a.example,$url"
_smtp._tls.c.example. IN TXT "v=TLSRPTv1;rua=https://user@c.example/,http://c.example/"
Z
report() {
	SSL_CERT_FILE=$T/www.crt mm-relay tls-report --day "$day" "$@" >"$T/.out" 2>"$T/.err"
}
report
is "posted" $? 0
is "to the one who wants it so, once" "$(cd "$T/www.d" && echo *.head)" 1.head
is "as RFC 8460 wants" "$(tr -d '\r' <"$T/www.d/1.head" | grep -iE '^(POST|content-type)' | sort)" \
	'Content-Type: application/tlsrpt+gzip
POST /tls HTTP/1.1'
is "the whole report" "$(gzip -dc <"$T/www.d/1.body" | jq -c '[.["organization-name"], (.policies | length)]')" \
	'["gw.example.org",2]'
like "it is told" "$(cat "$T/.err")" 'msg="TLS report posted" domain=a.example uri='
is "and the mail goes too" "$(grep -ac '^rcpt-to: <tls@a.example>' "$T/.out")" 1
like "credentials in a URI, and http:, are not for us" "$(cat "$T/.err")" \
	'c.example wants its TLS report at https://user@c.example/.*c.example wants its TLS report at http://c.example/'
report --json
report --no-post
is "neither --json nor --no-post posts" "$(cd "$T/www.d" && echo *.head)" 1.head
printf '%s\n' 200 503 503 201 >"$T/www.d/answers"
report
is "busy for a while: posted all the same" "$? $(cd "$T/www.d" && echo *.head)" '0 1.head 2.head 3.head 4.head'
echo 404 >"$T/www.d/answers"
report
is "refused" $? 75
like "which is told" "$(cat "$T/.err")" 'level=error.*msg="TLS report refused" domain=a.example .*status=404'
is "the mail goes all the same" "$(grep -ac '^rcpt-to: <tls@a.example>' "$T/.out")" 1
SSL_CERT_FILE=$T/cert.crt mm-relay tls-report --day "$day" >"$T/.out" 2>"$T/.err"
is "a server that is not trusted gets nothing" "$? $(cd "$T/www.d" && echo *.head)" \
	'75 1.head 2.head 3.head 4.head 5.head'
exit_is "a day without results" 0 mm-relay tls-report --day 2001-01-01
is "has no reports" "$(cat "$T/.out")" ''
exit_is "no day" 64 mm-relay tls-report --day yesterday
exit_is "help" 0 mm-relay tls-report -h
done_testing
