#!/bin/bash
# Several processes on the same sockets.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3

message() {
	printf '%s\n' 'EHLO me.example' 'MAIL FROM:<a@b.example>' 'RCPT TO:<c@d.example>' \
		DATA '@send Subject: x' .
}
workers() { # NAME: the pids of all it ever started, in order
	sed -n 's/.*msg=worker-started pid=//p' "$T/$1.log"
}
handler_of() { # PID: which handler a worker has, by its parent
	cut -d ' ' -f 1 "$T"/handler.* | while read -r pid; do
		[ "$(cut -d ' ' -f 4 "/proc/$pid/stat" 2>/dev/null)" != "$1" ] || echo "$pid"
	done
}
# shellcheck disable=SC2016
handler='echo $$ >"$T/handler.$$"; exec "$answer" "$T/stored.$$"'
export T answer

smtpd main -l "unix:$T/smtp" -w 2 --no-policy -- sh -c "$handler"
mapfile -t pid < <(workers main)
is 'two workers' "${#pid[@]}" 2
is 'sockets are told once' "$(sed 's/ [0-9]*$/ PORT/' "$T/main.port")" "127.0.0.1 PORT
unix $T/smtp"
is 'and logged once' "$(grep -c msg=listening "$T/main.log")" 2
two_handlers() {
	[ -n "$(handler_of "${pid[0]}")" ] && [ -n "$(handler_of "${pid[1]}")" ]
}
ok 'each has a handler' wait_for 'both handlers' two_handlers
first=$(handler_of "${pid[0]}") second=$(handler_of "${pid[1]}")

# Who is stopped takes nothing: what is served is served by the other.
kill -STOP "${pid[0]}"
is 'the second serves' "$(message | talk | tail -n 1)" '250 2.0.0 stored'
ok 'with its own handler' test -s "$T/stored.$second" -a ! -s "$T/stored.$first"
kill -CONT "${pid[0]}"
kill -STOP "${pid[1]}"
is 'the first serves' "$(message | talk | tail -n 1)" '250 2.0.0 stored'
ok 'with its own handler' test -s "$T/stored.$first"
kill -CONT "${pid[1]}"

# A worker is killed while the other has a session

kill -STOP "${pid[0]}"
cat >"$T/script" <<'END'
EHLO me.example
@wait HERE/restarted
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
DATA
@send Subject: goes on
.
END
sed -i "s|HERE|$T|" "$T/script"
talk <"$T/script" >"$T/held" &
client=$!
wait_for 'the session' grep -q '250 HELP' "$T/held"
kill -KILL "${pid[0]}"
three() {
	[ "$(workers main | wc -l)" -eq 3 ]
}
ok 'it is started again' wait_for 'a third worker' three
like 'the end of it is logged' "$(logged main worker-ended)" \
	"pid=${pid[0]} signal=9 restart-ms=100"
echo now >"$T/restarted"
wait $client
is 'the session of the other goes on' "$(tail -n 1 "$T/held")" '250 2.0.0 stored'
third=$(workers main | tail -n 1)
new_handler() {
	[ -n "$(handler_of "$third")" ]
}
ok 'the new one has a handler' wait_for 'its handler' new_handler
kill -STOP "${pid[1]}"
is 'the new one serves' "$(message | talk | tail -n 1)" '250 2.0.0 stored'
is 'on each socket' "$(message | talk "$T/smtp" | tail -n 1)" '250 2.0.0 stored'
ok 'with its handler' test -s "$T/stored.$(handler_of "$third")"
kill -CONT "${pid[1]}"
kill -KILL "$third"
four() {
	[ "$(workers main | wc -l)" -eq 4 ]
}
ok 'once more' wait_for 'a fourth worker' four
like 'after twice the time' "$(logged main "pid=$third signal")" 'restart-ms=200'

# Signals

fourth=$(workers main | tail -n 1)
kill -HUP "$(cat "$T/main.pid")"
both_read() {
	[ "$(grep -c 'read again' "$T/main.log")" -eq 2 ]
}
ok 'SIGHUP reaches all' wait_for 'both' both_read
stop main
is 'SIGTERM ends it with 0' $? 0
gone() {
	! kill -0 "${pid[1]}" && ! kill -0 "$fourth" && ! kill -0 "$second"
}
ok 'with no process left' gone
is 'each ended well' "$(grep -c 'worker-ended .*exit=0' "$T/main.log")" 2
not_ok 'nor the unix socket' test -e "$T/smtp"

# A message in flight outlasts one signal, not two.
smtpd busy -w 2 --no-policy -- "$answer"
printf '%s\n' 'EHLO me.example' 'MAIL FROM:<a@b.example>' 'RCPT TO:<hang@d.example>' \
	DATA '@send Subject: x' '@send .' @eof | talk >"$T/busy.out" &
client=$!
wait_for 'the message' grep -q ^354 "$T/busy.out"
kill -TERM "$(cat "$T/busy.pid")"
ok 'the first' wait_for 'the idle one to end' grep -q worker-ended "$T/busy.log"
is 'the busy one stays' "$(grep -c worker-ended "$T/busy.log")" 1
stop busy INT
is 'the second ends it with 0' $? 0
wait $client
is 'and the session' "$(tail -n 1 "$T/busy.out")" '<eof>'

smtpd orphans -w 3 --no-policy -- "$answer"
mapfile -t pid < <(workers orphans)
stop orphans KILL 2>/dev/null
all_gone() {
	! kill -0 "${pid[0]}" && ! kill -0 "${pid[1]}" && ! kill -0 "${pid[2]}"
}
ok 'workers do not outlive the first process' wait_for 'their end' all_gone

# Counters

if command -v curl >/dev/null; then
	smtpd counters -w 2 --metrics "unix:$T/metrics" --no-policy -- "$answer"
	mapfile -t pid < <(workers counters)
	counted() { # NAME VALUE
		[ "$(curl -s --unix-socket "$T/metrics" http://localhost/metrics |
			sed -n "s/^mm_smtpd_$1 //p")" = "$2" ]
	}
	kill -STOP "${pid[0]}"
	exec 7<>"/dev/tcp/127.0.0.1/$port"
	read -r _ <&7 # the second has greeted
	kill -CONT "${pid[0]}"
	ok 'a session of the second is told by the first' wait_for 'one open' \
		counted connections_open 1
	kill -KILL "${pid[1]}"
	ok 'what a killed one had open is closed' wait_for 'none open' counted connections_open 0
	ok 'and was there' counted connections_total 1
	exec 7>&-
	stop counters
else
	skip counters 'curl is not installed'
fi

# Limits

smtpd limits -w 2 --no-policy --max-connections 3 -- "$answer"
mapfile -t pid < <(workers limits)
kill -STOP "${pid[0]}"
clients=()
for i in 1 2; do
	printf '%s\n' 'EHLO me.example' "@wait $T/enough" QUIT | talk >"$T/held$i" &
	clients+=($!)
	wait_for 'its session' grep -q '250 HELP' "$T/held$i"
done
is 'one has its share, rounded up' "$(talk <<<@eof)" \
	'421 4.7.0 too many connections, try again later
<eof>'
echo now >"$T/enough"
wait "${clients[@]}"
kill -CONT "${pid[0]}"
stop limits

# Options

exit_is 'no listener' 75 mm-smtpd -w 2 --no-policy -- "$answer"
like 'which is said' "$(cat "$T/.err")" '-w: expected -l'
for n in 0 65 -1 x 2x; do
	exit_is "workers: $n" 75 mm-smtpd -l 127.0.0.1:0 -w "$n" --no-policy -- "$answer"
	like 'which is said' "$(cat "$T/.err")" 'expected a number of processes, 1 to 64'
done
exit_is 'a certificate that cannot be read' 75 mm-smtpd -l 127.0.0.1:0 -w 2 --no-policy \
	--cert "$T/none" -- "$answer"
is 'starts none' "$(grep -c worker-started "$T/.err")" 0

done_testing
