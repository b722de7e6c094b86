#!/bin/bash
# Four destinations, one dead, one slow, one greylisting: the healthy one does not
# wait for them; all mail arrives once or is told to have failed.
. "$(dirname "$0")/../lib/tap.sh"
need python3 mm-queue

count=400
records() { # DOMAIN...
	python3 - "$count" "$@" <<'PY'
import sys
body = b"Subject: x\r\n\r\nhello\r\n"
for i in range(int(sys.argv[1])):
    for domain in sys.argv[2:]:
        sys.stdout.buffer.write(b"mail 1 %d\nid: %s%d\nmail-from: <a@home.example>\n"
                                b"rcpt-to: <b%d@%s.example>\n\n"
                                % (len(body), domain.encode(), i, i, domain.encode()) + body)
PY
}

# The healthy one's mail comes last.
records dead slow grey | mm-queue add "$T/q" >/dev/null
records good | mm-queue add "$T/q" >/dev/null
is "queued" "$(mm-queue stat "$T/q" | head -n 1)" "messages: $((count * 4))"
start run mm-queue run --hostname gw.example --window 100 --time-scale 1200 --retry-min 5m \
	--retry-max 20m --lifetime 2h "$T/q" -- python3 "$top/tests/tools/queue-destinations.py" "$T/log"
wait_for "all is done" sh -c "mm-queue stat $T/q | grep -q '^messages: 0'"
stop run
is "each has what is due to it" "$(python3 "$top/tests/tools/queue-fair.py" "$T/log" $count 2>"$T/figures")" \
	"taken good=$count grey=$count home=$count slow=$count
more than once 0
good is done while slow is not: yes
dead was tried at first: $count
dead was seldom tried again: yes"
diag "$(cat "$T/figures")"
done_testing
