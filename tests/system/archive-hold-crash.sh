#!/bin/bash
# mm-archive hold add, killed at any moment: the hold is there whole or not at all, the
# same command or the next one goes on, and the log knows every hold.
rounds=${MM_ROUNDS:-40} # tap.sh unsets it
. "$(dirname "$0")/../lib/tap.sh"
need python3

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=error
mm-archive create Box --retention THREE_MONTHS >/dev/null
D=$T/root/Box
{
	printf 'mail 1 13\nid: aa\nreceived: 2020-01-01T00:00:00Z\n\nSubject: x\r\n\r'
} | mm-archive add Box >/dev/null
seq 20000 | sed 's/^/id-/' >"$T/ids"
python3 - "$D/2020-01/index.db" <<'EOF'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("INSERT INTO message(id, received, frame, head_at, head_size, at, size, attachments,"
           " date, mail_from, ip, ingress, spf, dkim, dmarc, message_id, sender, subject)"
           " WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 20000)"
           " SELECT 'id-' || x, 1577836800000, 1, 0, 0, 0, 1, 0, 0, '', '', '', '', '', '', '', '', ''"
           " FROM c")
db.commit()
EOF
begun=$(date +%s%N)
mm-archive hold add Box first --reason x --query aa --ids <"$T/ids" >/dev/null
took=$((($(date +%s%N) - begun) / 1000000)) # ms
killed=0 whole=0 bad=0
for ((i = 0; i < rounds; i++)); do
	mm-archive hold add Box "hold-$i" --reason "round $i" --query aa --ids <"$T/ids" >/dev/null 2>>"$T/err" &
	pid=$!
	at=$((took / 2 + RANDOM % took))
	sleep "$(printf '%d.%03d' $((at / 1000)) $((at % 1000)))"
	kill -9 $pid 2>/dev/null && killed=$((killed + 1))
	wait $pid 2>/dev/null
	if [ -e "$D/holds/hold-$i.json" ]; then
		whole=$((whole + 1))
		python3 -c 'import json, sys; len(json.load(open(sys.argv[1]))["Ids"]) == 20000 or sys.exit(1)' \
			"$D/holds/hold-$i.json" || bad=$((bad + 1))
		mm-archive hold remove Box "hold-$i" --reason over >/dev/null || bad=$((bad + 1))
	fi
done
diag "killed $killed, made $whole, took $took"; sort "$T/err" | uniq -c | head -5 | tap_comments
ok "some were killed" test "$killed" -gt 0
ok "some were made" test "$whole" -gt 0
is "each that is there is whole" "$bad" 0
exit_is "the next one is made" 0 mm-archive hold add Box last --reason last --ids <"$T/ids"
exit_is "prune reads what is left" 0 mm-archive prune Box
is "and it is held" "$(mm-search -a Box --count)" 20000
ok "the log is JSON Lines, but for lines that were never finished" python3 - "$D/holds/log.jsonl" <<'EOF'
import json, sys
held = set()
for line in open(sys.argv[1]):
    try:
        e = json.loads(line)
    except ValueError:
        continue
    if e["Action"] == "add":
        held.add(e["Name"])
    elif e["Name"] not in held:
        sys.exit("a hold went that the log does not know: " + e["Name"])
"last" in held or sys.exit("the last one is not in it")
EOF

# --- a chain that cannot be told
if [ -e "$B/tools/fault.so" ]; then
	mm-archive create Chained --retention PERMANENT >/dev/null
	printf 'mail 1 13\nid: aa\nreceived: 2020-01-01T00:00:00Z\n\nSubject: x\r\n\r' | mm-archive add Chained >/dev/null
	mm-archive seal Chained
	exit_is "the chain refuses" 73 env FAULT_CALLS=flock LD_PRELOAD="$B/tools/fault.so" \
		FAULT_DIR="$T/root/Chained/chain.jsonl" FAULT=ENOLCK FAULT_AT=1 \
		ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
		mm-archive hold add Chained case --reason x --query x
	like "it is told that the hold is there" "$(cat "$T/.err")" \
		'archive Chained has the hold case all the same; mm-archive seal tells the chain of it'
	exit_is "it is" 77 mm-archive forget Chained --reason x aa
	exit_is "seal tells the chain" 0 mm-archive seal Chained
	is "verify" "$(MM_LOG=warn mm-archive verify Chained 2>&1 | grep -c level=)" 0
else
	skip "a chain that cannot be told" "tools/fault.so is not built"
fi

if [ "$(id -u)" -eq 0 ] && mkdir "$T/small" && mount -t tmpfs -o size=1m none "$T/small" 2>/dev/null; then
	at_exit "umount $T/small"
	export MM_ARCHIVE_ROOT=$T/small
	cp -r "$T/root/Box" "$T/small/" 2>/dev/null
	rm -rf "$T/small/Box/holds" "$T/small/Box/2020-01"
	printf 'mail 1 13\nid: aa\nreceived: 2020-01-01T00:00:00Z\n\nSubject: x\r\n\r' | mm-archive add Box >/dev/null
	head -c 1M /dev/zero >"$T/small/fill" 2>/dev/null
	exit_is "full: it is refused" 73 mm-archive hold add Box full --reason x --query aa
	not_ok "full: and is not there" test -e "$T/small/Box/holds/full.json"
	rm "$T/small/fill"
	exit_is "full: with room it is made" 0 mm-archive hold add Box full --reason x --query aa
	is "full: the log has it once" "$(grep -c '"Name":"full"' "$T/small/Box/holds/log.jsonl")" 1
else
	skip "a full disk" "needs root and tmpfs"
fi
done_testing
