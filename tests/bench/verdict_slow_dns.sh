#!/bin/bash
# mm-verdict with a DNS server that answers after 50 ms: messages a second of the clock,
# where each asks four questions one after the other (SPF through three includes), each of
# another domain, and with a hundred domains among them.  The bound for 2,000 in flight is
# 2,000 in four times 50 ms; the resolver is a thread beside the rest.
. "$(dirname "$0")/../lib/bench.sh"

records=${RECORDS:-20000} rounds=${ROUNDS:-3}
command -v mm-verdict >/dev/null || skip_bench 'mm-verdict is not there'
[ -x "$B/tools/delay-dns" ] || skip_bench 'delay-dns is not built'
printf '{"Hostname": "mx.nutrition.example"}\n' >"$T/site.json"
start dns "$B/tools/delay-dns" 50
wait_for "the DNS server's port" test -s "$T/dns.log"
MM_RESOLVER=127.0.0.1@$(head -n 1 "$T/dns.log")
export MM_RESOLVER MM_SITE=$T MM_LOG=error

stream() { # DOMAINS
	awk -v n="$records" -v d="$1" 'BEGIN { for (i = 0; i < n; i++)
		printf "mail 1 0\nid: m%d\nclient-ip: 192.0.2.7\nclient-name: mx.example.org\n" \
			"helo: localhost\nmail-from: <user@d%d.example>\n\n", i, i % d }'
}
declare -A walls cpus passed
run() { # NAME
	local times wall cpu
	TIMEFORMAT='%R %U %S'
	times=$( { time mm-verdict <"$T/$1" 2>/dev/null >"$T/out"; } 2>&1) || exit 1
	read -r wall cpu < <(echo "$times" |
		awk -v n="$records" '{ printf "%.0f %.0f\n", n / $1, n / ($2 + $3) }')
	walls["$1"]+=" $wall"
	cpus["$1"]+=" $cpu"
	passed["$1"]=$(grep -c '^spf: pass' "$T/out")
}
stream "$records" >"$T/all"
stream 100 >"$T/hundred"
for ((i = 0; i < rounds; i++)); do
	run all
	run hundred
done
print() { # LABEL NAME
	# shellcheck disable=SC2086
	row "$1" "$(median ${walls["$2"]})" "$(median ${cpus["$2"]})" "${passed["$2"]}"
}
row "$records envelopes, answers after 50 ms" '/s' '/s of CPU' 'spf: pass'
print 'each of another domain' all
print 'of a hundred domains' hundred
