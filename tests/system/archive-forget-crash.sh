#!/bin/bash
# mm-archive forget, killed before any of its system calls: every other message is there as it
# was, whatever comes next goes on, the same command brings it to its end and nothing remains.
# A sample; all of them with MM_KILL_POINTS=all, a smaller one with a number, and of none but a
# full disk with none.
points=${MM_KILL_POINTS-some} # tap.sh unsets it
. "$(dirname "$0")/../lib/tap.sh"
need python3 tar zstd

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=error
cd "$T" || exit 1
D=$T/root/Box
record() { # ID RECEIVED RCPT WORD
	printf 'From: %sfrom@example.org\r\nSubject: %ssubject of %s\r\n\r\n%sbody, says %s\r\n' \
		"$4" "$4" "$1" "$4" "$1" >message
	printf 'mail 1 %s\nid: %s\nreceived: %s\nmail-from: <%senv@example.org>\nrcpt-to: <%s>\n\n' \
		"$(stat -c %s message)" "$1" "$2" "$4" "$3"
	cat message
}
remains() {
	python3 "$top/tests/tools/archive_remains.py" "$D" xvjksubject xvjkbody xvjkfrom xvjkenv \
		xvjkrcpt "says secret"
}
others() {
	mm-archive get Box --record <ids 2>&1 | sha256sum
}
changing=write,pwrite64,ftruncate,rename,unlink,fchmod,chmod,fsync,fdatasync
# Its system calls that change something: "pwrite64 3" is the third of that name.
list_calls() {
	strace -qq -o calls -e trace=$changing mm-archive forget Box --reason x secret >/dev/null
	sed -n 's/^\([a-z0-9]*\)(.*/\1/p' calls | awk '{ print $1, ++n[$1] }'
}
# All but those of which there are many; of these one in so many.
sample() {
	if [ "$points" = all ]; then
		cat
	elif [ "$points" = none ]; then
		head -1
	elif [ "$points" != some ]; then
		awk -v max=$((points * 8)) '{ call[NR] = $0 } END {
			for (i = 1; i <= NR; i += int((NR + max - 1) / max))
				print call[i]
		}'
	else
		awk -v every="$1" '$1 !~ /write/ && ($1 != "fdatasync" || $2 % 2) || n++ % every == 0'
	fi
}
start_over() {
	rm -rf root && cp -a kept root
}
# What may come before the same command again; none may bring the message back.
next=(true "mm-archive reindex Box" "mm-archive compact Box" "mm-archive prune Box"
	"mm-archive seal Box" "eval mm-archive add Box <later")
killed_at() { # NUMBER SYSCALL WHEN
	local gone command=${next[$1 % ${#next[@]}]} rc
	start_over
	(
		strace -qq -o /dev/null -e trace="$2" -e inject="$2:signal=KILL:when=$3" \
			mm-archive forget Box --reason x secret
		echo $? >>ends
	) >/dev/null 2>&1
	[ "$(others)" = "$want" ] || echo "$2 $3: others, after the kill"
	mm-archive verify Box >.out 2>.err || echo "$2 $3: verify after the kill: $(head -1 .err)"
	mm-archive get Box secret >/dev/null 2>&1
	gone=$?
	$command >.out 2>.err
	rc=$?
	[ $rc -eq 0 ] || echo "$2 $3: $command: $rc: $(head -1 .err)"
	[ $gone -eq 0 ] || [ -z "$(mm-archive get Box secret 2>/dev/null)" ] ||
		echo "$2 $3: $command brought it back"
	mm-archive forget Box --reason x secret >.out 2>.err
	rc=$?
	[ $rc -eq 0 ] || echo "$2 $3: forget again: $rc: $(head -1 .err)"
	[ "$(others)" = "$want" ] || echo "$2 $3: others, after all"
	remains | sed "s/^/$2 $3: remains: /"
	mm-archive verify Box >.out 2>.err || echo "$2 $3: verify: $(head -1 .err)"
	find root -name '*.part' | sed "s/^/$2 $3: left: /"
}

mm-archive create Box --retention PERMANENT >/dev/null
for i in 1 2 3; do
	record "a$i" "2024-03-22T0$i:00:00Z" someone@example.org word
done | mm-archive add Box >/dev/null
{
	record secret 2024-03-22T10:00:00Z someone@example.org qzxvjk
	record b1 2024-03-22T11:00:00Z someone@example.org word
} | mm-archive add Box >/dev/null
mm-archive seal Box
{
	record c1 2024-03-23T11:00:00Z someone@example.org word
	record secret 2024-03-23T10:00:00Z wzxvjkrcpt@example.org qzxvjk
} | mm-archive add Box >/dev/null
mm-search -a Box --ids | grep -vx secret | sort >ids
record more 2024-03-22T12:00:00Z someone@example.org word >later
want=$(others)
find root -name '*-shm' -delete
cp -a root kept
ok "it is there" test -n "$(remains)"

if command -v strace >/dev/null; then
	list_calls >all
	diag "$(wc -l <all) calls change something"
	sample 25 <all >some
	n=0
	while read -r name number; do
		killed_at $((n++)) "$name" "$number"
	done <some >broken 2>&1
	ok "it was killed" test "$(grep -c 137 ends)" -ge $((n * 9 / 10))
	is "killed before any call: whole, and finished by the next" "$(head -20 broken)" ""
	diag "$n calls tried"
else
	skip "killed" "needs strace"
fi

# --- a full disk, at whatever it is doing
if [ "$(id -u)" -eq 0 ] && mkdir small && mount -t tmpfs -o size=3m none small 2>/dev/null; then
	at_exit "umount $T/small"
	export MM_ARCHIVE_ROOT=$T/small
	D=$T/small/Box
	for free in 0 12 36 60 80 100 140 180 220 300 400 600; do # KiB
		rm -rf small/*
		cp -a kept/Box small/
		head -c "${free}k" /dev/zero >small/room
		head -c 4m /dev/zero >small/fill 2>/dev/null
		rm small/room
		mm-archive forget Box --reason x secret >.out 2>.err
		rc=$?
		echo $rc >>full
		rm small/fill
		[ $rc -eq 75 ] || [ $rc -eq 0 ] || echo "$free: $rc $(head -1 .err)"
		[ "$(others)" = "$want" ] || echo "$free: others"
		find small -name '*.part' | sed "s/^/$free: left: /"
		mm-archive forget Box --reason x secret >.out 2>.err || echo "$free: again: $(head -1 .err)"
		[ "$(others)" = "$want" ] || echo "$free: others, after all"
		remains | sed "s/^/$free: remains: /"
		mm-archive verify Box >.out 2>.err || echo "$free: verify: $(head -1 .err)"
	done >broken 2>&1
	ok "the disk was full" test "$(grep -c 75 full)" -ge 3
	is "a full disk: whole, and with room it goes on" "$(head -20 broken)" ""
	diag "$(sort full | uniq -c | paste -sd,)"
else
	skip "a full disk" "needs root and tmpfs"
fi
done_testing
