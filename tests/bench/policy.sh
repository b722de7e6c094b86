#!/bin/bash
# mm-policy: decisions a second of one core on 200,000 envelopes, with a small policy
# and with one of 20 statements of 10 conditions each, all of which are looked at, and
# an address list of 100,000 entries.  No peer does the same; the bound is cat of the
# same stream.  By CPU time, so that other work on the machine counts little.
. "$(dirname "$0")/../lib/bench.sh"

records=${RECORDS:-200000} rounds=${ROUNDS:-3}
command -v mm-policy >/dev/null || skip_bench 'mm-policy is not there'
python3 "$top/tests/tools/policy-bench.py" "$T" "$records" || exit 1

# Sets $wall and $cpu, seconds, of CMD from the stream to a pipe.
run() { # CMD...
	local times
	TIMEFORMAT='%R %U %S'
	times=$( { time "$@" <"$T/stream" 2>"$T/err" > >(cat >"$T/out"); } 2>&1) || {
		cat "$T/err"
		exit 1
	}
	read -r wall cpu < <(echo "$times" | awk '{ print $1, $2 + $3 }')
}

per_second() { # SECONDS
	awk -v n="$records" -v s="$1" 'BEGIN { printf "%.0f\n", n / (s > 0 ? s : 0.001) }'
}

add() { # NAME CMD...
	local name=$1
	shift
	run "$@"
	walls["$name"]+=" $(per_second "$wall")"
	cpus["$name"]+=" $(per_second "$cpu")"
	decided["$name"]=$(grep -c '^policy: ' "$T/out")
}

print() { # LABEL NAME
	# shellcheck disable=SC2086
	row "$1" "$(median ${walls["$2"]})" "$(median ${cpus["$2"]})" "${decided["$2"]}"
}

declare -A walls cpus decided
for ((i = 0; i < rounds; i++)); do
	add small mm-policy -C "$top/examples/nutrition" our-domains
	add large mm-policy -C "$T/site" large
	add cat cat
done
row "$records envelopes" '/s' '/s of CPU' decided
print 'our-domains, 2 conditions' small
print '200 conditions, list of 100,000' large
print 'cat' cat
