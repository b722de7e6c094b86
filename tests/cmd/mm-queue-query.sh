#!/bin/bash
# mm-queue list, show, stat, hold, release, retry, remove by query.
. "$(dirname "$0")/../lib/tap.sh"
need python3 mm-queue

Q=$T/q
add() { # ID FROM RCPT OPTION...
	printf 'Subject: %s\r\n\r\n%s\r\n' "$1" "${text:-hello}" |
		mm-queue add --field "id=$1" --mail-from "$2" --rcpt-to "$3" "${@:4}" "$Q" - >/dev/null
}
listed() { # TERM...
	mm-queue list --json "$Q" "$@" | sed 's/^{"id":"\([^"]*\)".*/\1/' | paste -sd ' '
}

add a1 '<alice@example.org>' '<bob@x.example>'
add a2 '<>' '<eve@y.example>'
text=$(printf '%05000d' 0) add a3 '<carol@example.net>' '<bob@x.example>' --hold='looks like spam'
add a4 '<alice@example.org>' '<käse@y.example>'
start run mm-queue run --retry-min 1h "$Q" -- python3 -c '
import sys
# all but those for y.example are refused for now
while first := sys.stdin.buffer.readline():
    head = b""
    while (line := sys.stdin.buffer.readline()) != b"\n":
        head += line
    body = sys.stdin.buffer.read(int(first.split()[2]))
    head += b"status: tempfail\nreply: 451 4.4.1 no route to host\n"
    sys.stdout.buffer.write(first + head + b"\n" + body)
    sys.stdout.buffer.flush()'
wait_for "what is not held is tried" sh -c "[ \$(mm-queue list $Q tried:yes | grep -c 'no route') = 3 ]"
stop run
add a5 '<mallory@example.org>' '<bob@x.example>'

is "all" "$(listed)" "a1 a2 a3 a4 a5"
is "by id" "$(listed a4 a2)" "a4 a2"
is "by sender" "$(listed from:ALICE)" "a1 a4"
is "the null reverse-path" "$(listed 'from:<>')" a2
is "by recipient" "$(listed rcpt:@x.example)" "a1 a3 a5"
is "by one in UTF-8" "$(listed rcpt:käse)" a4
is "by the last reply" "$(listed 'reason:no route')" "a1 a2 a4"
is "by what it is held for" "$(listed reason:spam)" a3
is "held" "$(listed held:yes)" a3
is "never tried" "$(listed tried:no)" "a3 a5"
is "by size" "$(listed larger:4K)" a3
is "by age" "$(listed newer:1h)" "a1 a2 a3 a4 a5"
is "old ones" "$(listed older:1h)" ""
is "every term must fit" "$(listed from:alice rcpt:y.example)" a4
is "ids and terms" "$(listed a1 a2 a3 rcpt:x.example)" "a1 a3"
exit_is "a term that is none" 64 mm-queue list "$Q" sender:alice
like "says what it expects" "$(cat "$T/.err")" '"sender:alice": expected an id, or from:TEXT'
exit_is "an id that is not there" 66 mm-queue list "$Q" nosuch a1
like "the others are listed" "$(cat "$T/.out")" 'a1 .*-- 1 message,'
is "show" "$(mm-queue show "$Q" from:alice | grep -a ^id:)" "id: a1
id: a4"

# --- changing
is "what would be done" "$(mm-queue remove -n "$Q" from:alice | tail -n 1)" "-- 2 messages, 44 octets"
is "is not" "$(listed)" "a1 a2 a3 a4 a5"
is "hold" "$(mm-queue hold "$Q" rcpt:x.example)" "held 2 messages"
is "those that were not" "$(listed held:yes)" "a1 a3 a5"
is "release" "$(mm-queue release "$Q" held:yes from:alice)" "released 1 message"
is "only those" "$(listed held:yes)" "a3 a5"
is "remove" "$(mm-queue remove "$Q" from:carol)" "removed 1 message"
is "it is gone" "$(listed)" "a1 a2 a4 a5"
is "nothing fits" "$(mm-queue remove "$Q" from:nobody; echo $?)" "removed 0 messages
0"
is "what retry --all would do" "$(mm-queue retry -n --all "$Q" | grep -o '^a[0-9]' | paste -sd ' ')" "a1 a2 a4"
exit_is "nothing said" 64 mm-queue remove "$Q"
exit_is "--all is not for removing" 64 mm-queue remove --all "$Q"
exit_is "a wrong term changes nothing" 64 mm-queue remove "$Q" from:alice from:
is "... nothing" "$(listed)" "a1 a2 a4 a5"

# --- ages
is "by recipients" "$(mm-queue stat --by rcpt "$Q" | tail -n 4)" \
	"MINUTES                    ALL    5   10   20   40   80  160  320  640 1280 more
total                        4    4    0    0    0    0    0    0    0    0    0
x.example                    2    2    0    0    0    0    0    0    0    0    0
y.example                    2    2    0    0    0    0    0    0    0    0    0"
is "by senders, in JSON" "$(mm-queue stat --json --by from "$Q" | python3 -c '
import json, sys
for d in json.load(sys.stdin)["domains"]:
    print(d["domain"], d["messages"], d["ages"])')" \
	"example.org 3 [3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
 1 [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]"
like "without, it is as before" "$(mm-queue stat --json "$Q")" \
	'^\{"messages":4,"octets":[0-9]+,"fresh":0,"deferred":3,"held":1,"oldest":"20[^"]*Z"\}$'
exit_is "--by something else" 64 mm-queue stat --by size "$Q"

# --- a terminal
add long "<$(printf 'l%.0s' {1..120})@example.org>" '<bob@x.example>'
wide() { # COLUMNS: the longest line of the table on a terminal
	python3 - "$1" "$Q" <<'PY'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execvp("mm-queue", ["mm-queue", "list", sys.argv[2], "long"])
out = b""
try:
    while data := os.read(fd, 65536):
        out += data
except OSError:
    pass
print(max(len(line) for line in out.decode().splitlines()))
PY
}
is "addresses are cut to it" "$(wide 90) $(wide 80)" "90 80"
like "elsewhere they are whole" "$(mm-queue list "$Q" long)" 'from <l{120}@example.org>'
done_testing
