#!/bin/bash
# mm-archive export, killed at any call that changes the disk: what was at the path is there
# as it was, or the new one is, whole; beside it is only path.PID.part.
# MM_KILL_POINTS=all tries all calls, a number that many of each form.
fault_points=${MM_KILL_POINTS:-4}
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/faults.sh"
need python3

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=error
fault_dir=$T/out
cd "$T" || exit 1
mm-archive create Box --retention PERMANENT >/dev/null
python3 "$top/tests/tools/archive_corpus.py" 20 a 2026-01-05 | mm-archive add Box >/dev/null
head -c 900000 /dev/urandom | base64 >large
mm-archive add Box --field received=2026-01-06T00:00:00Z large large >/dev/null

content() { # PATH: a hash of the file, or of all below the folder
	if [ -d "$1" ]; then
		(cd "$1" && find . -type d -o -exec sha256sum {} + | sort -k 2 | sha256sum)
	else
		sha256sum <"$1"
	fi 2>&1
}
run() { # FORM [FAULT AT]: in a folder with what was there before
	rm -rf out && mkdir out
	[ "$1" = maildir ] || echo old >"out/x.$1"
	with_fault "${2:--}" "${3:-0}" mm-archive export --all --to "$1" Box "$T/out/x.$1" \
		>/dev/null 2>err
}
# killed FORM FAULT AT: what is wrong is told in broken
killed() {
	local rc is
	run "$@"
	rc=$?
	is=$(content "out/x.$1")
	{
		[ $rc -eq 137 ] || echo "exit $rc"
		[ "$is" = "$whole" ] || [ "$is" = "$old" ] || echo "neither the old nor the new one"
		find out -mindepth 1 -maxdepth 1 | grep -Exv "out/x\\.$1(\\.[0-9]+\\.part)?"
		[ "$is" = "$whole" ] && [ -d "out/x.$1" ] ||
			mm-archive export --all --to "$1" Box "out/x.$1" 2>&1 >/dev/null || echo "exit $?"
		[ "$(content "out/x.$1")" = "$whole" ] || echo "the next one is another"
	} | sed "s/^/$2 $3: /" >>broken
}

for form in mbox maildir zip tar.zst; do
	run $form
	is "$form: undisturbed" "$? $(cat err)" "0 "
	whole=$(content "out/x.$form")
	is "$form: nothing is beside it" "$(ls out)" "x.$form"
	old=$(echo old | sha256sum)
	[ $form != maildir ] || old=$(content out/none)
	old=${old/out\/none/out\/x.$form}
	: >broken
	for at in $(points 1); do
		killed $form KILL "$at"
		! sed -n "${at}p" calls | grep -q '^write' || killed $form TORN "$at"
	done
	is "$form: killed at any call" "$(cat broken)" ""
done
done_testing
