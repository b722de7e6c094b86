#!/bin/bash
# mm-verdict: SPF evaluations a second of one core, through three includes, everything
# in the cache, by our own engine and, in the same run, by libspf2; cat of the same stream
# is the bound.  By CPU time, so that other work counts little.
. "$(dirname "$0")/../lib/bench.sh"
. "$(dirname "$0")/../lib/verdict.sh"

records=${RECORDS:-100000} rounds=${ROUNDS:-3}
command -v mm-verdict >/dev/null || skip_bench 'mm-verdict is not there'
printf '{"Hostname": "mx.nutrition.example"}\n' >"$T/site.json"
{
	txt example.org 'v=spf1 include:a.example.org include:b.example.org include:c.example.org -all'
	txt a.example.org 'v=spf1 ip4:198.51.100.0/24 ip4:203.0.113.0/25 ip6:2001:db8:1::/48 -all'
	txt b.example.org 'v=spf1 ip4:203.0.113.128/25 ip6:2001:db8:2::/48 -all'
	txt c.example.org 'v=spf1 ip4:192.0.2.0/24 -all'
} >"$T/zone"
export MM_ZONE=$T/zone MM_SITE=$T MM_LOG=error
awk -v n="$records" 'BEGIN { for (i = 0; i < n; i++)
	printf "mail 1 0\nid: m%d\nclient-ip: 192.0.2.7\nclient-name: mx.example.org\n" \
		"helo: localhost\nmail-from: <user%d@example.org>\n\n", i, i }' >"$T/stream"

declare -A rates passed
run() { # NAME CMD...
	local name=$1 times
	shift
	TIMEFORMAT='%U %S'
	times=$( { time "$@" <"$T/stream" 2>/dev/null >"$T/out"; } 2>&1) || exit 1
	rates["$name"]+=" $(echo "$times" |
		awk -v n="$records" '{ s = $1 + $2; printf "%.0f", n / (s > 0 ? s : 0.001) }')"
	passed["$name"]=$(grep -c '^spf: pass' "$T/out")
}
for ((i = 0; i < rounds; i++)); do
	run native mm-verdict --spf-engine native
	run libspf2 mm-verdict --spf-engine libspf2
	run cat cat
done
print() { # LABEL NAME
	# shellcheck disable=SC2086
	row "$1" "$(median ${rates["$2"]})" "${passed["$2"]}"
}
row "$records envelopes, three includes" '/s of CPU' 'spf: pass'
print native native
print libspf2 libspf2
print 'cat, which decides nothing' cat
