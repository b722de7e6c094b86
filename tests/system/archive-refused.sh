#!/bin/bash
# mm-archive add, compact, prune and export when a call is refused: that is told, with the
# exit status of what may pass; nothing that was acknowledged is lost; the same command does
# it when nothing is refused.
# MM_KILL_POINTS=all tries all calls, a number that many for each error of each command;
# arguments are which commands.
fault_points=${MM_KILL_POINTS:-1}
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/faults.sh"
need python3

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=error
cd "$T" || exit 1
now=2026-06-05 # so that all of Quarter up to 4 March has expired

fill() { # ARCHIVE NAME DAY...
	local day archive=$1 name=$2
	shift 2
	for day; do
		python3 "$top/tests/tools/archive_corpus.py" 3 "$name-$day" "$day"
	done >in
	mm-archive add "$archive" <in >/dev/null
}
mm-archive create Box --retention PERMANENT >/dev/null
mm-archive create Quarter --retention THREE_MONTHS >/dev/null
fill Quarter q 2026-01-05 2026-02-10 2026-03-01 2026-03-02 2026-03-20
fill Box b 2026-01-20 2026-02-10 2026-02-20
sed -n 's/^id: \(b-.*\)/\1/p' in >ids
fill Box b 2026-02-10
touch root/Box/chain.jsonl root/Quarter/chain.jsonl
mm-archive compact --now 2026-04-02 Quarter
fill Quarter late 2026-03-02
cp -a root kept
fill Box new 2026-02-10 2026-02-21 2026-04-01 # and `in` is what add adds
rm -rf root

messages() { # those that are in ids
	mm-archive get Box --record <ids 2>&1 | sha256sum
}

problems() { # ARCHIVE
	mm-archive verify "$1" >verified 2>&1 || cat verified
}

# Each command: what it does, what is wrong when it had exit status $1, and when it was done
# once more.
run_add() {
	mm-archive add Box <in >out
}
check_add() {
	LC_ALL=C awk '/^id: / { id = $2 } /^status: ok$/ { print id }' out >ok
	[ "$(wc -l <ok)" -eq 9 ] || [ -s err ] || echo "no error is told"
	[ "$(mm-archive get Box --record <ok 2>&1 | sha256sum)" = \
		"$(mm-archive get --root "$T/whole" Box --record <ok | sha256sum)" ] ||
		echo "acknowledged messages are not there"
	[ "$(messages)" = "$before" ] || echo "messages of before are not there"
	[ "$1" -eq 0 ] || [ "$1" -eq 75 ]
}
end_add() {
	[ "$(LC_ALL=C grep -ac '^status: ok' out)" -eq 9 ] || echo "the next one does not add them"
	check_add 0
	problems Box
}

run_compact() {
	mm-archive compact --now 2026-03-05 Box
}
check_compact() {
	[ "$(messages)" = "$before" ] || echo "messages are not there"
	[ "$1" -eq 0 ] || [ "$1" -eq 75 ]
}
end_compact() {
	check_compact 0
	problems Box
	find root/Box -name '*.tar.zst*' ! -name '*dense?.tar.zst'
}

run_prune() {
	mm-archive prune --now $now Quarter
}
shown() {
	mm-archive export "$@" Quarter - --to mbox --all --now $now 2>&1 | sha256sum
}
check_prune() {
	[ "$(shown)" = "$(shown --root "$T/whole")" ] || echo "what is to be shown is not"
	[ "$1" -eq 0 ] || [ "$1" -eq 75 ]
}
quarter() {
	find "$1" ! -name 'index.db-*' | sort
	sed 's/.*"Event":\("[^"]*"\).*"File":\("[^"]*"\).*/\1 \2/' "$1/chain.jsonl" | sort
	mm-archive stat "$T/$1" | awk '$1 ~ /^20/ { print $1, $2, $3 }'
}
end_prune() {
	diff <(quarter whole/Quarter | sed s,^whole,root,) <(quarter root/Quarter)
	problems Quarter
}

run_export() {
	mm-archive export --all Box root/x.zip
}
check_export() {
	if [ "$1" -ne 0 ]; then
		echo old | cmp -s - root/x.zip || cmp root/x.zip whole/x.zip
	fi
	find root -name '*.part'
	[ "$1" -eq 0 ] || [ "$1" -eq 75 ] || [ "$1" -eq 73 ]
}
end_export() {
	cmp root/x.zip whole/x.zip
	find root -name '*.part'
}

begin() {
	rm -rf root && cp -a kept root && echo old >root/x.zip
}
begin
{ run_export && run_compact && run_prune && run_add; } >undisturbed || fail "undisturbed"
mv root whole
begin
before=$(messages)

# refused COMMAND CALLS ERRNO AT: what is wrong is told in broken
refused() {
	local rc
	begin
	FAULT_CALLS=$2 with_fault "$3" "$4" "run_$1" >/dev/null 2>err
	rc=$?
	{
		"check_$1" $rc || echo "exit $rc"
		[ $rc -ne 0 ] || [ "$1" = add ] || "end_$1"
		[ $rc -eq 0 ] || grep -q '^level=error' err || echo "exit $rc, and no error is told"
		[[ $4 = *+ ]] || [ "$(grep -c '^level=error' err)" -le 2 ] || cat err
		"run_$1" >/dev/null 2>err || { echo "the next: exit $?" && cat err; }
		"end_$1"
	} 2>&1 | sed "s/^/$2 $3 $4: /" >>broken
}

# try COMMAND CALLS ERRNO: without `all`, every third of these; a disk that is full stays so
tried=0
try() {
	tried=$((tried + 1))
	[ "$fault_points" = all ] || [ $((tried % 3)) -eq 0 ] || return 0
	begin
	FAULT_CALLS=$2 with_fault - 0 "run_$1" >/dev/null
	[ -e calls ] || return 0
	for at in $(points $tried); do
		refused "$@" "$at"
		[ "$3" != ENOSPC ] || refused "$@" "$at+"
	done
}

# shellcheck disable=SC2048
for command in ${*:-add compact prune export}; do
	: >broken
	for kind in write:ENOSPC write:EIO fsync:EIO create:ENOSPC create:EACCES rename:ENOSPC \
		unlink:EACCES mkdir:ENOSPC truncate:EIO chmod:EROFS flock:ENOLCK; do
		try $command "${kind%:*}" "${kind#*:}"
	done
	is "$command: refused" "$(cat broken)" ""
done
done_testing
