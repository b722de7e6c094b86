#!/bin/bash
# The files that add writes: used again, emptied, removed, taken over from others.
. "$(dirname "$0")/../lib/tap.sh"
need python3 mm-queue

Q=$T/q
fresh() {
	rm -rf "$Q"
}
add() { # ID [OCTETS]
	{
		printf 'mail 1 %d\nid: %s\nmail-from: <a@b.example>\nrcpt-to: <c@d.example>\n\n' \
			"${2:-6}" "$1"
		head -c "${2:-6}" /dev/zero | tr '\0' x
	} >"$T/in"
	mm-queue add "$Q" <"$T/in" >"$T/.out" && grep -q '^reply: 250' "$T/.out"
}
files() {
	ls "$Q/intake" | wc -l
}
ids() {
	mm-queue list --json "$Q" | sed 's/.*"id": *"\([^"]*\)".*/\1/' | sort | tr '\n' ' '
}
octets() { # ID
	mm-queue show "$Q" "$1" | sed '1,/^$/d' | wc -c
}
sizes() {
	find "$Q/intake" -type f -size "$1" | wc -l
}
# shellcheck disable=SC2016
all_ok='while read -r _ _ n; do
	id= tag=
	while read -r k v && [ "$k" ]; do case $k in id:) id=$v ;; tag:) tag=$v ;; esac; done
	head -c "$n" >/dev/null
	case $id in wait*) s="tempfail\nreply: 451 4.3.0 later" ;; *) s="ok\nreply: 250 2.0.0 ok" ;; esac
	printf "mail 1 0\nid: %s\ntag: %s\nstatus: $s\n\n" "$id" "$tag"
done'
deliver() {
	start run mm-queue run "$Q" -- bash -c "$all_ok"
}
left() { # N
	[ "$(mm-queue stat "$Q" | sed -n 's/^messages: //p')" = "$1" ]
}

fresh
ok 'a record' add a
ok 'another' add b
is 'are in one file' "$(files)" 1
is 'nothing else is made for them' "$(ls "$Q" | tr '\n' ' ')" 'intake wake '
is 'both are shown' "$(ids)" 'a b '
ok 'an id that is there' add b 100
is 'is not added again' "$(octets b)" 6

# A writer that was killed leaves a file that nobody goes on with.
mkfifo "$T/pipe"
mm-queue add "$Q" <"$T/pipe" >"$T/killed.out" &
exec 7>"$T/pipe"
printf 'mail 1 6\nid: k1\nrcpt-to: <c@d.example>\n\nxxxxxx' >&7
wait_for 'its answer' grep -q '^reply: 250' "$T/killed.out"
{ kill -KILL $! && wait $!; } 2>/dev/null
exec 7>&-
wait
ok 'after a writer was killed' add c
is 'there is another file' "$(files)" 2
is 'and all records' "$(ids)" 'a b c k1 '
held() {
	ok 'while one writes' add d
	add e
}
mm-queue add "$Q" <"$T/pipe" >"$T/killed.out" &
exec 7>"$T/pipe"
printf 'mail 1 6\nid: w1\nrcpt-to: <c@d.example>\n\nxxxxxx' >&7
wait_for 'its answer' grep -q '^reply: 250' "$T/killed.out"
held
is 'others have files of their own' "$(files)" 3
is 'what a writer has said is seen at once' "$(ids)" 'a b c d e k1 w1 '

# Clearing up
deliver
wait_for 'all' left 0
wait_for 'what was left by the killed one to go' sh -c "[ \$(ls $Q/intake | wc -l) -eq 2 ]"
wait_for 'the finished one to be empty' sh -c "[ \$(find $Q/intake -size -2 -size +0 | wc -l) -ge 1 ]"
printf 'mail 1 6\nid: w2\nrcpt-to: <c@d.example>\n\nxxxxxx' >&7
wait_for 'its answer' grep -q 'queued as w2' "$T/killed.out"
exec 7>&-
wait_for 'all' left 0
ok 'an emptied file' add f
wait_for 'is used again' left 0
ok 'a large message' add g 3000000
wait_for 'is done' left 0
wait_for 'and its file removed' sh -c "[ \$(find $Q/intake -size +1000k | wc -l) -eq 0 ]"
stop run
is 'nothing was said twice' "$(grep -o 'msg=done id=[a-z0-9]*' "$T/run.log" | sort | uniq -d)" ''
is 'nothing was wrong' "$(grep -c 'level=\(warn\|error\)' "$T/run.log")" 0

# Many writers at once leave many files, which do not stay.
fresh
ok 'the first' add a
deliver
python3 - "$Q" <<'EOF_PY'
import subprocess, sys
writers = [subprocess.Popen(["mm-queue", "add", sys.argv[1]], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE) for _ in range(9)]
for i, w in enumerate(writers):
    w.stdin.write(b"mail 1 0\nid: m%d\nrcpt-to: <c@d.example>\n\n" % i)
    w.stdin.flush()
    while not w.stdout.readline().startswith(b"reply: 250"):
        pass
for w in writers:
    w.communicate()
EOF_PY
wait_for 'all' left 0
few() {
	[ "$(files)" -le 4 ]
}
ok 'many writers at once: few files stay' wait_for 'few files' few
stop run

# A queue that is taken away while one writes
mm-queue add "$Q" <"$T/pipe" >"$T/killed.out" 2>"$T/.err" &
exec 7>"$T/pipe"
printf 'mail 1 6\nid: g1\nrcpt-to: <c@d.example>\n\nxxxxxx' >&7
wait_for 'its answer' grep -q 'queued as g1' "$T/killed.out"
rm -rf "$Q"
printf 'mail 1 6\nid: g2\nrcpt-to: <c@d.example>\n\nxxxxxx' >&7
exec 7>&-
wait
like 'a queue that was removed takes no mail' "$(cat "$T/killed.out")" 'reply: 451 4.3.0 the queue cannot'

# Few that wait do not keep the file of many.
fresh
python3 - >"$T/in" <<'EOF_IN'
for i in range(100):
    name = "wait%d" % i if i % 10 == 0 else "i%d" % i
    print("mail 1 20000\nid: %s\nrcpt-to: <c@d.example>\n\n%s" % (name, ("%05d" % i) * 4000), end="")
EOF_IN
mm-queue add "$Q" <"$T/in" >"$T/.out"
deliver
wait_for 'all but ten' left 10
wait_for 'the file to go' sh -c "[ \$(ls $Q/intake | wc -l) -eq 0 ]"
stop run
is 'they are whole' "$(mm-queue show "$Q" wait70 | tail -c 20000 | md5sum)" \
	"$(python3 -c 'print("00070" * 4000, end="")' | md5sum)"
is 'and the ten' "$(ids | wc -w)" 10
ok 'a record that waits is removed by hand' mm-queue remove "$Q" wait70
is 'and nine are left' "$(ids | wc -w)" 9

# A queue of an earlier version
fresh
mkdir "$Q"
python3 - "$Q/queue.db" <<'EOF_DB'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript("""
PRAGMA journal_mode = WAL;
CREATE TABLE message (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
 queued INTEGER NOT NULL, next INTEGER, held INTEGER NOT NULL DEFAULT 0,
 attempts INTEGER NOT NULL DEFAULT 0, deaths INTEGER NOT NULL DEFAULT 0,
 size INTEGER NOT NULL, reply TEXT, progress BLOB, head BLOB NOT NULL);
CREATE TABLE body (seq INTEGER PRIMARY KEY, octets BLOB NOT NULL);
CREATE INDEX message_due ON message (next) WHERE next IS NOT NULL AND held = 0;
PRAGMA application_id = 1835888997; PRAGMA user_version = 1;
INSERT INTO message (id, queued, size, head)
 VALUES ('old', 1, 5, CAST('id: old' || char(10) || 'rcpt-to: <c@d.example>' || char(10) AS BLOB));
INSERT INTO body VALUES (1, CAST('hello' AS BLOB));
""")
EOF_DB
is 'is taken over' "$(mm-queue show "$Q" old | tail -n 1)" hello
ok 'and added to' add new
is 'both are there' "$(ids)" 'new old '
deliver
wait_for 'both' left 0
stop run
is 'are delivered' "$(grep -c 'msg=done' "$T/run.log")" 2

done_testing
