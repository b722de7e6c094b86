# shellcheck shell=bash
# tap.sh: TAP from bash.  A test begins with
#
#     #!/bin/bash
#     . "$(dirname "$0")/../lib/tap.sh"
#
# and ends with done_testing.  It has then
#
#     $top       the checkout
#     $B         the build directory ($MM_BUILD), first in $PATH
#     $T         a scratch directory, removed at exit
#     $testdata  the shared test data ($MM_TESTDATA); may not exist
#     $corpus    a directory of real messages, one a file ($MM_CORPUS); may be empty
#
# and whatever start() started is killed at exit.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
B=$(cd "$top" && cd "${MM_BUILD:-build}" 2>/dev/null && pwd) || B=$top/build
PATH=$B:$PATH:/usr/sbin:/sbin
# shellcheck disable=SC2034
testdata=${MM_TESTDATA:-$top/../shared/testdata}
# shellcheck disable=SC2034
corpus=${MM_CORPUS-}
T=$(mktemp -d "${TMPDIR:-/tmp}/mm-test.XXXXXX") || exit 1
export PATH TMPDIR=$T LC_ALL=C.UTF-8
unset "${!MM_@}" "${!AWS_@}"

tap_count=0
tap_failed=0
tap_pids=()
tap_exit_commands=()

tap_cleanup() {
	local rc=$? pid c
	trap - EXIT
	trap '' INT TERM HUP
	for c in "${tap_exit_commands[@]}"; do
		eval "$c"
	done >/dev/null 2>&1
	for pid in "${tap_pids[@]}"; do
		kill -TERM -- "-$pid" 2>/dev/null
	done
	for pid in "${tap_pids[@]}"; do
		tap_reap "$pid"
	done
	cd / && rm -rf "$T"
	exit $rc
}

# Waits up to 5 s for the process group to end, then kills it.
tap_reap() {
	local n=0
	while kill -0 -- "-$1" 2>/dev/null; do
		if [ $((n += 1)) -gt 100 ]; then
			kill -KILL -- "-$1" 2>/dev/null
			break
		fi
		sleep 0.05
	done
	wait "$1" 2>/dev/null
}

trap tap_cleanup EXIT
trap 'exit 130' INT TERM HUP

# at_exit 'COMMAND': run before the scratch directory goes.
at_exit() {
	tap_exit_commands+=("$1")
}

tap_result() { # STATUS NAME
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
	else
		echo "not ok $tap_count - $2"
		echo "# $0: not ok $tap_count - $2" >&2
		tap_failed=$((tap_failed + 1))
	fi
	return "$1"
}

tap_comment() {
	printf '%s\n' "$1" | tap_comments
}

# Standard input as comments, where prove shows them.
tap_comments() {
	head -c 20000 | sed 's/^/# /' >&2
}

# ok NAME CMD...: it succeeds.
ok() {
	local name=$1 out rc
	shift
	out=$("$@" 2>&1)
	rc=$?
	[ $rc -eq 0 ]
	tap_result $? "$name" || {
		tap_comment "$* : exit $rc"
		tap_comment "$out"
		return 1
	}
}

# not_ok NAME CMD...: it fails.
not_ok() {
	local name=$1 out
	shift
	! out=$("$@" 2>&1)
	tap_result $? "$name" || {
		tap_comment "$* : should have failed"
		tap_comment "$out"
		return 1
	}
}

# is NAME GOT EXPECTED
is() {
	[ "$2" = "$3" ]
	tap_result $? "$1" || {
		diff -u --label expected --label got <(printf '%s\n' "$3") <(printf '%s\n' "$2") |
			cat -v | head -n 200 | tap_comments
		return 1
	}
}

# check_same NAME 'CMD1' 'CMD2': the same standard output, and both succeed.
check_same() {
	local name=$1 rc1 rc2
	(eval "$2") >"$T/.same1" 2>"$T/.same1.err"
	rc1=$?
	(eval "$3") >"$T/.same2" 2>"$T/.same2.err"
	rc2=$?
	[ $rc1 -eq 0 ] && [ $rc2 -eq 0 ] && cmp -s "$T/.same1" "$T/.same2"
	tap_result $? "$name" || {
		tap_comment "exit $rc1: $2"
		tap_comment "exit $rc2: $3"
		diff -au --label first --label second "$T/.same1" "$T/.same2" |
			cat -v | head -n 200 | tap_comments
		cat "$T/.same1.err" "$T/.same2.err" | head -n 50 | tap_comments
		return 1
	}
}

# like NAME GOT REGEX (extended, bash's =~)
like() {
	[[ $2 =~ $3 ]]
	tap_result $? "$1" || {
		tap_comment "got: $2"
		tap_comment "expected to match: $3"
		return 1
	}
}

# unlike NAME GOT REGEX
unlike() {
	[[ ! $2 =~ $3 ]]
	tap_result $? "$1" || {
		tap_comment "got: $2"
		tap_comment "expected not to match: $3"
		return 1
	}
}

# exit_is NAME CODE CMD...: leaves its output in $T/.out and $T/.err.
exit_is() {
	local name=$1 code=$2 rc
	shift 2
	"$@" >"$T/.out" 2>"$T/.err"
	rc=$?
	[ $rc -eq "$code" ]
	tap_result $? "$name" || {
		tap_comment "exit $rc, expected $code: $*"
		head -n 50 "$T/.out" "$T/.err" | cat -v | tap_comments
		return 1
	}
}

# pass NAME, fail NAME [WHY]
pass() {
	tap_result 0 "$1"
}

fail() {
	tap_result 1 "$1"
	[ $# -lt 2 ] || tap_comment "$2"
	return 1
}

diag() {
	tap_comment "$*"
}

skip() { # NAME REASON
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

skip_all() { # REASON
	echo "1..0 # SKIP $1"
	exit 0
}

# need PROG...: skips the whole test where one is missing.
need() {
	local p
	for p; do
		command -v "$p" >/dev/null 2>&1 || skip_all "$p is not installed (or not built)"
	done
}

# wait_for DESCRIPTION CMD...: until it succeeds, 20 s at most.  Silent when it
# did; else a failed test and a non-zero return.
wait_for() {
	local what=$1 end=$((SECONDS + 20))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ $SECONDS -ge $end ]; then
			fail "waited for: $what"
			return 1
		fi
		sleep 0.02
	done
}

# start NAME CMD...: in the background and in a process group of its own, both
# outputs in $T/NAME.log, its pid in $T/NAME.pid and $pid.
start() {
	local name=$1
	shift
	setsid "$@" >"$T/$name.log" 2>&1 </dev/null &
	pid=$!
	tap_pids+=("$pid")
	echo "$pid" >"$T/$name.pid"
}

# stop NAME [SIGNAL]: signals what start() started (its first process), waits up
# to 20 s for its end and returns its exit status.
stop() {
	local p n=0
	p=$(cat "$T/$1.pid")
	kill -s "${2:-TERM}" "$p" 2>/dev/null
	while kill -0 "$p" 2>/dev/null && [ $((n += 1)) -le 1000 ]; do
		sleep 0.02
	done
	[ $n -le 1000 ] || kill -KILL -- "-$p" 2>/dev/null
	wait "$p" 2>/dev/null
}

# port_open PORT: does somebody listen on loopback?
port_open() {
	(: >"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# free_port: prints a port of loopback that nobody uses, outside the range that
# the kernel gives to outgoing connections.
free_port() {
	python3 -c '
import random, socket
while True:
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", random.randrange(20000, 32000)))
        print(s.getsockname()[1])
        break
    except OSError:
        pass'
}

done_testing() {
	echo "1..$tap_count"
	[ $tap_failed -eq 0 ]
	exit
}
