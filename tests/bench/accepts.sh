#!/bin/bash
# Durable accepts a second: smtp-source, 50 sessions, 4 KiB messages, into mm-smtpd
# with mm-queue add, and into Postfix, which puts them on hold: both have the
# message safe on disk when they answer, and neither delivers it.  In turns.
. "$(dirname "$0")/../lib/bench.sh"

messages=${MESSAGES:-5000} rounds=${ROUNDS:-3} sessions=50 size=4096
for p in smtp-source postfix mm-smtpd mm-queue; do
	command -v "$p" >/dev/null || skip_bench "$p is not there"
done
[ "$(id -u)" -eq 0 ] || skip_bench "Postfix needs root"
chmod 755 "$T"

start_mm() {
	mm_port=$(free_port)
	mkdir "$T/site"
	start mm env MM_LOG=warn mm-smtpd -C "$T/site" --no-policy --hostname mx.nutrition.example \
		--max-per-address 1000 -l "127.0.0.1:$mm_port" -- mm-queue add "$T/queue"
	wait_for mm-smtpd port_open "$mm_port"
}

start_postfix() {
	postfix_port=$(free_port)
	mkdir "$T/etc" "$T/spool" "$T/data"
	chown postfix "$T/data"
	cat >"$T/etc/main.cf" <<END
compatibility_level = 3.6
queue_directory = $T/spool
data_directory = $T/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.nutrition.example
mynetworks = 127.0.0.0/8
mydestination =
local_recipient_maps =
alias_maps =
relay_domains = nutrition.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
smtpd_client_restrictions = check_client_access static:hold
smtpd_client_connection_count_limit = 0
in_flow_delay = 0s
maillog_file = $T/postfix.maillog
maillog_file_prefixes = $T
END
	cat >"$T/etc/master.cf" <<END
127.0.0.1:$postfix_port inet n - n - $sessions smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
pickup unix n - n 60 1 pickup
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
relay unix - - n - - smtp
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
END
	at_exit "postfix -c '$T/etc' stop" # master has a session of its own
	start postfix postfix -c "$T/etc" start-fg
	wait_for Postfix port_open "$postfix_port"
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
