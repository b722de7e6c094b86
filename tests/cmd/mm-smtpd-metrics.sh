#!/bin/bash
# --metrics: counters for Prometheus, in a file and on a socket.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3 openssl curl socat

cd "$T" || exit 1
umask 022
check=$top/tests/tools/prometheus-check.py
scrape() { # SOCKET
	curl -sS --max-time 20 --unix-socket "$1" http://localhost/metrics
}
values() { # SERIES...: of the socket, a line
	scrape metrics.sock | "$check" "$@" | tr '\n' ' '
}

# The checker itself

good=$'# HELP a_total A.\n# TYPE a_total counter\na_total{x="1\\"2\\\\\\n"} 1\n'
checks() {
	printf '%s' "$1" | "$check"
}
ok 'the checker takes what is right' checks "$good"
i=0
for bad in "${good%?}" "${good}a_total{x=\"1\\\"2\\\\\\n\"} 2"$'\n' "${good/counter/count}" \
	"${good/A./}" "${good/ 1/}" "${good/ 1/ -1}" "${good/x=/1x=}" "${good/\\\"/\"}" \
	"${good}b 1"$'\n' "${good}${good}" "${good/\\n/\\r}" \
	$'# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n' \
	$'# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n' \
	$'# HELP h H.\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n'; do
	not_ok "and not what is wrong: $((i += 1))" checks "$bad"
done

# What is counted

certificate
mkdir -p site/{ingress-points,tls,secrets}
cp cert.pem key.pem site/tls/
echo secret | mm-smtpd passwd anna >site/secrets/submit
printf '{"IngressPointName":"port25","Type":"OPEN","TlsPolicy":"OPTIONAL","RuleSetId":"r",
	"TrafficPolicyId":"p","IngressPointConfiguration":{"SecretArn":"submit"}}' \
	>site/ingress-points/port25.json
smtpd main -C site -i port25 --policy "$answer" --max-size 5000 --max-connections 2 --auth-delay 10ms \
	--metrics unix:metrics.sock -- "$answer"
of() { # NAME [LABELS BEFORE] [LABELS BEHIND]: a series of this ingress point
	printf '%s{%singress="port25"%s}' "$1" "${2:+$2,}" "${3:+,$3}"
}
open=$(of mm_smtpd_connections_open)
is 'at first' "$(values "$open" "$(of mm_smtpd_connections_total)")" '0 0 '
message() { # RECIPIENT
	talk <<END2 | tail -n 2 | head -n 1
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<$1@d.example>
DATA
@send Subject: x
.
QUIT
END2
}
for who in bob eve perm temp silent; do
	message $who >/dev/null
done
talk <<'END2' >/dev/null
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<deny@d.example>
RCPT TO:<later@d.example>
RCPT TO:<bob@d.example>
DATA
@times 600 '0123456789\r\n'
.
QUIT
END2
messages() {
	values "$(of mm_smtpd_messages_total '' 'status="ok"')" \
		"$(of mm_smtpd_messages_total '' 'status="tempfail"')" \
		"$(of mm_smtpd_messages_total '' 'status="permfail"')" \
		"$(of mm_smtpd_message_octets_total)" "$(of mm_smtpd_handler_seconds_count)"
}
is 'messages, octets, those that the handler had' "$(messages)" '2 2 2 7260 5 '
is 'as the log has them' "$(grep -c 'status=ok' main.log) $(grep -c 'status=tempfail' main.log
	) $(grep -c 'status=permfail' main.log)" '2 2 1'
is 'recipients' "$(values "$(of mm_smtpd_recipients_total '' 'result="accepted"')" \
	"$(of mm_smtpd_recipients_total '' 'result="refused"')")" '6 2 '

sign_on() { # TLS PASSWORD
	talk <<END2 >/dev/null
EHLO me.example
@starttls $1
EHLO me.example
AUTH PLAIN $(printf '\0anna\0%s' "$2" | base64)
QUIT
END2
}
sign_on 1.2 secret
sign_on 1.3 wrong
printf 'EHLO me.example\r\nSTARTTLS\r\n' | socat -t 20 - "TCP:127.0.0.1:$port" >/dev/null
talk <<'END2' >/dev/null
EHLO me.example
STARTTLS
@raw '\x16\x03\x01\x00\x05hello'
@eof
END2
logged main msg=tls-failed >/dev/null
handshakes() {
	values "$(of mm_smtpd_tls_handshakes_total '' 'result="ok",version="TLSv1.2"')" \
		"$(of mm_smtpd_tls_handshakes_total '' 'result="ok",version="TLSv1.3"')" \
		"$(of mm_smtpd_tls_handshakes_total '' 'result="failed",version="none"')"
}
is 'handshakes' "$(handshakes)" "1 1 $(grep -c msg=tls-failed main.log) "
is 'logins' "$(values "$(of mm_smtpd_logins_total '' 'result="ok"')" \
	"$(of mm_smtpd_logins_total '' 'result="failed"')")" '1 1 '

# Two that stay make a third too many.

hold() { # NAME
	talk <<END2 >"$1.out" &
EHLO me.example
@wait $T/go
QUIT
END2
	wait_for "$1" grep -q 'LIMITS' "$1.out"
}
before=$(grep -c msg=session main.log)
hold one
hold two
is 'open connections' "$(values "$open")" '2 '
talk <<<@eof >/dev/null
away=$(of mm_smtpd_turned_away_total '' 'why="max-connections"')
is 'who is turned away' "$(values "$away" "$open")" '1 2 '
echo >go
all_gone() {
	[ "$(values "$open")" = '0 ' ]
}
ok 'the gauge comes back to 0' wait_for 'all gone' all_gone
is 'sessions' "$(values "$(of mm_smtpd_connections_total)" "$(of mm_smtpd_sessions_total 'end="quit"')" \
	"$(of mm_smtpd_sessions_total 'end="tls-failed"')")" \
	"$(grep -c msg=session main.log) $(grep -c end=quit main.log) $(grep -c end=tls-failed main.log) "
is 'the two among them' "$(($(grep -c msg=session main.log) - before))" 2
started=$(scrape metrics.sock | "$check" "$(of process_start_time_seconds)")
age=$(("${started%.*}" - $(stat -c %Y main.pid)))
ok 'the start time' test "$age" -ge -1 -a "$age" -le 20

# The socket

like 'an HTTP response' "$(curl -sSi --unix-socket metrics.sock http://localhost/metrics | tr -d '\r')" \
	^'HTTP/1.0 200 OK
Content-Type: text/plain; version=0.0.4
Content-Length: [0-9]+
Connection: close

# HELP '
ok 'for who closes at once' eval 'socat -t 20 - UNIX:metrics.sock </dev/null | grep -q "^# TYPE"'
ok 'for who says nothing' eval 'socat -u UNIX:metrics.sock - | grep -q "^# TYPE"'
head -c 100000 /dev/zero | socat -t 20 - UNIX:metrics.sock >/dev/null 2>&1
ok 'and who talks too much does no harm' eval 'scrape metrics.sock | "$check"'
ok 'for who sends no text' eval \
	'head -c 3000 /dev/urandom | socat -t 20 - UNIX:metrics.sock | grep -aq "^# TYPE"'
crowd() {
	python3 - <<'END2'
import socket
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.connect("metrics.sock")
    s.settimeout(20)
    return s
crowd = [connect() for _ in range(100)]
for s in crowd:
    got = b""
    while more := s.recv(65536):
        got += more
    assert got.startswith(b"HTTP/1.0 200") and got.endswith(b"\n"), got
END2
}
ok 'a hundred that say nothing' crowd
ok 'do not keep others out' eval 'scrape metrics.sock | "$check"'
stop main
is 'the exit status' $? 0
not_ok 'the socket is gone' test -e metrics.sock

python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("metrics.sock")'
smtpd again --no-policy --metrics unix:metrics.sock -- "$answer"
is 'one that nobody listens on is replaced; without -i there is no label for it' \
	"$(values mm_smtpd_connections_open)" '0 '
exit_is 'one that somebody listens on is not' 75 \
	mm-smtpd -l 127.0.0.1:0 --no-policy --metrics unix:metrics.sock -- "$answer"
stop again

# The file

smtpd file --no-policy --metrics metrics.prom -- "$answer"
is 'a file is there from the start' "$("$check" mm_smtpd_connections_total <metrics.prom)" 0
is 'for all to read' "$(stat -c %A metrics.prom)" -rw-r--r--
before=$(stat -c %i metrics.prom)
message bob >/dev/null
stop file
is 'the exit status' $? 0
is 'and written at the end' "$("$check" mm_smtpd_connections_total mm_smtpd_connections_open \
	'mm_smtpd_messages_total{status="ok"}' 'mm_smtpd_sessions_total{end="quit"}' \
	<metrics.prom | tr '\n' ' ')" '1 0 1 1 '
ok 'as a new one' test "$(stat -c %i metrics.prom)" -ne "$before"
is 'nothing is left beside it' "$(echo metrics.prom*)" metrics.prom
rm metrics.prom
start stale bash -c 'echo old >metrics.prom.tmp.$$; exec mm-smtpd -l 127.0.0.1:0 --no-policy \
	--metrics metrics.prom -- cat'
ok 'where one was killed while it wrote' wait_for 'the file' test -s metrics.prom
stop stale

exit_is 'a file that cannot be written' 75 \
	mm-smtpd -l 127.0.0.1:0 --no-policy --metrics no/such/file -- "$answer"
like 'which is said' "$(cat .err)" 'cannot write no/such/file: No such file'
exit_is 'a path too long for a socket' 75 mm-smtpd -l 127.0.0.1:0 --no-policy \
	--metrics "unix:$(printf 'x%.0s' {1..200})" -- "$answer"
exit_is 'no path' 75 mm-smtpd -l 127.0.0.1:0 --no-policy --metrics unix: -- "$answer"
exit_is 'one session has no counters' 75 mm-smtpd --no-policy --metrics x -- "$answer"
like 'which is said' "$(cat .err)" 'expected -l'

done_testing
