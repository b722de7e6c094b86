#!/bin/bash
# mm-archive seal, and whatever else tells the chain of an archive, killed at any system call
# that changes something: nothing is lost, verify finds no damage, the same command brings it
# to its end.  At three of these calls of each kind, or at $MM_KILL_POINTS of them, or all.
wanted=${MM_KILL_POINTS-3}
. "$(dirname "$0")/../lib/tap.sh"
need python3 strace openssl zstd

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=error
cd "$T" || exit 1
calls=fchmod,chmod,fsync,fdatasync,syncfs,write,pwrite64,ftruncate,rename,unlink,link
corpus() { # COUNT SEED DAY
	python3 "$top/tests/tools/archive_corpus.py" "$@"
}
events() {
	wc -l <root/Box/chain.jsonl
}
# points COMMAND...: the calls that it makes, KIND:NUMBER, of each kind some
points() {
	strace -qq -f -o trace -e trace="$calls" "$@" >/dev/null 2>&1 <input
	sed -E 's/^[0-9]+ +([a-z0-9]+)\(.*/\1/' trace | sort | uniq -c | while read -r n kind; do
		step=1
		[ "$wanted" = all ] || step=$(((n + wanted - 1) / wanted))
		# the last one is always among them
		for ((i = n; i > 0; i -= step)); do
			echo "$kind:$i"
		done
	done
}
# killed NAME COMMAND...: at each of the points; begins from root/ as it is, ends with it
killed() {
	local name=$1 at dead=0
	shift
	rm -rf begin broken && cp -a root begin
	points "$@" >places
	cp -a root end
	while read -r at; do
		rm -rf root && cp -a begin root
		(
			strace -qq -f -o /dev/null -e trace="${at%:*}" \
				-e inject="${at%:*}:signal=KILL:when=${at#*:}" "$@" <input
			echo $? >status
		) >/dev/null 2>&1
		[ "$(cat status)" = 137 ] && dead=$((dead + 1))
		mm-archive verify Box >out 2>&1 || ! grep error out | grep -v "$torn" ||
			echo "$at: damage"
		"$@" <input >out 2>&1 || [ "$again" ] || echo "$at: again: $(tail -n 1 out)"
		mm-archive seal Box --key key.pem >out 2>&1 || echo "$at: seal: $(tail -n 1 out)"
		MM_LOG=warn mm-archive verify Box >out 2>&1 || echo "$at: at last: $(grep error out | head -n 2)"
		grep warn out | grep -v heads
		[ "$(mm-search -a Box --count)" = "$count" ] || echo "$at: messages were lost"
	done <places >broken
	diag "$name: $(wc -l <places) points, killed at $dead"
	ok "$name: most were killed" test "$dead" -ge $(($(wc -l <places) / 2))
	is "$name: good before and after the next" "$(head -n 20 broken)" ""
	is "$name: and by the manual" "$(python3 "$top/tests/tools/archive_chain.py" root/Box 2>&1)" ""
	rm -rf root && mv end root
}
openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null
chmod 600 key.pem
mm-archive create Box --retention PERMANENT --encrypt >/dev/null 2>&1
corpus 5 a 2024-03-22 | mm-archive add Box >/dev/null
mm-archive seal Box
corpus 5 b 2024-03-22 | mm-archive add Box >/dev/null
corpus 5 c 2024-04-01 | mm-archive add Box >/dev/null
mm-archive hold add Box case-1 --reason x --query a >/dev/null
: >input
again='' count=15 torn='^$'
killed seal mm-archive seal Box --key key.pem
is "it has done all" "$(events)" 10
killed compact mm-archive compact Box
mm-archive seal Box --key key.pem
corpus 5 d 2024-03-23 >input
# what was never acknowledged the next one mends, and verify tells
count=20 torn='has octets that the index does not know'
killed "late mail" mm-archive add Box
: >input
torn='^$'
mm-archive seal Box --key key.pem
killed rekey mm-archive rekey Box --new-data-key
again=1
killed "hold add" mm-archive hold add Box case-2 --reason x --query b
killed "hold remove" mm-archive hold remove Box case-2 --reason x
done_testing
