#!/bin/bash
# Queued messages of 4 KiB delivered to smtp-sink, a second, and the CPU time that one
# costs: mm-queue run with mm-relay, and Postfix, in turns, with 20 connections each.
# The queues are filled before the clock starts, and it stops when they are empty.
. "$(dirname "$0")/../lib/bench.sh"
. "$top/tests/lib/smtpd.sh"
. "$top/tests/lib/postfix.sh"

messages=${MESSAGES:-10000} rounds=${ROUNDS:-3}
load=$B/tools/smtp-load
for p in smtp-sink postfix openssl mm-smtpd mm-queue mm-relay "$load"; do
	command -v "$p" >/dev/null || skip_bench "$p is not there"
done
[ "$(id -u)" -eq 0 ] || skip_bench "Postfix needs root"

fill() { # PORT
	"$load" -s 20 -l 4096 -m "$messages" "127.0.0.1:$1" >/dev/null
}

mm_empty() {
	[ "$(mm-queue stat "$T/queue" | head -n 1)" = 'messages: 0' ]
}

postfix_empty() {
	[ -z "$(find "$T"/spool/{hold,deferred,incoming,active} -type f -print -quit)" ]
}

# Adds one round's figures to $rates and $costs; the program has run since FROM.
measured() { # PROGRAM FROM CPU-BEFORE
	local program=$1 from=$2 before=$3 seconds limit=$((SECONDS + 120))
	until "${program}_empty"; do
		[ $SECONDS -lt $limit ] || {
			echo "$program has not emptied its queue"
			exit 1
		}
		sleep 0.02
	done
	seconds=$(awk -v a="$from" -v b="$(now)" 'BEGIN { print b - a }')
	rates[$program]+=" $(awk -v n="$messages" -v s="$seconds" 'BEGIN { printf "%.0f", n / s }')"
	costs[$program]+=" $(awk -v n="$messages" -v a="$before" -v b="$(cpu_of "$program")" \
		'BEGIN { printf "%.3f", (b - a) * 1000 / n }')"
}

deliver_mm() {
	local from
	fill "$mm_port"
	from=$(now)
	start mm mm-queue run "$T/queue" -- mm-relay --to "127.0.0.1:$sink_port"
	measured mm "$from" 0
	stop mm
	sent=$((sent + $(grep -c 'msg=delivered ' "$T/mm.log")))
}

# The messages are on hold until all of them are there.
deliver_postfix() {
	local from before
	fill "$postfix_port"
	postsuper -c "$T/etc" -H ALL >/dev/null 2>&1
	before=$(cpu_of postfix)
	from=$(now)
	postqueue -c "$T/etc" -f
	measured postfix "$from" "$before"
}

declare -A rates costs
sent=0
certificate
sink_port=$(free_port)
start sink smtp-sink -u nobody "127.0.0.1:$sink_port" 1000
wait_for smtp-sink port_open "$sink_port"
smtpd accept --no-policy --max-per-address 1000 -- mm-queue add "$T/queue"
mm_port=$port postfix_port=$(free_port)
postfix_start "$postfix_port" "
myhostname = mx.nutrition.example
mynetworks = 127.0.0.0/8
mydestination =
relayhost = [127.0.0.1]:$sink_port
smtpd_client_restrictions = check_client_access static:hold
smtpd_client_connection_count_limit = 0
in_flow_delay = 0s" "127.0.0.1:$postfix_port inet n - n - 200 smtpd"

for ((i = 0; i < rounds; i++)); do
	deliver_mm
	deliver_postfix
done
for s in mm postfix; do
	# shellcheck disable=SC2086
	rate[${#rate[@]}]=$(median ${rates[$s]}) cost[${#cost[@]}]=$(median ${costs[$s]})
done
row "$messages x 4 KiB to smtp-sink" 'messages/s' 'CPU ms/message'
row 'mm-queue run, mm-relay' "${rate[0]}" "${cost[0]}"
row Postfix "${rate[1]}" "${cost[1]}"
row 'mm:Postfix' "$(awk -v a="${rate[0]}" -v b="${rate[1]}" 'BEGIN { printf "%.1fx", a / b }')" \
	"$(awk -v a="${cost[0]}" -v b="${cost[1]}" 'BEGIN { printf "1/%.1f", b / a }')"
echo "delivered of queued: mm $sent, Postfix $(grep -c status=sent "$T/postfix.maillog")" \
	"of $((rounds * messages)) each"
