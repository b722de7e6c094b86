# shellcheck shell=bash
# bench.sh: for tests/bench/*.sh, beside what tap.sh gives:
#
#     skip_bench REASON       says so and ends, successfully
#     now                     seconds, with fraction
#     cpu_of NAME             CPU seconds of what start() started by that name and of
#                             its children, those that ended included
#     median N...
#     row CELL...             a line of the table; the first row is its heading;
#                             $first_width and $cell_width wide
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

skip_bench() {
	echo "$(basename "$0" .sh): not measured: $1"
	exit 0
}

now() {
	date +%s.%N
}

cpu_of() {
	cat /proc/[0-9]*/stat 2>/dev/null | python3 -c '
import os, sys
parent, ticks = {}, {}
for line in sys.stdin:
    pid, f = line.split(" ", 1)[0], line[line.rindex(")") + 2:].split()
    parent[pid], ticks[pid] = f[1], sum(map(int, f[11:15]))
def ours(pid):
    while pid in parent and pid != sys.argv[1]:
        pid = parent[pid]
    return pid == sys.argv[1]
print(sum(t for p, t in ticks.items() if ours(p)) / os.sysconf("SC_CLK_TCK"))' \
		"$(cat "$T/$1.pid")"
}

median() {
	printf '%s\n' "$@" | sort -g | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'
}

row() {
	local first=$1
	shift
	printf "%-${first_width:-34}s" "$first"
	printf "%${cell_width:-16}s" "$@"
	echo
}
