#!/bin/bash
# mm-archive: what a tar file has behind the frames that can be read.  A frame that was never
# finished is cut off by whoever comes next; damage before whole frames never is.
. "$(dirname "$0")/../lib/tap.sh"
need python3

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=warn
cd "$T" || exit 1
fill() { # ARCHIVE: five frames on the 22nd, one on the 23rd
	for i in 1 2 3 4 5 other; do
		printf 'Subject: %s\r\n\r\nbody\r\n' "$i" >message
		mm-archive add "$1" --field "received=2024-03-$([ $i = other ] && echo 23 || echo 22)T10:00:00Z" \
			--field "id=$i" message >/dev/null
	done
}
frames() { # INDEX: where they are in the file of the 22nd, and how long
	python3 -c 'import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute("SELECT r.offset, r.length FROM frame AS r JOIN file AS f" \
    " ON f.n = r.file WHERE f.name LIKE \"22%\" ORDER BY r.offset"):
    print(*row)' "$1"
}

# An encrypted archive has the same frames, only longer; its index is not read here.
for kind in plain encrypted; do
	encrypt='' ending=tar.zst more=0 start=0
	[ $kind = plain ] || encrypt=--encrypt ending=tar.zst.enc more=32 start=64
	mm-archive create $kind --retention PERMANENT $encrypt >/dev/null 2>&1
	fill $kind
	M=$T/root/$kind/2024-03
	F=$M/22-n-0001.$ending
	[ $kind = encrypted ] || frames "$M/index.db" >where
	third=$(head -2 where | awk -v at=$start -v more=$more '{ at += $2 + more } END { print at }')
	cp -a root kept

	# --- damage: in the middle of the third frame, and of its first octets
	for at in $((third + 60)) "$third"; do
		rm -rf root && cp -a kept root
		printf '\377\377\377' | dd of="$F" bs=1 seek="$at" conv=notrunc status=none
		rm -f "$M"/index.db*
		exit_is "$kind: reindex" 65 mm-archive reindex $kind
		is "$kind: what is whole behind it is indexed" "$(mm-archive get $kind 1 2 4 5 | grep -c body)" 4
		exit_is "$kind: verify" 65 mm-archive verify $kind
		exit_is "$kind: reindex again" 65 mm-archive reindex $kind
		is "$kind: tells it again, and no more" "$(grep -c ^level= "$T/.err")" 2
		cp -a root damaged
		cp "kept/${F#"$T"/root/}" "$F"
		exit_is "$kind: reindex of a copy in its place" 0 mm-archive reindex $kind
		exit_is "$kind: verify of that" 0 mm-archive verify $kind
		is "$kind: has all" "$(mm-archive get $kind 1 2 3 4 5 | grep -c body)" 5
		rm -rf root && mv damaged root
		before=$(sha256sum <"$F")
		exit_is "$kind: forget of another file's" 65 mm-archive forget $kind --reason x other
		like "$kind: tells where" "$(cat "$T/.err")" "22-n-0001.$ending: the frame at byte $third is damaged, and a whole one follows at byte"
		is "$kind: it is all there" "$(mm-archive get $kind other | grep -c body)" 1
		exit_is "$kind: forget" 65 mm-archive forget $kind --reason x 1
		exit_is "$kind: compact" 75 mm-archive compact $kind
		exit_is "$kind: seal" 75 mm-archive seal $kind
		ok "$kind: add" mm-archive add $kind --field received=2024-03-22T11:00:00Z --field id=six message
		is "$kind: goes into the next file" "$(cd "$M" && echo 22*)" "22-n-0001.$ending 22-n-0002.$ending"
		chmod 440 "$F"
		exit_is "$kind: forget of what is closed" 65 mm-archive forget $kind --reason x 1
		is "$kind: no octet of it has changed" "$(sha256sum <"$F")" "$before"
	done

	# --- a torn frame, at the end of a day that is over; another month is done all the same
	for do in compact seal forget; do
		rm -rf root && cp -a kept root
		head -c 200 "kept/${F#"$T"/root/}" | tail -c 100 >>"$F"
		mm-archive add $kind --field received=2024-02-01T11:00:00Z --field id=feb message >/dev/null
		if [ $do = forget ]; then
			exit_is "$kind: forget" 0 mm-archive forget $kind --reason x other
		else
			exit_is "$kind: $do" 0 mm-archive $do $kind
		fi
		like "$kind: cuts it off" "$(cat "$T/.err")" "22-n-0001.$ending: cutting off 100 octets of a frame"
		exit_is "$kind: verify" 0 mm-archive verify $kind
		is "$kind: nothing is lost" "$(mm-archive get $kind 1 2 3 4 5 feb | grep -c body)" 6
	done
	rm -rf root kept
done

# --- what was sent as it lies in an archive is none of its messages, where only damage shows it
mm-archive create Sent --retention PERMANENT >/dev/null
mm-archive create Forged --retention PERMANENT >/dev/null
M=$T/root/Sent/2024-03
mm-archive add Forged --field received=2024-03-22T10:00:00Z --field id=forged \
	<(printf 'Subject: forged\r\n\r\nbody\r\n') >/dev/null
{
	head -c 200000 /dev/urandom
	cat root/Forged/2024-03/*.zst
	head -c 200000 /dev/urandom
} >message
for id in 1 2 3; do
	mm-archive add Sent --field received=2024-03-22T10:00:00Z --field id=$id message >/dev/null
done
ok "it lies there as it was sent" python3 -c 'import sys
sys.exit(open(sys.argv[1], "rb").read() not in open(sys.argv[2], "rb").read())' \
	root/Forged/2024-03/*.zst "$M"/*.zst
printf '\377' | dd of="$(echo "$M"/*.zst)" bs=1 seek=$(($(frames "$M/index.db" | sed -n '2s/ .*//p') + 60)) \
	conv=notrunc status=none
rm "$M"/index.db*
exit_is "reindex" 65 mm-archive reindex Sent
is "has what is before the damage and behind it" "$(mm-search -a Sent --ids | sort | paste -sd,)" 1,3

# --- what cannot be compacted does not keep older months from it
mm-archive create Box --retention PERMANENT >/dev/null
fill Box
mm-archive add Box --field received=2024-02-01T11:00:00Z --field id=feb message >/dev/null
printf '\377' | dd of=root/Box/2024-03/22-n-0001.tar.zst bs=1 seek=60 conv=notrunc status=none
exit_is "compact of a month with damage" 75 mm-archive compact Box
is "and one without" "$(cd root/Box/2024-02 && echo *.zst)" 01-n-0001.dense1.tar.zst
done_testing
