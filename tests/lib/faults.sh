# shellcheck shell=bash
# faults.sh, after tap.sh: programs that are killed at a call that changes the disk, or whose
# call is refused, by tests/tools/preload/fault.c.  $fault_points, set before tap.sh from the
# environment, is how many calls of each kind of run are tried: a number, or "all".

[ -e "$B/tools/fault.so" ] || skip_all "tools/fault.so is not built: make check does it"

# with_fault FAULT AT CMD...: a program or a function that runs one; FAULT and AT as fault.c has them; "-" and 0: none, but the calls
# are listed in $T/calls.  $fault_dir is where calls count, else $T/root; FAULT_CALLS is taken
# from the environment.
with_fault() {
	local fault=$1 at=$2
	shift 2
	local set=("LD_PRELOAD=$B/tools/fault.so" "FAULT_DIR=${fault_dir:-$T/root}" "FAULT_AT=$at"
		"ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0")
	if [ "$fault" = - ]; then
		rm -f "$T/calls"
		set+=("FAULT_LOG=$T/calls")
	else
		set+=("FAULT=$fault")
	fi
	(export "${set[@]}" && "$@")
}

# points [START]: numbers of lines of $T/calls, evenly from all that differ from the line
# before or behind them; or of all.
points() {
	if [ "${fault_points:=10}" = all ]; then
		seq "$(wc -l <"$T/calls")"
		return
	fi
	awk -v max="$fault_points" -v start="${1:-0}" '
		{ sub(/\.[0-9]+\.pruned/, ".pruned"); sub(/\.[0-9]+\.part/, ".part"); line[NR] = $0 }
		END {
			for (i = 1; i <= NR; i++)
				if (line[i] != line[i - 1] || line[i] != line[i + 1])
					at[n++] = i
			step = n > max ? n / max : 1
			for (x = n > max ? start % step : 0; x < n; x += step)
				print at[int(x)]
		}' "$T/calls"
}
