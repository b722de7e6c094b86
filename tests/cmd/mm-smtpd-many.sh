#!/bin/bash
# Many sessions at a time, by smtp-load: every message is answered and stored once; and
# smtp-load fails loudly where a server does not do as hoped.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need openssl mm-smtpd mm-queue "$B/tools/smtp-load" "$answer"
load=$B/tools/smtp-load
certificate

smtpd queue --no-policy --max-per-address 300 --cert "$T/cert.pem" --key "$T/key.pem" \
	-- mm-queue add "$T/queue"
like '200 sessions, pipelined' "$("$load" -s 200 -m 1000 "127.0.0.1:$port" 2>&1)" '^messages=1000 '
like '20 sessions with STARTTLS, a new connection each message' \
	"$("$load" -T -r -s 20 -m 100 -l 70000 "127.0.0.1:$port" 2>&1)" '^messages=100 '
is 'all are in the queue' "$(mm-queue list "$T/queue" | grep -c bob@nutrition.example)" 1100

start held "$load" -k -T -s 50 "127.0.0.1:$port"
wait_for 'its end' grep -q '^held 50$' "$T/held.log"
is 'sessions are opened and held' "$(cat "$T/held.log")" 'held 50'

smtpd answers --no-policy --max-per-address 2 -- "$answer"
exit_is 'a refused message ends it' 76 "$load" -t perm@x.example "127.0.0.1:$port"
like 'and it says why' "$(cat "$T/.err")" 'expected 250, got: 550 5.1.1'
exit_is 'so does a refused session' 76 "$load" -s 5 -k "127.0.0.1:$port"
like 'which it quotes' "$(cat "$T/.err")" 'expected 220, got: 4'
exit_is 'no port' 64 "$load" 127.0.0.1
exit_is 'no such size' 64 "$load" -l 0 "127.0.0.1:$port"
stop answers
exit_is 'and a server that is not there' 69 "$load" "127.0.0.1:$port"
done_testing
