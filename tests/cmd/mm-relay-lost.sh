#!/bin/bash
# Connections that are lost: once the whole message was sent it may have been delivered,
# and goes nowhere else (RFC 1047); before that it goes to the next server, and where the
# connection had rested, over a new one.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtp.sh"
need mm-relay python3

export MM_SITE=$T/site MM_ZONE=$T/zone
mkdir -p "$MM_SITE"
printf 'From: a@example.org\r\n\r\n.hello\r\n' >"$T/msg"
{
	printf 'From: a@example.org\r\n\r\n'
	head -c 8000000 /dev/zero | tr '\0' x | fold -w 998 | sed 's/$/\r/'
} >"$T/large"
p=$(free_port)
lost='tempfail 451 4.4.2 connection lost after the message was sent; it may have been delivered'

record() { # ID RECIPIENT MESSAGE
	printf 'mail 1 %d\nid: %s\nmail-from: <%s@example.org>\nrcpt-to: <%s>\n\n' \
		"$(stat -c %s "$T/$3")" "$1" "$1" "$2"
	cat "$T/$3"
}

# Recipient rN has the N-th of these: WHEN | REPLY | MESSAGE | RESULT where the domain has
# one server | where it has two.
cat >"$T/table" <<'X'
.|close|msg|LOST|LOST
.|close|large|LOST|LOST
.|cut 2|msg|LOST|LOST
.|cut 250 2.0.0 stored|msg|LOST|LOST
.|cut 250-2.0.0 stored\n250|msg|LOST|LOST
.|cut 250-2.0.0 stored\n250-as\n|msg|LOST|LOST
.|cut 421 4.3.2 closing|msg|LOST|LOST
.|what?|msg|tempfail 451 4.5.0 what the server sends is not SMTP|tempfail 451 4.5.0 what the server sends is not SMTP
.|421 4.3.2 closing|msg|tempfail 421 4.3.2 closing|ok 250 2.0.0
.|451 4.3.0 later|msg|tempfail 451 4.3.0 later|ok 250 2.0.0
body|close|large|tempfail 451 4.4.2 connection lost while waiting for the server to take the message|ok 250 2.0.0
DATA|close|msg|tempfail 451 4.4.2 connection lost while waiting for the reply to DATA|ok 250 2.0.0
DATA|cut 354|msg|tempfail 451 4.4.2 connection lost while waiting for the reply to DATA|ok 250 2.0.0
X
n=0 rules=()
while IFS='|' read -r when reply _; do
	: $((n += 1))
	rules+=(--reply "$when<r$n@=$reply")
	for first in many plain; do
		echo "one.$n.$first.example. IN MX 10 $first.example."
		echo "two.$n.$first.example. IN MX 10 $first.example."
		echo "two.$n.$first.example. IN MX 20 next.example."
	done
done <"$T/table" >"$MM_ZONE"
cat >>"$MM_ZONE" <<'Z'
. 3600 IN SOA a. b. 1 3600 600 86400 60
many.example. IN A 127.0.0.2
next.example. IN A 127.0.0.3
plain.example. IN A 127.0.0.4
Z
smtp_sink many --listen "127.0.0.2:$p" --ehlo PIPELINING,CHUNKING "${rules[@]}"
smtp_sink plain --listen "127.0.0.4:$p" --ehlo '' "${rules[@]}"
smtp_sink next --listen "127.0.0.3:$p" --ehlo PIPELINING,CHUNKING
: >"$T/next/peers"

# Every row that begins with PATTERN, over FIRST, all at once.
try() { # NAME FIRST PATTERN OPTION...
	local name=$1 first=$2 pattern=$3 n=0 message one two asked
	shift 3
	asked=$(wc -l <"$T/next/peers")
	while IFS='|' read -r when _ message one two; do
		: $((n += 1))
		# shellcheck disable=SC2254
		case $when in $pattern) ;; *) continue ;; esac
		record "$n" "r$n@one.$n.$first.example" "$message" >&3
		record "$n" "r$n@two.$n.$first.example" "$message" >&3
		printf 'result: <r%d@%s.%d.%s.example> %s\n' "$n" one "$n" "$first" "${one/LOST/$lost}" \
			"$n" two "$n" "$first" "${two/LOST/$lost}"
	done <"$T/table" 3>"$T/in" | sort >"$T/expected"
	mm-relay --mx --port "$p" "$@" <"$T/in" >"$T/out" 2>"$T/err"
	is "$name" "$(fields result "$T/out" | sed 's/ stored as.*//' | sort)" "$(cat "$T/expected")"
	is "$name: the next server heard of those alone whom it has" \
		"$(tail -n +$((asked + 1)) "$T/next/peers" | wc -l)" "$(grep -c ' ok ' "$T/expected")"
	is "$name: the first was asked once for each" "$(wc -l <"$T/$first/peers")" "$(wc -l <"$T/expected")"
	: >"$T/$first/peers"
}
try "with PIPELINING" many '*'
try "without" plain '*'
try "by BDAT" many . --chunking

two() { # NAME SINK-OPTION...: two messages over one connection, and what became of them
	smtp_sink "$@"
	{
		record one b@example.net msg
		record two b@example.net msg
	} | mm-relay --to "127.0.0.1:$port" --max-connections 1 --chunking >"$T/.out" 2>"$T/.err"
	fields result "$T/.out" | cut -d' ' -f3- | sed 's/ stored as.*//'
	wc -l <"$T/$1/peers"
	grep -c '^RCPT' < <(smtp_log "$1")
}

for ehlo in PIPELINING SIZE CHUNKING; do
	is "$ehlo: after the dot of the second message: only that is in doubt" \
		"$(two "second$ehlo" --ehlo "$ehlo" --reply-once '.=250 2.0.0 first' --reply '.=close')" \
		"ok 250 2.0.0 first
$lost
1
2"
	is "$ehlo: before the second message: another connection" \
		"$(two "mail$ehlo" --ehlo "$ehlo" --reply-once 'MAIL FROM:<two@=close')" \
		'ok 250 2.0.0
ok 250 2.0.0
2
2'
done

# A server that hangs up on whoever is silent, seen at once and, by a process that was
# stopped meanwhile, only when the next message is there.
# shellcheck disable=SC2317
taken() { # N: messages are at the server
	[ "$(find "$T/idle" -name '*.eml' | wc -l)" -ge "$1" ]
}

# shellcheck disable=SC2317
answered() { # N
	[ "$(grep -c '^status: ' "$T/idle.out")" -ge "$1" ]
}

# shellcheck disable=SC2317
hung_up() { # N
	[ "$(grep -c ' closed$' "$T/idle/log")" -ge "$1" ]
}

smtp_sink idle --gather 6 --idle 2
mkfifo "$T/feed"
start relay sh -c "exec mm-relay --to 127.0.0.1:$port --idle 1h <'$T/feed' >'$T/idle.out'"
exec 3>"$T/feed"
for i in 1 2 3 4 5 6; do
	record "r$i" b@example.net msg >&3
	wait_for "message $i at the server" taken "$i"
done
wait_for "all are answered" answered 6
kill -STOP "$(cat "$T/relay.pid")"
wait_for "the server hangs up" hung_up 6
record r7 b@example.net msg >&3
kill -CONT "$(cat "$T/relay.pid")"
wait_for "the next message" answered 7
wait_for "the server hangs up again" hung_up 7
record r8 b@example.net msg >&3
exec 3>&-
wait_for "the last message" answered 8
is "connections that were closed at rest are nobody's failure" \
	"$(grep -ao '^result: .* stored' "$T/idle.out" | sort | uniq -c | tr -s ' ')" \
	' 8 result: <b@example.net> ok 250 2.0.0 stored'
is "six connections, and two more" "$(wc -l <"$T/idle/peers")" 8
done_testing
