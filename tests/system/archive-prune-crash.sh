#!/bin/bash
# mm-archive prune, killed at any call that changes the disk: nothing goes that has not
# expired or is under a hold, and the next prune leaves what one that nobody disturbs does.
# MM_KILL_POINTS=all tries all calls, a number that many of each run.
fault_points=${MM_KILL_POINTS:-4}
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/faults.sh"
need python3

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=error
cd "$T" || exit 1
now=2026-06-05 # so that all up to 4 March have expired

fill() { # NAME DAY...: messages NAME-DAY-000000 to -000002
	local day name=$1
	shift
	for day; do
		python3 "$top/tests/tools/archive_corpus.py" 3 "$name-$day" "$day"
	done | mm-archive add Box >/dev/null
}
shown() {
	mm-archive export Box - --to mbox --all --now $now 2>&1 | sha256sum
}
left() { # files, what the chain says, what the index has
	(cd root && find . -type f ! -name 'index.db-*' ! -name index.db ! -name chain.jsonl \
		! -name rewrite.lock -exec sha256sum {} + | sort -k 2 && find . -type d | sort)
	grep -o '"\(Event\|File\)":"[^"]*"' root/Box/chain.jsonl
	mm-archive stat Box | awk '{ print $1, $2, $3 }'
}
# prepare [--encrypt]: two months that are over, the first of them and its chain closed, one
# that is half over, one that stays
prepare() {
	rm -rf root site kept
	mm-archive create Box --retention THREE_MONTHS "$@" >/dev/null
	fill early 2026-01-05 2026-01-20 2026-02-10 2026-03-01 2026-03-02 2026-03-20
	touch root/Box/chain.jsonl
	mm-archive compact --now 2026-04-02 Box
	fill late 2026-01-20 2026-02-11 2026-03-02 2026-03-03 2026-05-01
	cp -a root kept
}
hold() { # a message of a month and one of a day
	printf '%s\n' early-2026-02-10-000001 late-2026-03-02-000001 |
		mm-archive hold add Box kept --reason test --ids >/dev/null
	rm -rf kept && cp -a root kept
}

# killed FAULT AT: what is wrong is told in broken
killed() {
	local rc
	rm -rf root && cp -a kept root
	with_fault "$1" "$2" mm-archive prune --now $now Box >/dev/null 2>&1
	rc=$?
	{
		[ $rc -eq 137 ] || echo "exit $rc"
		[ "$(shown)" = "$before" ] || echo "what is shown differs"
		mm-archive prune --now $now Box 2>&1 || echo "again: exit $?"
		mm-archive verify Box 2>&1 >out || cat out
		diff <(echo "$undisturbed") <(left)
	} | sed "s/^/$1 $2: /" >>broken
}

# round NAME: everything, with what prepare and hold have made
round() {
	local name=$1 before undisturbed at
	rm -rf root && cp -a kept root
	before=$(shown)
	with_fault - 0 mm-archive prune --now $now Box >out 2>&1
	is "$name: it is silent" "$? $(cat out)" "0 "
	is "$name: what is to be shown is" "$(shown)" "$before"
	undisturbed=$(left)
	exit_is "$name: verify" 0 mm-archive verify Box
	: >broken
	for at in $(points "$fault_start"); do
		killed KILL "$at"
		[ "$fault_points" != all ] || ! sed -n "${at}p" calls | grep -q '^write' ||
			killed TORN "$at"
	done
	is "$name: killed at any call" "$(cat broken)" ""
}

# --- what a crash leaves of a day
stopped() { # CALL: prune, killed before the call behind the one that matches
	rm -rf root && cp -a kept root
	with_fault - 0 mm-archive prune --now $now Box
	local n
	n=$(grep -nm 1 "$1" calls | cut -d : -f 1)
	rm -rf root && cp -a kept root
	with_fault KILL $((n + 1)) mm-archive prune --now $now Box >/dev/null 2>&1
}
prepare
D=$T/root/Box
stopped 'unlink .*/2026-03/01-n'
not_ok "the file of a day has gone" test -e "$D/2026-03/01-n-0001.dense1.tar.zst"
is "its messages are not shown" "$(mm-search -a Box --ids --now $now until:2026-03-02)" ""
exit_is "a hold cannot have them" 65 \
	mm-archive hold add Box case --reason x --ids <<<early-2026-03-01-000001
is "which is told" "$(cat .err)" "level=error prog=mm-archive msg=\"$D/2026-03/01-n-0001.dense1.tar.zst:\
 No such file or directory; if a prune was stopped, run mm-archive prune first\""
exit_is "after prune" 0 mm-archive prune --now $now Box
exit_is "there are none" 66 mm-archive hold add Box case --reason x --ids <<<early-2026-03-01-000001
rm -rf root && cp -a kept root
mm-archive hold add Box case --reason x --ids <<<early-2026-03-01-000001 >/dev/null
rm "$D/2026-03/01-n-0001.dense1.tar.zst"
exit_is "a file under a hold that somebody else removed" 75 mm-archive prune --now $now Box
is "is told" "$(cat .err)" "level=error prog=mm-archive msg=\"$D/2026-03/01-n-0001.dense1.tar.zst is not\
 there, and messages in it are under a hold; take it from a copy of the archive\""
is "and known as before" "$(mm-search -a Box --ids --now $now until:2026-03-02)" \
	early-2026-03-01-000001
rm -rf root && cp -a kept root
exit_is "an error of flock" 75 env FAULT_CALLS=flock LD_PRELOAD="$B/tools/fault.so" \
	FAULT_DIR="$D/2026-03/02-n-0001.tar.zst" FAULT=ENOLCK FAULT_AT=1 \
	ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 mm-archive prune --now $now Box
is "is told" "$(cat .err)" "level=error prog=mm-archive msg=\"cannot take\
 $D/2026-03/02-n-0001.tar.zst: No locks available\""
exit_is "the next one" 0 mm-archive prune --now $now Box
not_ok "removes it" test -e "$D/2026-03/02-n-0001.tar.zst"

# --- and of a month, beside a writer that has it open
rm -rf root && cp -a kept root
mkfifo fifo
mm-archive add Box <fifo >added &
writer=$!
exec 3>fifo
record() { # ID
	printf 'mail 1 1\nid: %s\nreceived: 2026-01-05T10:00:00Z\n\nx' "$1" >&3
	wait_for "an answer for $1" grep -qs "^id: $1" added
}
record before
n=$(cp -a root all && fault_dir=$T/all with_fault - 0 mm-archive prune --root all --now $now Box &&
	grep -nm 1 'rename .*2026-01' calls | cut -d : -f 1)
with_fault KILL $((n + 1)) mm-archive prune --now $now Box >/dev/null 2>&1
ok "a month has another name" test -d "$D"/.2026-01.*.pruned
record after
is "what comes late is in a new folder" "$(echo "$D"/2026-01/*.zst)" "$D/2026-01/05-n-0001.tar.zst"
exec 3>&-
wait $writer
is "and there" "$(mm-search -a "$D" --ids until:2026-02)" after
exit_is "verify" 0 mm-archive verify Box
exit_is "the next prune" 0 mm-archive prune --now $now Box
is "removes both" "$(find "$D" -name '*2026-01*')" ""

# --- what a forget that was killed has left goes also where nothing expires
rm -rf root site
mm-archive create Box --retention PERMANENT >/dev/null
fill kept "$(date +%Y-%m-%d)"
D=$T/root/Box/$(date +%Y-%m)
id=$(mm-search -a Box --ids | head -n 1)
cp -a root kept2 && rm -rf kept && mv kept2 kept
for what in 'unlink .*zst$' 'fsync .*part$'; do
	rm -rf root && cp -a kept root
	with_fault - 0 mm-archive forget Box --reason x "$id" >/dev/null
	n=$(grep -nm 1 "$what" calls | cut -d : -f 1)
	rm -rf root && cp -a kept root
	with_fault KILL "$n" mm-archive forget Box --reason x "$id" >/dev/null 2>&1
	is "killed before $what: two files" "$(find "$D" -name '*.zst*' | wc -l)" 2
	is "prune -n is silent" "$(mm-archive prune -n Box 2>&1)" ""
	is "as is prune" "$(mm-archive prune Box 2>&1)" ""
	is "which clears one away" "$(find "$D" -name '*.zst*' | wc -l)" 1
	exit_is "the same forget" 0 mm-archive forget Box --reason x "$id"
	exit_is "verify" 0 mm-archive verify Box
done

# --- at any call
prepare
fault_start=0
round plain
rm -rf root && cp -a kept root
hold
fault_start=1
round "with a hold"
prepare --encrypt
hold
fault_start=2
round encrypted
done_testing
