#!/bin/bash
# mm-s3put against a real S3-compatible server.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/s3-server.sh"
need mm-s3put mm-archive mm-search
s3_server

ok "a bucket is made" s3 PUT /mail

mkdir "$T/sent" "$T/got"
python3 - "$T/sent" >"$T/in" <<'P'
import sys
o = sys.stdout.buffer
for i in range(30):
    body = b"From: a@example.org\r\nSubject: %d\r\n\r\n" % i + bytes(range(256)) * i + b"\r\n"
    o.write(b"mail 1 %d\nid: m%d\nmail-from: <a@example.org>\nrcpt-to: <b@example.net>\n\n" % (len(body), i) + body)
    open("%s/m%d" % (sys.argv[1] if len(sys.argv) > 1 else ".", i), "wb").write(body)
P
mm-s3put --endpoint "$S3_URL" --bucket mail --prefix 'in/é +(1)/' <"$T/in" >"$T/out" 2>"$T/err"
is "every record is answered ok" "$(grep -ac '^status: ok$' "$T/out")" 30
is "and says where" "$(grep -a '^stored: ' "$T/out" | sort -V | head -n 1)" \
	'stored: s3://mail/in/é +(1)/m0'
for i in $(seq 0 29); do
	s3 GET "/mail/in/%C3%A9%20%2B%281%29/m$i" "$T/got/m$i"
done
ok "every object is what was sent" diff -r "$T/sent" "$T/got"

mm-s3put --endpoint "$S3_URL" --bucket mail --prefix 'in/é +(1)/' <"$T/in" >"$T/out2" 2>"$T/err"
check_same "putting them again changes nothing" \
	"s3 GET '/mail?list-type=2' | grep -o '<Key>[^<]*' | sort" \
	"for i in \$(seq 0 29); do echo \"<Key>in/é +(1)/m\$i\"; done | sort"

# --- out of an archive, as a search finds it
export MM_ARCHIVE_ROOT=$T/root
mm-archive create Box --retention PERMANENT >/dev/null
mm-archive add Box <"$T/in" >/dev/null
mm-search -a Box --stream 'subject:2*' | mm-s3put --endpoint "$S3_URL" --bucket mail --prefix case/ >"$T/case" 2>"$T/err"
is "what a search finds goes into a bucket" "$(grep -ac '^status: ok$' "$T/case")" 11
s3 GET /mail/case/m27 "$T/m27"
ok "octet for octet" cmp "$T/m27" "$T/sent/m27"

printf 'From: a@example.org\nTo: b@example.net\n\nhello\n' >"$T/msg"
exit_is "a message file" 0 mm-s3put --endpoint "$S3_URL" --bucket mail --field id=one "$T/msg"
check_same "arrives with CRLF" "s3 GET /mail/one" "sed 's/\$/\r/' '$T/msg'"

exit_is "a wrong secret: the mail waits" 75 \
	env AWS_SECRET_ACCESS_KEY=wrong mm-s3put --endpoint "$S3_URL" --bucket mail "$T/msg"
is "the reply says it" "$(grep -a '^reply: ' "$T/.out")" \
	"reply: 451 4.3.5 object store: HTTP 403 SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your key and signing method."
exit_is "no such bucket: the mail waits" 75 \
	mm-s3put --endpoint "$S3_URL" --bucket nowhere "$T/msg"
like "and says so" "$(grep -a '^reply: ' "$T/.out")" 'HTTP 404 NoSuchBucket'
done_testing
