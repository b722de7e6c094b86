#!/bin/bash
# The power goes at any moment: what was acknowledged is there, whole, once.
. "$(dirname "$0")/../lib/tap.sh"
need python3 mm-queue
[ -e "$B/tools/disklog.so" ] || skip_all "tools/disklog.so is not built: make check does it"

check_same "after each sync, before and within it: nothing acknowledged is lost" \
	"timeout 100 python3 '$top/tests/tools/queue-powerloss.py' '$B/tools/disklog.so' '$T/power' 250 |
		tee '$T/power.out' | grep -E '^(bad|seen)'" "printf 'seen all yes\nbad 0\n'"
diag "$(cat "$T/power.out")"
done_testing
