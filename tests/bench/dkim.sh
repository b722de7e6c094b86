#!/bin/bash
# mm-verdict: messages of 10 KB with an RSA-2048 signature a second of one core, the
# whole of SPF (three includes), DKIM, ARC and DMARC, by our own DKIM engine and, the same
# messages in the same run, by libopendkim; DKIM by itself, the rest being given; and what
# `openssl speed` says of RSA alone.  By CPU time, so that other work counts little.
. "$(dirname "$0")/../lib/bench.sh"
. "$(dirname "$0")/../lib/verdict.sh"

messages=${MESSAGES:-2000} times_over=6 rounds=${ROUNDS:-3}
command -v mm-verdict >/dev/null || skip_bench 'mm-verdict is not there'
rsa_key one
chmod 600 "$T/one.pem"
printf '{"Hostname": "mx.nutrition.example"}\n' >"$T/site.json"
{
	txt one._domainkey.example.org "v=DKIM1; k=rsa; p=$(cat "$T/one.p")"
	txt example.org 'v=spf1 include:a.example.org include:b.example.org include:c.example.org -all'
	txt a.example.org 'v=spf1 ip4:198.51.100.0/24 -all'
	txt b.example.org 'v=spf1 ip4:203.0.113.0/24 -all'
	txt c.example.org 'v=spf1 ip4:192.0.2.0/24 -all'
	txt _dmarc.example.org 'v=DMARC1; p=reject'
} >"$T/zone"
export MM_ZONE=$T/zone MM_SITE=$T MM_LOG=error
python3 "$top/tests/tools/dkim-bench.py" "$messages" |
	mm-verdict sign --selector one --domain example.org --key "$T/one.pem" >"$T/signed"
for ((i = 0; i < times_over; i++)); do cat "$T/signed"; done >"$T/whole"
messages=$((messages * times_over)) # so that starting counts little
sed 's/^client-name: /spf: pass domain=example.org\narc: none\ndmarc: pass d=example.org\n&/' \
	"$T/whole" >"$T/given"

declare -A rates passed
run() { # NAME STREAM OPTION...
	local name=$1 stream=$2 times
	shift 2
	TIMEFORMAT='%U %S'
	times=$( { time mm-verdict "$@" <"$stream" 2>/dev/null >"$T/out"; } 2>&1) || exit 1
	rates["$name"]+=" $(echo "$times" |
		awk -v n="$messages" '{ s = $1 + $2; printf "%.0f", n / (s > 0 ? s : 0.001) }')"
	passed["$name"]=$(grep -ac '^dkim: pass' "$T/out")
}

for ((i = 0; i < rounds; i++)); do
	for engine in native libopendkim; do
		run "all $engine" "$T/whole" --dkim-engine $engine
		run "dkim $engine" "$T/given" --given --no-header --dkim-engine $engine
	done
done

first_width=44
cell_width=14
print() { # LABEL NAME
	# shellcheck disable=SC2086
	row "$1" "$(median ${rates["$2"]})" "${passed["$2"]}"
}
row "$messages messages of 10 KB, RSA-2048" '/s of CPU' 'dkim: pass'
print 'SPF, DKIM, ARC, DMARC; native' 'all native'
print 'SPF, DKIM, ARC, DMARC; libopendkim' 'all libopendkim'
print 'DKIM alone; native' 'dkim native'
print 'DKIM alone; libopendkim' 'dkim libopendkim'
# shellcheck disable=SC2086
row 'native to libopendkim, DKIM alone' "$(awk -v a="$(median ${rates[dkim native]})" \
	-v b="$(median ${rates[dkim libopendkim]})" 'BEGIN { printf "%.1f x", a / b }')"
row 'RSA-2048 verifications (openssl speed)' \
	"$(openssl speed -seconds 1 rsa2048 2>/dev/null | awk '/rsa 2048/ { printf "%.0f", $NF }')"
