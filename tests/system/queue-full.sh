#!/bin/bash
# A disk that is really full: add says so and goes on; run can still write down what
# it has done.
. "$(dirname "$0")/../lib/tap.sh"
need python3 mm-queue
mkdir "$T/disk"
mount -t tmpfs -o size=24m tmpfs "$T/disk" 2>/dev/null || skip_all "no tmpfs can be mounted here"
at_exit "umount -l $T/disk"

Q=$T/disk/q
records() { # PREFIX COUNT
	python3 - "$1" "$2" <<'END'
import sys
body = b"Subject: x\r\n\r\n" + b"y" * 40000
for i in range(int(sys.argv[2])):
    sys.stdout.buffer.write(b"mail 1 %d\nid: %s%d\nrcpt-to: <b@x.example>\n\n"
                            % (len(body), sys.argv[1].encode(), i) + body)
END
}
replies() {
	grep -a ^reply: "$1" | cut -d' ' -f2,3 | sort | uniq -c | awk '{print $2, $3}'
}
run() {
	start run mm-queue run --window 50 "$Q" -- python3 "$top/tests/tools/queue-worker.py" "$T/log"
}
run
wait_for "the reserve" test -e "$Q/reserve"
stop run
records a 1000 >"$T/in"
exit_is "add on a disk too small" 0 sh -c "mm-queue add --min-free 0 $Q <$T/in"
cp "$T/.out" "$T/answers"
is "takes some, refuses the others for now" "$(replies "$T/answers")" "250 2.0.0
452 4.3.1"
cat /dev/zero >"$T/disk/filler" 2>"$T/.err" # the last blocks as well
run
wait_for "all of it is done" sh -c "mm-queue stat $Q 2>/dev/null | grep -q 'messages: 0' &&
	[ \$(du -sk $Q/intake | cut -f 1) -lt 20 ]"
check_same "each once" "grep -a ^reply: '$T/answers' | sed -n 's/.*250 2.0.0 queued as //p' | sort" \
	"cut -d ' ' -f 1 '$T/log' | sort"
like "with the reserve" "$(cat "$T/run.log")" 'giving up .*/reserve'
records b 9 >"$T/in2"
exit_is "add again" 0 sh -c "mm-queue add --min-free 0 $Q <$T/in2"
is "there is room again" "$(replies "$T/.out")" "250 2.0.0"
exit_is "and it ends in order" 0 stop run
done_testing
