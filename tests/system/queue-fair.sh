#!/bin/bash
# Four destinations, one dead, one slow, one greylisting: the healthy one does not
# wait for them; all mail arrives once or is told to have failed.  Nor does it wait
# when the slow one's mail is addressed to both.
. "$(dirname "$0")/../lib/tap.sh"
need python3 mm-queue

count=400
records() { # DOMAINS...; a-b: one record to both
	python3 - "$count" "$@" <<'PY'
import sys
body = b"Subject: x\r\n\r\nhello\r\n"
for i in range(int(sys.argv[1])):
    for domains in sys.argv[2:]:
        head = "mail 1 %d\nid: %s%d\nmail-from: <a@home.example>\n" % (len(body), domains, i)
        head += "".join("rcpt-to: <b%d@%s.example>\n" % (i, d) for d in domains.split("-"))
        sys.stdout.buffer.write(head.encode() + b"\n" + body)
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

count=200
{
	records good-slow
	records good
} | mm-queue add "$T/q2" >/dev/null
is "queued together" "$(mm-queue stat "$T/q2" | head -n 1)" "messages: $((count * 2))"
start together mm-queue run --hostname gw.example --window 100 "$T/q2" -- \
	python3 "$top/tests/tools/queue-together.py" "$T/log2" 2
wait_for "all is done" sh -c "mm-queue stat $T/q2 | grep -q '^messages: 0'"
stop together
earlier=$(awk '/good-slow/ { n++ } !/good-slow/ { earlier = n } END { print earlier + 0 }' "$T/log2")
diag "$earlier of $count to good and slow came back before the last to good alone"
is "each came back once" "$(sort -u "$T/log2" | wc -l) $(wc -l <"$T/log2")" "400 400"
# If they counted for both, three in four would.
ok "good does not wait for mail to good and slow" test "$earlier" -le $((count / 2))
done_testing
