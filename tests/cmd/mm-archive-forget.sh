#!/bin/bash
# mm-archive forget: no octet of a message remains, wherever its entries were, every other
# message stays as it was, and what is under a hold is not touched.
. "$(dirname "$0")/../lib/tap.sh"
need python3 tar zstd

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=warn
cd "$T" || exit 1
D=$T/root/Box M=$T/root/Box/2024-03
record() { # ID RECEIVED RCPT [WORD]: one on standard output
	printf 'From: %sfrom@example.org\r\nSubject: %ssubject of %s\r\n\r\n%sbody, says %s\r\n' \
		"${4-}" "${4-}" "$1" "${4-}" "$1" >message
	printf 'mail 1 %s\nid: %s\nreceived: %s\nmail-from: <%senv@example.org>\nrcpt-to: <%s>\n\n' \
		"$(stat -c %s message)" "$1" "$2" "${4-}" "$3"
	cat message
}
corpus() { # COUNT SEED DAY
	python3 "$top/tests/tools/archive_corpus.py" "$@"
}
remains() { # WORD...
	python3 "$top/tests/tools/archive_remains.py" "$D" "$@" | sort
}
others() { # of the ids in the file ids
	mm-archive get Box --record <ids | sha256sum
}
whole() { # NAME: after a forget, with $want from before
	is "$1: every other message is as it was" "$(others)" "$want"
	exit_is "$1: verify" 0 mm-archive verify Box
	is "$1: finds nothing" "$(grep -v ' 0 problems$' "$T/.out")" ""
}

mm-archive create Box --retention PERMANENT >/dev/null
# Three files of one month: the message is in the first of the 22nd, has a recipient more in
# that of the 23rd, and node m has stored it, too, and crashed.
corpus 20 a 2024-03-22 | mm-archive add Box >/dev/null
record secret 2024-03-22T10:00:00Z someone@example.org qzxvjk | mm-archive add Box >/dev/null
corpus 20 b 2024-03-22 | mm-archive add Box >/dev/null
{
	corpus 20 c 2024-03-23
	record secret 2024-03-23T10:00:00Z wzxvjkrcpt@example.org qzxvjk
} >together
mm-archive add Box <together >/dev/null
record near 2024-04-02T10:00:00Z someone@example.org | mm-archive add Box >/dev/null
mm-search -a Box --ids | grep -vx secret | sort >ids
want=$(others)
cp -a root start
cp "$M/22-n-0001.tar.zst" "$M/22-m-0001.tar.zst"

is "before, its words are there" "$(remains zxvjksubject zxvjkbody zxvjkfrom zxvjkenv zxvjkrcpt)" \
	"2024-03/22-m-0001.tar.zst zxvjkbody
2024-03/22-m-0001.tar.zst zxvjkenv
2024-03/22-m-0001.tar.zst zxvjkfrom
2024-03/22-m-0001.tar.zst zxvjksubject
2024-03/22-n-0001.tar.zst zxvjkbody
2024-03/22-n-0001.tar.zst zxvjkenv
2024-03/22-n-0001.tar.zst zxvjkfrom
2024-03/22-n-0001.tar.zst zxvjksubject
2024-03/23-n-0001.tar.zst zxvjkenv
2024-03/23-n-0001.tar.zst zxvjkrcpt
2024-03/index.db zxvjkbody
2024-03/index.db zxvjkenv
2024-03/index.db zxvjkfrom
2024-03/index.db zxvjkrcpt
2024-03/index.db zxvjksubject"

# --- what is not done
sum() {
	(cd "$D" && find . -type f ! -name '*-shm' -exec sha256sum {} + | sort)
}
before=$(sum)
exit_is "without a reason" 64 mm-archive forget Box secret
exit_is "an unknown id" 66 mm-archive forget Box --reason x secret typo
is "is told" "$(cat "$T/.out" "$T/.err")" \
	'level=error prog=mm-archive msg="archive Box has no message with the id \"typo\"; nothing is erased"'
exit_is "what is no id" 65 mm-archive forget Box --reason x 'a/b'
exit_is "no ids" 66 mm-archive forget Box --reason x </dev/null
exit_is "-n" 0 mm-archive forget -n Box --reason x secret a-000001
is "tells the files that the index knows" "$(cat "$T/.out" "$T/.err")" \
	"$M/22-n-0001.tar.zst a-000001
$M/22-n-0001.tar.zst secret
$M/23-n-0001.tar.zst secret"
is "all of these change nothing" "$(sum | grep -v holds/lock)" "$before"
mm-archive hold add Box case-17 --reason x --query from:qzxvjkfrom >/dev/null
before=$(sum)
exit_is "under a hold" 77 mm-archive forget Box --reason x secret a-000001
is "is told" "$(cat "$T/.out" "$T/.err")" \
	'level=error prog=mm-archive msg="archive Box: message \"secret\" is under the hold case-17; nothing is erased"'
is "and changes nothing" "$(sum)" "$before"
mm-archive hold remove Box case-17 --reason x >/dev/null
rm -r "$D/holds"

# --- done
exit_is "forget" 0 mm-archive forget Box --reason 'Art. 17, ticket 4711' secret
is "says so" "$(cat "$T/.out")" "Box has forgotten 1 message"
like "tells what it found" "$(cat "$T/.err")" '22-m-0001.tar.zst: indexed|^$'
is "nothing remains" "$(remains xvjksubject xvjkbody xvjkfrom xvjkenv xvjkrcpt secret 'says secret')" ""
whole forget
is "the files have new names and are read-only" "$(cd "$M" && stat -c '%n %a' ./*.zst*)" \
	"./22-m-0001.less1.tar.zst 440
./22-n-0001.less1.tar.zst 440
./23-n-0001.less1.tar.zst 440"
is "the log" "$(sed -E 's/"Time":"2[^"]*Z"/"Time":"T"/; s/"By":"[^"]+"/"By":"U"/' "$D/forgotten.jsonl")" \
	"{\"Time\":\"T\",\"Ids\":[\"$(printf secret | sha256sum | cut -c 1-64)\"],\"Reason\":\"Art. 17, ticket 4711\",\"By\":\"U\"}"
exit_is "get" 66 mm-archive get Box secret
is "search" "$(mm-search -a Box --ids from:qzxvjkfrom; mm-search -a Box --ids qzxvjkbody)" ""
is "stat" "$(mm-archive stat Box | awk '$1 == "2024-03" { print $2 }')" 60
mm-archive export Box - --to tar --all | tar -t | sort | tr -d '\n' >list
is "export" "$(grep -c secret list)" 0
is "tar" "$(cat "$D"/*/*.tar.zst | zstd -dcq | tar -t | grep -c secret)" 0
exit_is "again" 0 env MM_LOG=info mm-archive forget Box --reason x secret
is "it is known to be forgotten" "$(cat "$T/.out" "$T/.err")" \
	'Box has forgotten 1 message
level=info prog=mm-archive msg="archive Box has forgotten \"secret\" before"'
exit_is "reindex" 0 mm-archive reindex Box
rm "$M"/index.db*
exit_is "a lost index" 65 mm-archive forget Box --reason x near
like "is needed" "$(cat "$T/.err")" 'has no index that could tell what is in it; mm-archive reindex makes it'
exit_is "and made" 0 mm-archive reindex Box
is "without it" "$(mm-search -a Box --ids | sort)" "$(cat ids)"
record secret 2024-03-22T10:00:00Z someone@example.org qzxvjk | mm-archive add Box >added
is "added again it is archived anew" "$(grep -c '^archived: .*duplicate' added)" 0
is "as any other" "$(mm-archive get Box secret | grep -ac 'says secret')" 1
printf '{"Time":"2026-' >>"$D/forgotten.jsonl"
exit_is "ids on standard input" 0 mm-archive forget Box --reason again <<<$'secret\n\n secret \nnear'
is "are counted once" "$(cat "$T/.out" "$T/.err")" "Box has forgotten 2 messages"
is "half a line of the log is cut off" "$(python3 -c 'import json, sys
for line in open(sys.argv[1]): print(len(json.loads(line)["Ids"]))' "$D/forgotten.jsonl" | paste -sd' ')" "1 2"
is "nothing remains" "$(remains xvjksubject xvjkbody secret near)" ""
grep -vx near ids >less && mv less ids && want=$(others)
whole "two months"
not_ok "a file of which nothing is left goes" ls "$D"/2024-04/*.zst

# --- months that are over
rm -rf root && cp -a start root && find root -name '*-shm' -delete
mm-search -a Box --ids | grep -vx secret | sort >ids
want=$(others)
exit_is "compact" 0 mm-archive compact Box
exit_is "of dense files" 0 mm-archive forget Box --reason x secret
is "nothing remains" "$(remains xvjksubject xvjkbody xvjkfrom xvjkenv xvjkrcpt secret)" ""
whole dense
is "they stay dense" "$(cd "$M" && echo *.zst)" "22-n-0001.dense2.tar.zst 23-n-0001.dense2.tar.zst"
is "for compact" "$(mm-archive compact -n Box)" ""
exit_is "all of a file" 0 mm-archive forget Box --reason x <<<"$(grep '^c-' ids)"
is "which goes" "$(cd "$M" && echo *.zst)" "22-n-0001.dense2.tar.zst"
grep -v ^c- ids >less && mv less ids && want=$(others)
whole "all of a file"

# --- what a crash left
rm -rf root && cp -a start root && find root -name '*-shm' -delete
mm-search -a Box --ids | grep -vx secret | sort >ids
want=$(others)
head -c 300 "$M/22-n-0001.tar.zst" >>"$M/23-n-0001.tar.zst"
cp "$M/22-n-0001.tar.zst" "$M/22-n-0001.less1.tar.zst.part"
exit_is "beside a torn frame" 0 mm-archive forget Box --reason x secret
like "which is cut off" "$(cat "$T/.err")" '23-n-0001.tar.zst: cutting off 300 octets of a frame that was never finished'
is "nothing remains" "$(remains xvjksubject xvjkbody secret)" ""
whole torn

# --- beside a writer
rm -rf root && cp -a start root && find root -name '*-shm' -delete
mm-search -a Box --ids | grep -vx secret | sort >ids
want=$(others)
mkfifo fifo
mm-archive add Box <fifo >added &
writer=$!
exec 3>fifo
record today 2024-03-22T12:00:00Z someone@example.org qzxvjk >&3
wait_for "an answer" grep -aqs '^archived' added
exit_is "from a file that somebody appends to" 0 mm-archive forget Box --reason x secret today
is "nothing remains" "$(remains xvjksubject xvjkbody secret today)" ""
record later 2024-03-22T13:00:00Z someone@example.org >&3
wait_for "another answer" grep -aqs '^id: later' added
whole "beside a writer"
is "which goes on in the next" "$(cd "$M" && echo 22*.zst)" "22-n-0001.less1.tar.zst 22-n-0001.tar.zst"
is "and has archived" "$(mm-archive get Box later | grep -ac 'says later')" 1
exec 3>&-
wait $writer

# A writer that has appended and not committed, recipients of what is erased meanwhile among
# it: to the same file, which is closed, or to that of another day.
raced() { # DAY [SIGNAL]: KILL, and the writer leaves recipients that nobody was told of
	local writer stopped
	record later "2024-03-$1T13:00:00Z" qzxvjk@example.org >raced
	record "first$1" "2024-03-$1T11:00:00Z" someone@example.org >>raced
	rm -f trace
	strace -f -qq -o trace -e trace=fdatasync -e inject=fdatasync:signal=STOP:when=1 \
		mm-archive add Box <raced >added 2>/dev/null &
	writer=$!
	wait_for "it to stop" grep -qs 'stopped by SIGSTOP' trace
	stopped=$(sed -n 's/^\([0-9]*\) .*stopped by SIGSTOP.*/\1/p' trace | head -1)
	exit_is "before somebody commits to the $1th" 0 timeout 20 mm-archive forget Box --reason x later
	kill -"${2:-CONT}" "$stopped"
	wait $writer 2>/dev/null
	[ "${2:-CONT}" = CONT ] || return
	is "both are archived" "$(grep -ac '^archived: ' added)" 2
	is "none as a duplicate" "$(grep -a '^archived: .*duplicate' added)" ""
	is "with what was given" "$(mm-archive get Box --record later | grep -a '^rcpt-to')" "rcpt-to: <qzxvjk@example.org>"
	is "also the other" "$(mm-archive get Box "first$1" | grep -ac says)" 1
	exit_is "verify" 0 mm-archive verify Box
}
if command -v strace >/dev/null; then
	raced 22
	mm-archive forget Box --reason x later >/dev/null
	record later 2024-03-22T13:00:00Z someone@example.org | mm-archive add Box >/dev/null
	# the file is there: nothing is synced before the frame
	record before 2024-03-24T09:00:00Z someone@example.org | mm-archive add Box >/dev/null
	raced 24
	for first in true "mm-archive reindex Box"; do
		mm-archive forget Box --reason x later first24 >/dev/null
		record later 2024-03-22T13:00:00Z someone@example.org | mm-archive add Box >/dev/null
		record "again${first##* }" 2024-03-24T09:00:00Z someone@example.org | mm-archive add Box >/dev/null
		raced 24 KILL
		ok "it was killed behind the erased message's recipients" test -n "$(remains qzxvjk@)"
		# shellcheck disable=SC2086
		exit_is "$first" 0 $first
		exit_is "the same forget" 0 mm-archive forget Box --reason x later
		is "erases them, too" "$(remains qzxvjk@)" ""
		exit_is "verify" 0 mm-archive verify Box
	done
else
	skip "a writer that has not committed" "needs strace"
fi

# --- an index that is older than the files
if command -v strace >/dev/null; then
	rm -rf root && cp -a start root && find root -name '*-shm' -delete
	mm-search -a Box --ids | grep -vx secret | sort >ids
	want=$(others)
	cp -a root announced
	# stopped where the new file of the 22nd has its name, the index not yet named it
	MM_ARCHIVE_ROOT=$T/announced strace -qq -o /dev/null -e trace=rename \
		-e inject=rename:signal=KILL:when=2 mm-archive forget Box --reason x secret >/dev/null 2>&1
	ok "it was stopped there" test -e announced/Box/2024-03/22-n-0001.less1.tar.zst
	cp -a announced finished
	exit_is "it is finished" 0 env MM_ARCHIVE_ROOT="$T/finished" mm-archive forget Box --reason x secret
	exit_is "forget" 0 mm-archive forget Box --reason x secret
	for db in "$M"/index.db*; do rm -f "$db"; done
	cp announced/Box/2024-03/index.db* "$M"
	exit_is "seal" 75 mm-archive seal Box
	like "tells of it" "$(cat "$T/.err")" '22-n-0001.less1.tar.zst: the index says that 22-n-0001.tar.zst has all of it, which is not there; it stays'
	mm-archive compact Box 2>/dev/null
	exit_is "forget" 75 mm-archive forget Box --reason x secret
	exit_is "reindex" 65 mm-archive reindex Box
	like "names what is not there" "$(cat "$T/.err")" '22-n-0001.tar.zst: No such file or directory, and the index names it'
	like "and says what to do" "$(cat "$T/.err")" 'remove index.db, index.db-wal and index.db-shm and run mm-archive reindex'
	rm -f "$M"/index.db*
	exit_is "reindex without it" 0 mm-archive reindex Box
	is "the only copy has stayed" "$(others)" "$want"
else
	skip "an index that is older" "needs strace"
fi

# --- encrypted
mm-archive create Sealed --retention PERMANENT --encrypt >/dev/null 2>&1
D=$T/root/Sealed M=$D/2024-03
sealed() { # of all files, decrypted
	mm-archive cat Sealed "$M"/*.zst.enc | zstd -dcq
}
corpus 20 a 2024-03-22 | mm-archive add Sealed >/dev/null
record secret 2024-03-22T10:00:00Z someone@example.org qzxvjk | mm-archive add Sealed >/dev/null
corpus 20 b 2024-03-22 | mm-archive add Sealed >/dev/null
record secret 2024-03-23T10:00:00Z wzxvjkrcpt@example.org qzxvjk | mm-archive add Sealed >/dev/null
mm-search -a Sealed --ids | grep -vx secret | sort >ids
want=$(mm-archive get Sealed --record <ids | sha256sum)
for round in open dense; do
	is "encrypted: it is there" "$(sealed | grep -ac 'says secret')" 1
	exit_is "encrypted: forget, $round" 0 mm-archive forget Sealed --reason x secret
	is "encrypted: nothing remains" "$(sealed | grep -ac xvjk)" 0
	is "encrypted: no word" "$(mm-search -a Sealed --ids qzxvjkbody)" ""
	is "encrypted: all else is as it was" "$(mm-archive get Sealed --record <ids | sha256sum)" "$want"
	exit_is "encrypted: verify" 0 mm-archive verify Sealed
	record secret 2024-03-22T10:00:00Z someone@example.org qzxvjk | mm-archive add Sealed >/dev/null
	mm-archive compact Sealed
done

# --- with a chain
mm-archive create Chained --retention PERMANENT >/dev/null
D=$T/root/Chained M=$D/2024-03
corpus 20 a 2024-03-22 | mm-archive add Chained >/dev/null
record secret 2024-03-22T10:00:00Z someone@example.org qzxvjk | mm-archive add Chained >/dev/null
said() { # what the chain says last
	tail -"$1" "$D/chain.jsonl" | python3 -c 'import json, sys
for line in map(json.loads, sys.stdin):
    print(line["Event"], line["File"], line.get("Into", "-"), len(line["Removed"]), line.get("Because"),
          *(i[:8] for i in line["Ids"]))'
}
exit_is "seal" 0 mm-archive seal Chained
hash=$(printf secret | sha256sum | cut -c 1-8)
exit_is "from sealed files" 0 mm-archive forget Chained --reason 'Art. 17' secret
is "the chain tells of it" "$(said 1)" \
	"forget 2024-03/22-n-0001.tar.zst 2024-03/22-n-0001.less1.tar.zst 2 Art. 17 $hash"
is "nothing remains" "$(remains xvjk secret)" ""
exit_is "the chain is whole" 0 mm-archive verify Chained
exit_is "seal again" 0 mm-archive seal Chained
is "the index is closed again" "$(stat -c %a "$M/index.db")" 440
exit_is "all of a file" 0 mm-archive forget Chained --reason all <<<"$(mm-search -a Chained --ids)"
like "the chain tells of that" "$(said 1)" '^forget 2024-03/22-n-0001.less1.tar.zst - 40 all [0-9a-f]{8} '
exit_is "the chain is whole" 0 mm-archive verify Chained
exit_is "seal again" 0 mm-archive seal Chained
exit_is "the chain is whole" 0 mm-archive verify Chained

# --- one that fails after the chain was told
mm-archive create Failing --retention PERMANENT >/dev/null
D=$T/root/Failing M=$D/2024-03
corpus 20 a 2024-03-22 | mm-archive add Failing >/dev/null
record secret 2024-03-22T10:00:00Z someone@example.org qzxvjk | mm-archive add Failing >/dev/null
events() {
	sed -E 's/.*"Event":"([a-z]+)"(,"File":"([^"]*)")?(,"Into":"([^"]*)")?.*/\1 \3 \5/; s/ *$//' \
		"$D/chain.jsonl"
}
exit_is "seal" 0 mm-archive seal Failing
chmod u+w "$M/index.db"
sqlite3 "$M/index.db" "CREATE TRIGGER refuse BEFORE DELETE ON file BEGIN SELECT RAISE(ABORT, 'refused'); END"
exit_is "an index that refuses" 75 mm-archive forget Failing --reason x secret
sqlite3 "$M/index.db" "DROP TRIGGER refuse"
is "the chain has the file back, without a list" "$(events | tail -n +3)" \
	"forget 2024-03/22-n-0001.tar.zst 2024-03/22-n-0001.less1.tar.zst
recut 2024-03/22-n-0001.less1.tar.zst"
is "it is short" "$(tail -1 "$D/chain.jsonl" | grep -c Removed)" 0
exit_is "the chain is whole" 0 mm-archive verify Failing
is "the checker by the manual agrees" "$(python3 "$top/tests/tools/archive_chain.py" "$D" 2>&1)" ""
exit_is "once more" 0 mm-archive forget Failing --reason x secret
is "is told again" "$(events | tail -n +5)" \
	"forget 2024-03/22-n-0001.tar.zst 2024-03/22-n-0001.less1.tar.zst"
is "nothing remains" "$(remains xvjk secret)" ""
exit_is "seal again" 0 mm-archive seal Failing
exit_is "the chain is whole" 0 mm-archive verify Failing
is "the checker by the manual agrees" "$(python3 "$top/tests/tools/archive_chain.py" "$D" 2>&1)" ""

# --- several hosts
mm-archive create Common --shared --retention PERMANENT >/dev/null
D=$T/root/Common
corpus 20 a 2024-03-22 | mm-archive add Common >/dev/null
record secret 2024-03-22T10:00:00Z someone@example.org qzxvjk | mm-archive add Common >/dev/null
exit_is "from a shared archive" 0 mm-archive forget Common --reason x secret
is "nothing remains" "$(remains xvjksubject xvjkbody secret)" ""
exit_is "seal closes it" 0 mm-archive seal Common
exit_is "verify" 0 mm-archive verify Common

# --- what has expired
mm-archive create Short --retention THREE_MONTHS >/dev/null
D=$T/root/Short
record secret 2024-03-22T10:00:00Z someone@example.org qzxvjk | mm-archive add Short >/dev/null
exit_is "what has expired and is not pruned" 0 mm-archive forget Short --reason x secret
is "goes, too" "$(remains xvjk secret)" ""
done_testing
