#!/bin/bash
# Kill -9 of mm-queue add, of mm-queue run and of its worker, at random moments:
# every acknowledged record is delivered, to a sink that knows records by id.
. "$(dirname "$0")/../lib/tap.sh"
need python3 mm-queue

check_same "kill -9 of everything, again and again: nothing acknowledged is lost" \
	"timeout 200 python3 '$top/tests/tools/queue-crash.py' --writers 4 --records 1500 --kills 12 '$T/crash' |
		tee '$T/crash.out' | grep ^lost" "echo 'lost 0'"
diag "$(cat "$T/crash.out")"

# What the power may leave of the intake: cut at any commit, or torn inside one.  What
# was committed before the cut is there, whole.
check_same "the intake cut and torn at every commit: whole records, in order" \
	"timeout 200 python3 '$top/tests/tools/queue-torn.py' '$T/torn' | tee '$T/torn.out' | grep ^bad" \
	"echo 'bad 0'"
diag "$(cat "$T/torn.out")"

done_testing
