#!/bin/bash
# mm-archive compact: the same messages in larger frames; killed at any moment, on a full
# disk and beside a writer, nothing is lost and the next one brings it to its end.
. "$(dirname "$0")/../lib/tap.sh"
need python3 tar zstd

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=error
cd "$T" || exit 1
corpus() { # COUNT SEED
	python3 "$top/tests/tools/archive_corpus.py" "$@"
}
by_tar() { # all entries but envelopes of later recipients, with their hashes
	cat "$MM_ARCHIVE_ROOT"/Box/*/*.tar.zst | zstd -dcq | python3 -c 'import hashlib, sys, tarfile
for e in (t := tarfile.open(fileobj=sys.stdin.buffer, mode="r|")):
    if "+" not in e.name:
        print(e.name, hashlib.sha256(t.extractfile(e).read()).hexdigest())' | sort
}
small_frames() { # SEED DAY: many commits, so many frames
	corpus 48 "$1" "$2" >in
	python3 - <<'EOF'
import re, subprocess
data = open("in", "rb").read()
cuts = [m.start() for m in re.finditer(rb"^mail 1 \d+\nid: ", data, re.M)] + [len(data)]
for k in range(0, len(cuts) - 1, 4):
    end = cuts[min(k + 4, len(cuts) - 1)]
    subprocess.run(["mm-archive", "add", "Box"], input=data[cuts[k]:end], stdout=subprocess.DEVNULL,
                   check=True)
EOF
}
packed() {
	cat "$MM_ARCHIVE_ROOT"/Box/*/*.tar.zst | wc -c
}
same() { # NAME
	is "$1: verify" "$(mm-archive verify Box 2>&1 | grep -v ' 0 problems$')" ""
	is "$1: tar gives the same" "$(by_tar | sha256sum)" "$want"
	is "$1: get gives the same" "$(mm-archive get Box --record <ids | sha256sum)" "$records"
}

mm-archive create Box --retention PERMANENT >/dev/null
small_frames a 2024-03-22
small_frames b 2024-03-23
sed 's/^rcpt-to: .*/rcpt-to: <late@example.org>/' in | mm-archive add Box >/dev/null
mm-search -a Box --ids | sort >ids
want=$(by_tar | sha256sum) records=$(mm-archive get Box --record <ids | sha256sum)
before=$(packed)
cp -a root kept
is "-n says what it would do" "$(mm-archive compact -n Box)" \
	"$T/root/Box/2024-03/22-n-0001.tar.zst
$T/root/Box/2024-03/23-n-0001.tar.zst"
is "a month that is not over stays" "$(mm-archive compact -n --now 2024-03-31 Box)" ""
is "it is silent" "$(mm-archive compact Box 2>&1)" ""
same compact
is "the files are dense" "$(cd root/Box/2024-03 && echo *.zst)" \
	"22-n-0001.dense1.tar.zst 23-n-0001.dense1.tar.zst"
is "and read-only" "$(stat -c %a root/Box/2024-03/22*)" 440
ok "and smaller" test "$(packed)" -lt $((before * 9 / 10))
is "again does nothing" "$(mm-archive compact -n Box)" ""
cp root/Box/2024-03/index.db index.old
rm root/Box/2024-03/index.db*
exit_is "reindex takes them" 0 mm-archive reindex Box
same reindexed
small_frames c 2024-03-22
mm-search -a Box --ids | sort >ids
want=$(by_tar | sha256sum) records=$(mm-archive get Box --record <ids | sha256sum)
exit_is "what came late" 0 mm-archive compact Box
same late
is "has a file beside" "$(cd root/Box/2024-03 && echo 22*)" \
	"22-n-0001.dense1.tar.zst 22-n-0001.dense2.tar.zst"

# --- an index that was lost is not mistaken for a crash
rm root/Box/2024-03/index.db*
mm-archive add Box --field received=2024-03-22T12:00:00Z --field id=late \
	<(printf 'A: b\r\n\r\n') >/dev/null
exit_is "after the index was lost" 0 mm-archive compact Box
is "nothing is lost" "$(mm-archive get Box --record <ids | sha256sum)" "$records"
exit_is "verify" 0 mm-archive verify Box

# --- beside a writer
rm -rf root && cp -a kept root
mkfifo fifo
mm-archive add Box <fifo >added &
writer=$!
exec 3>fifo
printf 'mail 1 1\nid: first\nreceived: 2024-03-22T10:00:00Z\n\nx' >&3
wait_for "an answer" grep -qs '^archived' added
exit_is "a file that is appended to" 0 mm-archive compact Box
is "waits" "$(cd root/Box/2024-03 && echo *.zst)" "22-n-0001.tar.zst 23-n-0001.dense1.tar.zst"
exec 3>&-
wait $writer

# --- killed
rm -rf root && cp -a kept root
mm-search -a Box --ids | sort >ids
want=$(by_tar | sha256sum) records=$(mm-archive get Box --record <ids | sha256sum)
if command -v strace >/dev/null; then
	for at in rename:1 rename:2 unlink:1 unlink:2 fdatasync:1 fdatasync:2 fdatasync:3 fsync:1 \
		fsync:2 fsync:3 pwrite64:4 write:1; do
		rm -rf root && cp -a kept root
		(
			strace -qq -o /dev/null -e trace="${at%:*}" \
				-e inject="${at%:*}:signal=KILL:when=${at#*:}" mm-archive compact Box
			echo $? >>ends
		) >/dev/null 2>&1
		got=$(mm-archive get Box --record <ids 2>&1 | sha256sum)
		mm-archive verify Box >out 2>&1 || echo "$at: $(grep error out)" >>broken
		mm-archive compact Box >err 2>&1
		[ "$got" = "$records" ] && ! grep -q error err && mm-archive verify Box >/dev/null 2>&1 &&
			[ "$(by_tar | sha256sum)" = "$want" ] || echo "$at" >>broken
	done
	ok "most were killed" test "$(grep -c 137 ends)" -ge 8
	is "killed at any call: whole before and after the next" "$(cat broken 2>/dev/null)" ""
	same killed

	# what it left beside the old file is known to be that, whoever comes first
	for n in 1 2 3 4 5 6; do
		rm -rf root && cp -a kept root
		(strace -qq -o /dev/null -e trace=fsync -e inject=fsync:signal=KILL:when=$n \
			mm-archive compact Box) >/dev/null 2>&1
		[ "$(cd root/Box/2024-03 && echo 22*.zst)" != "22-n-0001.dense1.tar.zst 22-n-0001.tar.zst" ] || break
	done
	is "both files are there" "$(cd root/Box/2024-03 && echo 22*.zst)" \
		"22-n-0001.dense1.tar.zst 22-n-0001.tar.zst"
	exit_is "reindex" 0 mm-archive reindex Box
	exit_is "and compact" 0 mm-archive compact Box
	is "leave one" "$(cd root/Box/2024-03 && echo 22*.zst)" 22-n-0001.dense1.tar.zst
	same left
else
	skip "killed" "needs strace"
fi

# --- a full disk
if [ "$(id -u)" -eq 0 ] && mkdir small && mount -t tmpfs -o size=3m none small 2>/dev/null; then
	at_exit "umount $T/small"
	cp -a kept/Box small/
	export MM_ARCHIVE_ROOT=$T/small
	head -c 4m /dev/zero >small/fill 2>/dev/null
	exit_is "full: it ends" 75 mm-archive compact Box
	is "full: nothing half done is left" "$(find small -name '*.part')" ""
	rm small/fill
	same full
	exit_is "full: with room it goes on" 0 mm-archive compact Box
	same room
else
	skip "a full disk" "needs root and tmpfs"
fi
done_testing
