#!/bin/bash
# mm-relay: relays with several servers, their limits, and addresses that do not answer.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/smtp.sh"
need mm-relay python3

export MM_SITE=$T/site
mkdir -p "$MM_SITE"/relays
printf 'A: b\r\n\r\nhi' >"$T/msg"
relay() { # MEMBERS
	echo "{\"RelayName\": \"r\", \"ServerName\": \"unused.test\", \"ServerPort\": ${port:-25},
		\"Authentication\": {\"NoAuthentication\": {}}, $1}" >"$MM_SITE/relays/r.json"
}
# send N [OPTION...]: N messages; the results in $T/out, the log in $T/err.
send() {
	local i n=$1
	shift
	for ((i = 0; i < n; i++)); do
		printf 'mail 1 10\nid: %s\nmail-from: <a@x.example>\nrcpt-to: <b@x.example>\n\nA: b\r\n\r\nhi' "$i"
	done | mm-relay "$@" r >"$T/out" 2>"$T/err"
}
messages() { # NAME
	find "$T/$1" -name '*.eml' | wc -l
}
# silent: a port of 127.0.0.1 that does not answer to connect(2), its queue is full.
cat >"$T/silent.py" <<'P'
import os, socket, sys, time
s = socket.socket()
s.bind((sys.argv[2], int(sys.argv[3])))
s.listen(0)
full = []
for i in range(20):
    c = socket.socket()
    c.setblocking(False)
    c.connect_ex(s.getsockname())
    full.append(c)
open(sys.argv[1] + ".new", "w").write("%d\n" % s.getsockname()[1])
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(600)
P

smtp_sink one
one=$port
smtp_sink two
two=$port
smtp_sink busy --reply 'greeting=421 4.3.2 too busy'
busy=$port
dead=1 # nobody listens there

# In order
relay "\"Servers\": [{\"Server\": \"127.0.0.1:$one\"}, {\"Server\": \"127.0.0.1:$two\"}]"
is 'a dry run shows the order' "$(mm-relay -n r b@x.example)" \
	"<b@x.example> relay=r tls=may 0:127.0.0.1[127.0.0.1]:$one 0:127.0.0.1[127.0.0.1]:$two"
send 3
is 'the first server has it all' "$(messages one) $(messages two)" '3 0'
relay "\"Servers\": [{\"Server\": \"127.0.0.1:$two\", \"Priority\": 2}, {\"Server\": \"127.0.0.1:$one\", \"Priority\": 1}]"
is 'by priority' "$(mm-relay -n r b@x.example)" \
	"<b@x.example> relay=r tls=may 1:127.0.0.1[127.0.0.1]:$one 2:127.0.0.1[127.0.0.1]:$two"
relay "\"Servers\": [{\"Server\": \"localhost\"}]"
like 'without a port, ServerPort is meant' "$(mm-relay -n r b@x.example)" "localhost\\[127.0.0.1\\]:$port"

# One that greets with 421, one that refuses: the next; and they are left alone then.
relay "\"Servers\": [{\"Server\": \"127.0.0.1:$dead\"}, {\"Server\": \"127.0.0.1:$busy\"}, {\"Server\": \"127.0.0.1:$two\"}]"
send 1
is 'the third server has it' "$(messages two)" 1
like 'a refused connection is logged' "$(cat "$T/err")" 'host failed.*ip=127.0.0.1 reply="451 4.4.1 cannot connect: Connection refused"'
like 'so is 421' "$(cat "$T/err")" 'host failed.*reply="421 4.3.2 too busy"'
coproc gate { mm-relay --idle 1ms r 2>"$T/gate.log"; }
pid=$gate_PID input=${gate[1]} output=${gate[0]}
for n in 1 2 3; do
	printf 'mail 1 10\nid: q\nmail-from: <a@x.example>\nrcpt-to: <b@x.example>\n\nA: b\r\n\r\nhi' >&"$input"
	while IFS= read -r -t 20 line <&"$output" && [ -n "$line" ]; do :; done
	IFS= read -r -t 20 -N 10 line <&"$output"
	wait_for 'the end of the session' smtp_ended two
done
exec {input}>&-
wait "$pid"
is 'all arrived' "$(messages two)" 4
is 'servers that failed were tried once' "$(grep -c 'host failed' "$T/gate.log")" 2

# By weight
rm -rf "$T"/{one,two}/*.eml
relay "\"Servers\": [{\"Server\": \"127.0.0.1:$one\", \"Weight\": 1}, {\"Server\": \"127.0.0.1:$two\", \"Weight\": 3}]"
send 400
is 'all are delivered' "$(grep -ac '^status: ok' "$T/out")" 400
ok 'the first has about a quarter' test "$(messages one)" -gt 50 -a "$(messages one)" -lt 150
is 'the second has the rest' "$(($(messages one) + $(messages two)))" 400
relay "\"Servers\": [{\"Server\": \"127.0.0.1:$dead\", \"Weight\": 1}, {\"Server\": \"127.0.0.1:$two\", \"Weight\": 1}]"
send 50
is 'what a dead one should have had goes to the other' "$(grep -ac '^status: ok' "$T/out")" 50

# Rates
relay "\"Servers\": [{\"Server\": \"127.0.0.1:$one\"}], \"MaxRate\": \"20/s\""
begin=$(date +%s%N)
send 21
took=$((($(date +%s%N) - begin) / 1000000))
is 'a rate delays' "$(grep -ac '^status: ok' "$T/out") $((took >= 980))" '21 1'
ok 'not by more than it must' test "$took" -lt 8000
relay "\"Servers\": [{\"Server\": \"127.0.0.1:$one\"}], \"MaxRate\": \"1/s\""
begin=$(date +%s%N)
send 21 --rate 1000000/m
took=$((($(date +%s%N) - begin) / 1000000))
ok 'the option comes first' test "$took" -lt 15000
relay "\"Servers\": [{\"Server\": \"127.0.0.1:$one\", \"Weight\": 1}, {\"Server\": \"127.0.0.1:$two\", \"Weight\": 1}], \"MaxRate\": \"20/s\""
begin=$(date +%s%N)
send 21
took=$((($(date +%s%N) - begin) / 1000000))
is 'the rate is that of all servers together' "$(grep -ac '^status: ok' "$T/out") $((took >= 980))" '21 1'

# Connections
smtp_sink few
relay "\"Servers\": [{\"Server\": \"127.0.0.1:$port\"}], \"MaxConnections\": 2"
send 100
ok 'so many connections' test "$(wc -l <"$T/few/peers")" -le 2

# Timeouts
start silent python3 "$T/silent.py" "$T/silent" 127.0.0.2 0
wait_for 'the silent port' test -s "$T/silent"
silent=$(cat "$T/silent")
relay "\"Servers\": [{\"Server\": \"127.0.0.2:$silent\"}], \"ConnectTimeout\": \"100ms\""
send 1
ok 'ConnectTimeout' grep -aq 'reply: 451 4.4.1 cannot connect: it took too long' "$T/out"
cat >"$T/mute.py" <<'P'
import os, socket, sys
s = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1] + ".new", "w").write("%d\n" % s.getsockname()[1])
os.rename(sys.argv[1] + ".new", sys.argv[1])
kept = []
while True:
    kept.append(s.accept())
P
start mute python3 "$T/mute.py" "$T/mute"
wait_for 'the mute server' test -s "$T/mute"
relay "\"Servers\": [{\"Server\": \"127.0.0.1:$(cat "$T/mute")\"}], \"Timeout\": \"100ms\""
send 1
ok 'Timeout' grep -aq 'reply: 451 4.4.2 timeout while waiting for the greeting' "$T/out"

# An address that does not answer holds nothing up: the next is begun beside it.
start sink5 python3 "$top/tests/tools/smtp-sink.py" "$T/five" --listen "127.0.0.5:$silent"
wait_for 'the other address' test -s "$T/five/port"
printf '%s\n' 'mx.test. 60 IN A 127.0.0.2' 'mx.test. 60 IN A 127.0.0.5' >"$T/zone"
relay "\"Servers\": [{\"Server\": \"mx.test:$silent\"}]"
begin=$(date +%s%N)
MM_ZONE=$T/zone send 1
took=$((($(date +%s%N) - begin) / 1000000))
ok 'delivered to the address that answers' grep -aq 'relayed: .* ip=127.0.0.5 ' "$T/out"
ok 'long before the time for a connection is over' test "$took" -lt 10000
printf '%s\n' 'mx.test. 60 IN A 192.0.2.1' 'mx.test. 60 IN A 192.0.2.2' \
	'mx.test. 60 IN AAAA 2001:db8::1' 'mx.test. 60 IN AAAA 2001:db8::2' 'mx.test. 60 IN AAAA 2001:db8::3' >"$T/zone"
is 'IPv6 and IPv4 take turns' "$(MM_ZONE=$T/zone mm-relay -n r b@x.example | grep -o '\[[^]]*\]' |
	grep -o '[:.]' | uniq -c | awk '{printf "%s", $2}')" ':.:.:'

# What is wrong with a relay
wrong() { # NAME MEMBERS EXPECTED
	relay "$2"
	mm-relay -n r b@x.example >"$T/out" 2>"$T/err"
	like "$1" "$? $(cat "$T/err")" "$3"
}
wrong 'no such port' '"Servers": [{"Server": "a.test:99999"}]' '75 .*Servers\[0\]: expected \\"Server\\": \\"HOST\\" or'
wrong 'a server without a name' '"Servers": [{"Weight": 1}]' '75 .*Servers\[0\].*Server'
wrong 'no servers' '"Servers": []' '75 .*Servers'
wrong 'a weight' '"Servers": [{"Server": "a", "Weight": -1}]' '75 .*Servers\[0\].Weight'
wrong 'a rate' '"MaxRate": "10"' '75 .*MaxRate: expected'
wrong 'no rate at all' '"MaxRate": "0/s"' '75 .*MaxRate: expected'
wrong 'a time' '"Timeout": "soon"' '75 .*Timeout: expected a time'
wrong 'no time at all' '"ConnectTimeout": "0s"' '75 .*ConnectTimeout: expected a time'
wrong 'connections' '"MaxConnections": 0' '75 .*MaxConnections'
is 'a rate on the command line' "$(mm-relay --rate 5 r 2>&1 >/dev/null; echo $?)" \
	"$(mm-relay --rate 5 r 2>&1 >/dev/null)
75"
like 'and how it is to be' "$(mm-relay --rate 5 r 2>&1)" '--rate: expected 10/s'

done_testing
