#!/bin/bash
# mm-queue: what is added is fed, tried again, given up, held, listed.
. "$(dirname "$0")/../lib/tap.sh"
need python3 mm-queue

Q=$T/q
worker=$top/tests/tools/queue-worker.py
log=$T/log
printf '%s\r\n' 'From: <alice@example.org>' 'To: <bob@x.example>' 'Subject: order 66' \
	'X-Marker: kept' '' 'hello' >"$T/m.eml"

add() { # ID RCPT... [-- OPTION...]
	local id=$1 options=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=(--rcpt-to "$1")
		shift
	done
	[ $# -eq 0 ] || shift
	mm-queue add --field "id=$id" --mail-from "${sender-<alice@example.org>}" \
		"${options[@]}" "$@" "$Q" "$T/m.eml" >"$T/added"
}

run() { # NAME OPTION...
	local name=$1
	shift
	start "$name" env SHOW="${SHOW:-}" mm-queue run --hostname gw.example "$@" "$Q" -- \
		python3 "$worker" "$log"
}

empty() {
	[ "$(mm-queue stat "$Q" | head -n 1)" = 'messages: 0' ]
}

fresh() {
	rm -rf "$Q" "$log"
	: >"$log"
}

listed() { # FILTER: a python expression of r over the rows
	mm-queue list --json "$Q" | python3 -c "
import sys, json
for l in sys.stdin:
    r = json.loads(l)
    print($1)"
}

# --- add
fresh
ok "add" add a1 '<bob@x.example>'
is "says so" "$(grep -aE '^(id|status|reply):' "$T/added")" "id: a1
status: ok
reply: 250 2.0.0 queued as a1"
ok "the same id again is the same record" add a1 '<bob@x.example>'
is "once" "$(mm-queue stat "$Q" | head -n 3)" "messages: 1
octets: $(wc -c <"$T/m.eml")
fresh: 1"
is "shown as it was" "$(mm-queue show "$Q" a1 | sed -n '/^$/,$p' | tail -n +2)" "$(cat "$T/m.eml")"
is "with its fields" "$(mm-queue show "$Q" a1 | grep -aE '^(id|mail-from|rcpt-to|tag|status):')" \
	"$(printf 'id: a1\nmail-from: <alice@example.org>\nrcpt-to: <bob@x.example>')"
like "an id that is none is refused" "$(printf 'mail 1 0\nid: ../x\n\n' | mm-queue add "$Q")" \
	'reply: 451 4.3.5 expected an id'
exit_is "no parent directory" 75 mm-queue add "$T/none/q" "$T/m.eml"
like "is a temporary failure" "$(cat "$T/.out")" 'reply: 451 4.3.0 the queue cannot be written'
exit_is "show of what is not there" 66 mm-queue show "$Q" nosuch
exit_is "list of what is no queue" 66 mm-queue list "$T"
exit_is "no command" 75 mm-queue
exit_is "unknown option" 64 mm-queue list --nosuch "$Q"
is "hold" "$(mm-queue hold "$Q" a1 && listed 'r["id"], r["held"]')" "a1 held"
is "release" "$(mm-queue release "$Q" a1 && listed 'r["id"], r["held"]')" "a1 "
exit_is "release of what is not held" 66 mm-queue release "$Q" a1
like "says so" "$(cat "$T/.err")" 'no message a1 in the queue, or it is not held'
exit_is "remove" 0 mm-queue remove "$Q" a1
ok "empty" empty
ok "add --hold" add a2 '<bob@x.example>' -- --hold='looks like "spam"' --field held=forged
unlike "the record itself does not change" "$(grep -a ^held: "$T/added")" .
is "its reason" "$(listed 'r["id"], r["held"], r["reason"]')" 'a2 held looks like "spam"'
like "for people too" "$(mm-queue list "$Q")" 'a2 .* held.*\(held: looks like "spam"\)'
is "show has it" "$(mm-queue show "$Q" a2 | grep -a ^held:)" 'held: looks like "spam"'
ok "add --hold without a reason" add a3 '<bob@x.example>' -- --hold --field held=forged
is "held" "$(listed 'r["id"], r["held"], r["reason"]' | tail -n 1)" "a3 held None"
add a4 '<bob@x.example>' -- --field held=forged
is "a record says nothing about that itself" "$(listed 'r["held"], r["reason"]' | tail -n 1)" " None"
SHOW=held run released
wait_for "what is not held is done" grep -q a4 "$log"
mm-queue release "$Q" a2 a3
wait_for "released" empty
stop released
is "in order; the worker does not see why they were held" "$(cat "$log")" "a4 1 <bob@x.example>
a2 1 <bob@x.example>
a3 1 <bob@x.example>"

# --- run: ok, woken at once
fresh
add b1 '<bob@x.example>'
run ok
wait_for "the first is done" empty
add b2 '<bob@x.example>'
wait_for "the one added meanwhile is done" empty
is "each once" "$(cat "$log")" "b1 1 <bob@x.example>
b2 1 <bob@x.example>"
exit_is "a second run on the directory" 75 mm-queue run "$Q" -- cat
exit_is "options may stand behind the directory too" 75 mm-queue run "$Q" --retry-min 1s -- cat
like "... they are not the worker" "$(cat "$T/.err")" 'no other mm-queue run'
like "says why" "$(cat "$T/.err")" 'expected no other mm-queue run'
exit_is "SIGTERM ends it" 0 stop ok

# --- tempfail, then ok; the worker's fields come back
fresh
add c1 '<once@x.example>'
SHOW=progress run again --retry-min 100ms
wait_for "done at the second attempt" empty
is "fields are kept" "$(cat "$log")" "c1 1 <once@x.example>
c1 2 <once@x.example> progress=step1"
stop again

# --- all of what it found out, in order, also after kill -9 of both
fresh
add c2 '<once@x.example>' '<once2@x.example>'
facts='done: inbound 1/0 keep Archive mail ok <once@x.example> 250 2.0.0 archived
spf: pass domain=example.org
done: inbound 1/1 tell Relay one permfail <once2@x.example> 550 5.1.1 "quoted" \ ü'
FIELDS=$facts SHOW="done spf" run found --retry-min 1h
wait_for "tried" sh -c "mm-queue list --json $Q | grep -q '\"attempts\":1'"
stop found KILL
: >"$log"
SHOW="done spf" run found-again
mm-queue retry "$Q" c2
wait_for "done" empty
stop found-again
is "is there for the next attempt" "$(cat "$log")" \
	"c2 2 <once@x.example> <once2@x.example> $(sed 's/: /=/' <<<"$facts" | paste -sd ' ')"

# --- recipients apart; a refusal is told to the sender, who is told once
fresh
add d1 '<good@x.example>' '<once@x.example>' '<perm@x.example>'
run apart --retry-min 100ms
wait_for "all decided" empty
is "only the unfinished is tried again" "$(grep ^d1 "$log")" \
	"d1 1 <good@x.example> <once@x.example> <perm@x.example>
d1 2 <once@x.example>"
is "one notification" "$(grep -v ^d1 "$log" | cut -d' ' -f2-)" "1 <alice@example.org>"
stop apart
fresh
sender='<>'
add d2 '<perm@x.example>'
sender='<alice@example.org>'
run null
wait_for "refused" empty
stop null
is "no notification for the null reverse-path" "$(cat "$log")" "d2 1 <perm@x.example>"
like "but a log line" "$(cat "$T/null.log")" 'level=warn .*msg="nobody to notify" id=d2'
fresh
add d3 '<perm@x.example> NOTIFY=NEVER'
run never
wait_for "refused, nobody wants to know" empty
stop never
is "NOTIFY=NEVER is honoured" "$(cat "$log")" "d3 1 <perm@x.example>"

# --- the whole record at once, without results
fresh
add e1 '<bare.perm@x.example>' '<perm@x.example>'
run bare
wait_for "refused" empty
stop bare
is "the status is for all" "$(cut -d' ' -f2- "$log")" "1 <bare.perm@x.example> <perm@x.example>
1 <alice@example.org>"

# --- no status is no success
fresh
add f1 '<silent@x.example>'
run silent --retry-min 1h
wait_for "deferred" grep -q 'has no status' "$T/silent.log"
wait_for "written" sh -c "mm-queue list --json $Q | grep -q '\"attempts\":1'"
is "it stays" "$(listed 'r["id"], r["reply"]')" \
	"f1 451 4.3.0 the worker did not say what it did"
is "retry" "$(mm-queue retry "$Q" f1; echo $?)" 0
wait_for "tried again at once" sh -c "mm-queue list --json $Q | grep -q '\"attempts\":2'"
mm-queue remove "$Q" f1
ok "removed" empty
stop silent

# --- lifetime: a notification that others can read
fresh
mm-queue add --field id=g1 --field helo=client.example \
	--mail-from '<alice@example.org> ENVID=QQ+2B314 RET=HDRS' \
	--rcpt-to '<temp@x.example> ORCPT=rfc822;Temp+40x.example' --rcpt-to '<once@x.example>' \
	"$Q" "$T/m.eml" >/dev/null
start expire mm-queue run --hostname gw.example --time-scale 1000 --retry-min 200s \
	--lifetime 4000s "$Q" -- sh -c "tee $T/seen | python3 $worker $log"
wait_for "given up and told" empty
stop expire
is "the notification" "$(python3 - "$T/seen" <<'END'
import email, email.policy, re, sys
data = open(sys.argv[1], "rb").read()
at = data.index(b"\ndsn-for: g1\n")
start = data.rindex(b"mail 1 ", 0, at)
size = int(data[start:].split(b"\n")[0].split()[2])
head, body = data[start:].split(b"\n\n", 1)
print([l for l in head.decode().split("\n") if re.match("mail-from|rcpt-to", l)])
m = email.message_from_bytes(body[:size], policy=email.policy.default)
print(m.get_content_type(), m.get_param("report-type"), m.defects)
print(m["From"], "|", m["To"], "|", m["Auto-Submitted"])
for p in m.iter_parts():
    print(p.get_content_type(), p.defects)
status = list(m.iter_parts())[1].get_payload()
print(status[0]["Original-Envelope-Id"], "|", status[0]["Reporting-MTA"], "|",
      status[0]["Received-From-MTA"], "|", "Arrival-Date" in status[0])
for s in status[1:]:
    print(s["Original-Recipient"], "|", s["Final-Recipient"], "|", s["Action"], "|", s["Status"], "|",
          s["Diagnostic-Code"])
print("X-Marker: kept" in list(m.iter_parts())[2].get_content())
END
)" "['mail-from: <>', 'rcpt-to: <alice@example.org>']
multipart/report delivery-status []
Mail Delivery System <MAILER-DAEMON@gw.example> | alice@example.org | auto-replied
text/plain []
message/delivery-status []
text/rfc822-headers []
QQ+314 | dns; gw.example | dns; client.example | True
rfc822; Temp@x.example | rfc822; temp@x.example | failed | 4.4.7 | smtp; 451 4.7.1 come back later
True"

# --- what the sender is told, with a worker before whom all is shown
told() { # NAME OPTION...: what the notifications say of whom
	local name=$1
	shift
	: >"$T/seen"
	start "$name" env FIELDS="${FIELDS:-}" mm-queue run --hostname gw.example "$@" "$Q" -- \
		sh -c "tee $T/seen | python3 $worker $log"
	wait_for "$name: all done" empty
	stop "$name"
	python3 "$top/tests/tools/queue-dsn.py" "$T/seen"
}
fresh
add g2 '<good@x.example> NOTIFY=SUCCESS' '<relayed@x.example> NOTIFY=SUCCESS,FAILURE' \
	'<boxed@x.example> NOTIFY=SUCCESS' '<dsn@x.example> NOTIFY=SUCCESS' '<relayed2@x.example>' '<perm@x.example> NOTIFY=SUCCESS'
is "success is told to who asked, by who is the last to know" "$(told success)" \
	"g2 <alice@example.org> good@x.example delivered 2.0.0 None
g2 <alice@example.org> relayed@x.example relayed 2.0.0 dns; mx.x.example
g2 <alice@example.org> boxed@x.example delivered 2.0.0 dns; mx.x.example"
fresh
sender='<>'
add g3 '<good@x.example> NOTIFY=SUCCESS'
sender='<alice@example.org>'
is "never to the null reverse-path" "$(told success-null)" ""
fresh
add g4 '<temp@x.example>' '<temp2@x.example> NOTIFY=FAILURE' '<temp3@x.example> NOTIFY=DELAY' \
	'<good@x.example>'
is "a delay is told once, to who wants it; then the failure" \
	"$(told delay --time-scale 1000 --retry-min 100s --retry-max 100s --delay-warning 1s --lifetime 3000s)" \
	"g4 <alice@example.org> temp@x.example delayed 4.7.1 None
g4 <alice@example.org> temp3@x.example delayed 4.7.1 None
g4 <alice@example.org> temp@x.example failed 4.4.7 None
g4 <alice@example.org> temp2@x.example failed 4.4.7 None"
unlike "the worker does not see that" "$(cat "$T/seen")" delay-told
fresh
add g5 '<temp@x.example>'
is "no warning" "$(told undelayed --time-scale 1000 --retry-min 100s --delay-warning 0 --lifetime 500s)" \
	"g5 <alice@example.org> temp@x.example failed 4.4.7 None"

# --- nor to somebody who may not have sent it
for how in verified never; do
	fresh
	add "g-$how" '<perm@x.example>' -- --ip 192.0.2.7
	is "--bounce $how: a stranger hears nothing" "$(told "stranger-$how" --bounce "$how")" ""
	like "that is logged" "$(cat "$T/stranger-$how.log")" "level=warn .*not notified.* id=g-$how"
done
fresh
add g6 '<perm@x.example>' -- --ip 192.0.2.7
is "--bounce always" "$(told always --bounce always)" \
	"g6 <alice@example.org> perm@x.example failed 5.1.1 None"
fresh
add g7 '<perm@x.example>' -- --ip 192.0.2.7
is "a sender who is verified by what the worker found" \
	"$(FIELDS='spf: pass domain=example.org' told verified)" \
	"g7 <alice@example.org> perm@x.example failed 5.1.1 None"
exit_is "--bounce of another kind" 75 mm-queue run --bounce maybe "$Q" -- cat
exit_is "--delay-warning that is none" 75 mm-queue run --delay-warning soon "$Q" -- cat

# --- a record that kills workers is held, the others are done
fresh
for i in 1 2 3 4 5; do add "h$i" '<bob@x.example>'; done
add h6 '<kill@x.example>'
add h7 '<bob@x.example>'
run poison
wait_for "held" sh -c "mm-queue list --json $Q | grep -q '\"held\":\"poison\"'"
wait_for "the others are done" sh -c "mm-queue stat $Q | grep -q '^messages: 1'"
is "only that one is left, with the reason" "$(listed 'r["id"], r["held"], r["reason"]')" \
	"h6 poison 451 4.3.0 worker was ended by signal 9"
is "which show has too" "$(mm-queue show "$Q" h6 | grep -a ^held:)" \
	"held: 451 4.3.0 worker was ended by signal 9"
is "it was given five times" "$(grep -c ^h6 "$log")" 5
like "and is named" "$(cat "$T/poison.log")" 'level=error .*held h6: it was at hand when 5 workers died'
stop poison

# --- a worker that cannot work is no reason to hold anything
fresh
add i1 '<bob@x.example>'
start broken mm-queue run "$Q" -- sh -c 'exit 75'
wait_for "it was tried" grep -q 'exit status 75' "$T/broken.log"
stop broken
is "it waits, untried" "$(listed 'r["id"], r["attempts"], r["held"]')" "i1 0 "

# --- unless it works with the others
fresh
for i in 1 2 3 4 5; do add "i1$i" '<bob@x.example>'; done
add i16 '<unable@x.example>'
add i17 '<unable@x.example>'
add i18 '<bob@x.example>'
run unable --retry-min 20ms --poison 3
wait_for "the others are done" grep -q ^i18 "$log"
for i in 1 2 3 4 5 6 7 8 9; do
	[ "$(listed 'r["held"]' | grep -c poison)" -lt 2 ] || break
	add "i2$i" '<bob@x.example>'
	wait_for "one more is done" grep -q "^i2$i" "$log"
done
wait_for "both are held" sh -c "[ \$(mm-queue list --json $Q | grep -c '\"held\":\"poison\"') = 2 ]"
is "only those" "$(listed 'r["id"], r["attempts"], r["reason"]')" \
	"i16 3 451 4.3.0 worker ended with exit status 75
i17 3 451 4.3.0 worker ended with exit status 75"
stop unable

# --- nor does it lose one that was made due by hand meanwhile
fresh
add i2 '<bob@x.example>'
cat >"$T/first-fails" <<-END
	[ ! -f $T/failed ] || exec python3 $worker $log
	head -c 1 >/dev/null
	touch $T/has-it
	until [ -f $T/go ]; do sleep 0.02; done
	touch $T/failed
	exit 75
END
start handed-back mm-queue run "$Q" -- sh "$T/first-fails"
wait_for "the worker has it" test -f "$T/has-it"
mm-queue retry "$Q" i2
wait_for "the queue was told" python3 -c "
import os, fcntl, termios, sys
fd = os.open('$Q/wake', os.O_RDWR | os.O_NONBLOCK)
sys.exit(any(fcntl.ioctl(fd, termios.FIONREAD, bytes(4))))"
touch "$T/go"
wait_for "and it is done" empty
stop handed-back

# --- outcomes that could not be written down are, at the last moment
sqlite() {
	python3 -c 'import sys, sqlite3; sqlite3.connect(sys.argv[1]).execute(sys.argv[2])' \
		"$Q/queue.db" "$1"
}
fresh
add i3 '<bob@x.example>'
mm-queue stat "$Q" >"$T/.out" # makes a row of it
sqlite "CREATE TRIGGER no BEFORE DELETE ON message BEGIN SELECT RAISE(FAIL, 'no'); END"
run stubborn --grace 1ms
wait_for "it could not be removed" grep -q 'outcomes not yet on disk' "$T/stubborn.log"
sqlite 'DROP TRIGGER no'
stop stubborn
ok "it is removed" empty

# --- large messages
fresh
head -c 5000000 /dev/urandom | base64 | sed 's/$/\r/' >"$T/large"
{ printf 'Subject: large\r\n\r\n'; cat "$T/large"; } >"$T/large.eml"
mm-queue add --field id=j1 --rcpt-to '<bob@x.example>' "$Q" "$T/large.eml" >/dev/null
check_same "a large message is the same" "mm-queue show $Q j1 | sed '1,/^\$/d'" "cat $T/large.eml"

# --- no space
fresh
add k1 '<bob@x.example>'
exit_is "a file size limit" 75 bash -c \
	"ulimit -f 1000; exec mm-queue add --field id=k2 $Q $T/large.eml"
like "is a full disk" "$(grep -a ^reply: "$T/.out")" "reply: 452 4.3.1 the queue's disk is full"
exit_is "too little free" 75 mm-queue add --min-free 900000G --field id=k3 "$Q" "$T/m.eml"
like "is a full disk" "$(grep -a ^reply: "$T/.out")" "reply: 452 4.3.1"
ok "it works still" add k4 '<bob@x.example>'
is "nothing half-written" "$(listed 'r["id"]')" "k1
k4"

# A caller that wants no messages back

printf 'mail 1 5\nid: brief\n\nhello' >"$T/brief"
is 'its child leaves them out' "$(MM_FIELDS_ONLY=$BASHPID && export MM_FIELDS_ONLY &&
	mm-queue add "$T/brief.q" <"$T/brief"; true)" 'mail 1 0
id: brief
status: ok
reply: 250 2.0.0 queued as brief'
is 'another process does not' "$(export MM_FIELDS_ONLY=$PPID &&
	mm-queue add "$T/brief.q" <"$T/brief"; true)" 'mail 1 5
id: brief
status: ok
reply: 250 2.0.0 queued as brief

hello'
is 'the message is whole in the queue' "$(mm-queue show "$T/brief.q" brief | tail -n 1)" hello

done_testing
