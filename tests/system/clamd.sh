#!/bin/bash
# A real clamd with signatures of its own.
. "$(dirname "$0")/../lib/tap.sh"
need mm-scan clamd base64

# The EICAR test file, in two pieces, so that no scanner takes this script for it.
# shellcheck disable=SC2016
eicar='X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-''ANTIVIRUS-TEST-FILE!$H+H*'
mkdir "$T/db"
printf 'Mm.Eicar:0:*:%s\n' "$(printf %s "$eicar" | od -An -tx1 | tr -d ' \n')" >"$T/db/own.ndb"
cat >"$T/clamd.conf" <<END
DatabaseDirectory $T/db
LocalSocket $T/clamd.sock
TCPSocket $(free_port)
TCPAddr 127.0.0.1
TemporaryDirectory $T
Foreground yes
FixStaleSocket yes
StreamMaxLength 1M
MaxThreads 4
$([ "$(id -u)" -eq 0 ] && echo "User root")
END
port=$(sed -n 's/^TCPSocket //p' "$T/clamd.conf")
start clamd clamd -c "$T/clamd.conf"
wait_for "clamd's socket" test -S "$T/clamd.sock" || {
	diag "$(cat "$T/clamd.log")"
	done_testing
}

header() {
	printf '%s\r\n' 'From: alice@example.org' 'To: bob@example.net' 'Subject: test' \
		'MIME-Version: 1.0' "$@"
}
{
	header ''
	printf 'Nothing in here.\r\n'
} >"$T/clean.eml"
{
	header ''
	printf '%s\r\n' "$eicar"
} >"$T/plain.eml"
{
	header 'Content-Type: multipart/mixed; boundary="b"' '' '--b' 'Content-Type: text/plain' '' \
		'See the attachment.' '--b' 'Content-Type: application/octet-stream; name="x.com"' \
		'Content-Transfer-Encoding: base64' ''
	printf %s "$eicar" | base64 | sed 's/$/\r/'
	printf -- '--b--\r\n'
} >"$T/mime.eml"
{
	header ''
	head -c 2000000 /dev/zero | tr '\0' 'a' | fold -w 70 | sed 's/$/\r/'
} >"$T/large.eml"

scan() { mm-scan clamav "$@" 2>"$T/err" | grep -a '^analysis: '; }
for where in "$T/clamd.sock" "127.0.0.1:$port"; do
	kind=${where##*[/.]}
	is "clean ($kind)" "$(scan --socket "$where" "$T/clean.eml")" \
		"analysis: clamav verdict PASS
analysis: clamav is_passed TRUE"
	is "infected ($kind)" "$(scan --socket "$where" "$T/plain.eml")" \
		"analysis: clamav name Mm.Eicar.UNOFFICIAL
analysis: clamav verdict FAIL
analysis: clamav is_passed FALSE"
	is "infected, in MIME ($kind)" "$(scan --socket "$where" --name virus "$T/mime.eml")" \
		"analysis: virus name Mm.Eicar.UNOFFICIAL
analysis: virus verdict FAIL
analysis: virus is_passed FALSE"
done
is "larger than clamd takes" "$(scan --socket "$T/clamd.sock" "$T/large.eml" | head -n 1)" \
	"analysis: clamav verdict PROCESSING_FAILED"
is "larger than --max-size" "$(scan --socket "$T/clamd.sock" --max-size 1K "$T/large.eml")" \
	"analysis: clamav verdict PROCESSING_FAILED
analysis: clamav reason larger than --max-size"

for i in {1..200}; do
	for m in clean plain; do
		printf 'mail 1 %d\nid: %s-%d\n\n' "$(stat -c %s "$T/$m.eml")" $m "$i"
		cat "$T/$m.eml"
	done
done >"$T/stream"
mm-scan --socket "$T/clamd.sock" --parallel 16 clamav <"$T/stream" >"$T/out"
is "a stream: each has its own verdict" \
	"$(awk '/^id: /{id=$2; sub("-.*", "", id)} / verdict /{print id, $4}' "$T/out" |
		sort | uniq -c | sed 's/^ *//')" \
	"200 clean PASS
200 plain FAIL"

stop clamd
is "a daemon that is down loses nothing" \
	"$(mm-scan --socket "$T/clamd.sock" clamav <"$T/stream" 2>/dev/null |
		grep -c '^analysis: clamav verdict PROCESSING_FAILED')" 400
done_testing
