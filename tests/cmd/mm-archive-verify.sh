#!/bin/bash
# mm-archive verify beside what others do meanwhile, and after they were stopped: what is no
# damage is not told to be.
. "$(dirname "$0")/../lib/tap.sh"
need python3 strace

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=error
export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" # which cannot be under strace
cd "$T" || exit 1
fill() { # NAME DAY
	python3 "$top/tests/tools/archive_corpus.py" 3 "$1" "$2" | mm-archive add Box >/dev/null
}
mm-archive create Box --retention PERMANENT >/dev/null
fill a 2024-03-22
fill b 2024-03-23
cp -a root kept

# beside NAME CALL FILE COMMAND...: verify stops at that call on the file while the command
# runs, for a second at most, and goes on
beside() {
	local name=$1 verify stopped
	rm -rf root trace && cp -a kept root
	strace -f -qq -o trace -P "$T/root/Box/2024-03/$3" -e trace="$2" \
		-e inject="$2:signal=STOP:when=1" mm-archive verify Box >out 2>&1 &
	verify=$!
	wait_for "it to stop" grep -qs 'stopped by SIGSTOP' trace
	stopped=$(sed -n 's/^\([0-9]*\) .*stopped by SIGSTOP.*/\1/p' trace | head -1)
	shift 3
	(timeout 1 "$@") >meanwhile 2>&1
	kill -CONT "$stopped"
	wait $verify
	is "$name: verify" "$? $(grep error out)" "0 "
	exit_is "$name: and again" 0 mm-archive verify Box
}
beside "mail that comes" flock 22-n-0001.tar.zst bash -c "$(declare -f fill)
	top=$top; fill c 2024-03-22"
is "it has come" "$(mm-search -a Box --count)" 9
beside compact openat 22-n-0001.tar.zst mm-archive compact Box
exit_is "it does so later" 0 mm-archive compact Box
is "all of it" "$(cd root/Box/2024-03 && echo *.zst)" \
	"22-n-0001.dense1.tar.zst 23-n-0001.dense1.tar.zst"
beside forget openat 22-n-0001.tar.zst mm-archive forget Box --reason x b-000001
exit_is "it does so later" 0 mm-archive forget Box --reason x b-000001

# --- the first mail of a month, which has a folder before it has an index
rm -rf root trace && cp -a kept root
python3 "$top/tests/tools/archive_corpus.py" 3 d 2024-05-01 >in
strace -f -qq -o trace -e trace=mkdir -e inject=mkdir:delay_exit=500000 mm-archive add Box <in >added &
adder=$!
wait_for "a folder" test -d root/Box/2024-05
exit_is "beside the first mail of a month: verify" 0 mm-archive verify Box
wait $adder
is "it is archived" "$(grep -ac '^status: ok$' added)" 3

# --- a file that was just begun
rm -rf root trace && cp -a kept root
strace -f -qq -o trace -P "$T/root/Box/2024-03/24-n-0001.tar.zst" -e trace=flock \
	-e inject=flock:delay_exit=500000 mm-archive add Box >added \
	< <(python3 "$top/tests/tools/archive_corpus.py" 3 e 2024-03-24) &
adder=$!
wait_for "a file" test -e root/Box/2024-03/24-n-0001.tar.zst
exit_is "beside a file that was just begun: reindex" 0 mm-archive reindex Box
wait $adder
is "it is archived" "$(grep -ac '^status: ok$' added)" 3
done_testing
