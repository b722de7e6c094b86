#!/bin/bash
# Durable accepts a second: smtp-source, 50 sessions, 4 KiB messages, into mm-smtpd
# with mm-queue add, and into Postfix, which puts them on hold: both have the
# message safe on disk when they answer, and neither delivers it.  In turns.
. "$(dirname "$0")/../lib/bench.sh"
. "$top/tests/lib/postfix.sh"

messages=${MESSAGES:-5000} rounds=${ROUNDS:-3} sessions=50 size=4096
for p in smtp-source postfix mm-smtpd mm-queue; do
	command -v "$p" >/dev/null || skip_bench "$p is not there"
done
[ "$(id -u)" -eq 0 ] || skip_bench "Postfix needs root"

start_mm() {
	mm_port=$(free_port)
	mkdir "$T/site"
	start mm env MM_LOG=warn mm-smtpd -C "$T/site" --no-policy --hostname mx.nutrition.example \
		--max-per-address 1000 -l "127.0.0.1:$mm_port" -- mm-queue add "$T/queue"
	wait_for mm-smtpd port_open "$mm_port"
}

start_postfix() {
	postfix_port=$(free_port)
	postfix_start "$postfix_port" "
myhostname = mx.nutrition.example
mynetworks = 127.0.0.0/8
mydestination =
relay_domains = nutrition.example
smtpd_client_restrictions = check_client_access static:hold
smtpd_client_connection_count_limit = 0
in_flow_delay = 0s" "127.0.0.1:$postfix_port inet n - n - $sessions smtpd"
}

# One round: sets $rate and $cost (CPU ms a message).
send() { # NAME PORT
	local from to cpu
	cpu=$(cpu_of "$1")
	from=$(now)
	smtp-source -d -s $sessions -l $size -m "$messages" -f alice@example.org \
		-t bob@nutrition.example "127.0.0.1:$2" >"$T/source.log" 2>&1 || {
		cat "$T/source.log"
		exit 1
	}
	to=$(now)
	read -r rate cost < <(awk -v n="$messages" -v t="$from $to" -v c="$cpu $(cpu_of "$1")" \
		'BEGIN { split(t, T); split(c, C)
			printf "%.0f %.3f\n", n / (T[2] - T[1]), (C[2] - C[1]) * 1000 / n }')
}

start_mm
start_postfix
mm_rates=() mm_costs=() postfix_rates=() postfix_costs=()
for ((i = 0; i < rounds; i++)); do
	send mm "$mm_port"
	mm_rates+=("$rate") mm_costs+=("$cost")
	send postfix "$postfix_port"
	postfix_rates+=("$rate") postfix_costs+=("$cost")
done

row "durable accepts, $sessions sessions, 4 KiB" 'messages/s' 'CPU ms/message' 'on disk'
row 'mm-smtpd -- mm-queue add' "$(median "${mm_rates[@]}")" "$(median "${mm_costs[@]}")" \
	"$(mm-queue list "$T/queue" | grep -c 'bob@nutrition.example')"
row 'Postfix, hold' "$(median "${postfix_rates[@]}")" "$(median "${postfix_costs[@]}")" \
	"$(find "$T/spool/hold" -type f | wc -l)"
