#!/bin/bash
# Durable accepts a second, and the CPU time that one costs, of mm-smtpd with mm-queue
# add, of Postfix, which puts them on hold, and of OpenSMTPD: all three have taken the
# message into their queues when they answer, and none delivers it (of the three,
# OpenSMTPD alone does not sync it to disk).  In turns, the same load from smtp-load.
# Above it what the generators themselves could do, into smtp-sink, which keeps nothing.
. "$(dirname "$0")/../lib/bench.sh"
. "$top/tests/lib/smtpd.sh"
. "$top/tests/lib/postfix.sh"
. "$top/tests/lib/opensmtpd.sh"

messages=${MESSAGES:-2000} rounds=${ROUNDS:-3}
load=$B/tools/smtp-load
loads=( # SESSIONS KIB STARTTLS
	'1 4' '10 4' '50 4' '200 4' '1 64' '10 64' '50 64' '200 64' '50 4 -T')
first_width=20 cell_width=10
for p in smtp-source smtp-sink postfix openssl mm-smtpd mm-queue "$load"; do
	command -v "$p" >/dev/null || skip_bench "$p is not there"
done
[ "$(id -u)" -eq 0 ] || skip_bench "Postfix needs root"

start_mm() {
	smtpd mm --no-policy --max-per-address 1000 --cert "$T/cert.pem" --key "$T/key.pem" \
		-- mm-queue add "$T/queue"
}

start_postfix() {
	port=$(free_port)
	postfix_start "$port" "
myhostname = mx.nutrition.example
mynetworks = 127.0.0.0/8
mydestination =
relay_domains = nutrition.example
smtpd_client_restrictions = check_client_access static:hold
smtpd_client_connection_count_limit = 0
smtpd_tls_security_level = may
smtpd_tls_chain_files = $T/key.pem $T/cert.pem
in_flow_delay = 0s" "127.0.0.1:$port inet n - n - 200 smtpd"
}

start_opensmtpd() {
	local why
	why=$(opensmtpd_get) || {
		echo "OpenSMTPD: not measured: $why"
		return 1
	}
	port=$(free_port)
	opensmtpd_start "$port"
}

sink_port() {
	port=$(free_port)
	start sink smtp-sink -u nobody "127.0.0.1:$port" 1000
	wait_for smtp-sink port_open "$port"
}

seconds() { # FROM TO
	awk -v a="$1" -v b="$2" 'BEGIN { print b - a }'
}

# Prints messages a second and the CPU ms a message of the generator itself.
bound_of_source() {
	local from to
	from=$(now)
	TIMEFORMAT='%U %S'
	cpu=$( { time smtp-source -d -s 50 -l 4096 -m $((messages * 5)) -f alice@example.org \
		-t bob@nutrition.example "127.0.0.1:$port" >/dev/null 2>&1; } 2>&1)
	to=$(now)
	awk -v n=$((messages * 5)) -v s="$(seconds "$from" "$to")" -v c="$cpu" \
		'BEGIN { split(c, C); printf "%.0f %.3f\n", n / s, (C[1] + C[2]) * 1000 / n }'
}

bound_of_load() {
	"$load" -s 50 -l 4096 -m $((messages * 5)) "127.0.0.1:$port" |
		sed 's/.*rate=\([0-9]*\) cpu-ms=/\1 /'
}

bounds() {
	local f rate cost
	sink_port
	row 'the generator alone' /s 'CPU ms'
	for f in source load; do
		read -r rate cost < <(bound_of_$f)
		row "smtp-$f to sink" "$rate" "$cost"
	done
	stop sink
}

# Adds one round's figures to $rates and $costs of "SERVER LOAD".
send() { # SERVER PORT LOAD
	local sessions kib tls count=$messages cpu rate out
	read -r sessions kib tls <<<"$3"
	[ "$sessions" -gt 1 ] || count=$((count / 4))
	[ "$kib" -eq 4 ] || count=$((count / 4))
	cpu=$(cpu_of "$1")
	# shellcheck disable=SC2086
	out=$("$load" -s "$sessions" -l $((kib * 1024)) -m $count $tls "127.0.0.1:$2" 2>&1) || {
		echo "$1, $3: $out"
		exit 1
	}
	rate=${out#*rate=}
	rates["$1 $3"]+=" ${rate%% *}"
	costs["$1 $3"]+=" $(awk -v n="$count" -v a="$cpu" -v b="$(cpu_of "$1")" \
		'BEGIN { printf "%.3f", (b - a) * 1000 / n }')"
	sent["$1"]=$((${sent["$1"]:-0} + count))
}

# OpenSMTPD stalls with more sessions, and has no STARTTLS here.
can() { # SERVER LOAD
	[ "$1" != opensmtpd ] || [[ $2 =~ ^10?\ [0-9]+$ ]]
}

figure() { # SERVER LOAD: its two cells
	# shellcheck disable=SC2086
	if [ -n "${rates["$1 $2"]:-}" ]; then
		echo "$(median ${rates["$1 $2"]}) $(median ${costs["$1 $2"]})"
	else
		echo '- -'
	fi
}

print_load() {
	local sessions kib tls m mc p pc o oc
	read -r sessions kib tls <<<"$1"
	read -r m mc < <(figure mm "$1")
	read -r p pc < <(figure postfix "$1")
	read -r o oc < <(figure opensmtpd "$1")
	read -r faster cheaper < <(awk -v m="$m" -v p="$p" -v mc="$mc" -v pc="$pc" \
		'BEGIN { printf "%.1fx 1/%.1f\n", m / p, (mc > 0 ? pc / mc : 0) }')
	row "$sessions x $kib KiB${tls:+, TLS}" "$m" "$mc" "$p" "$pc" "$faster" "$cheaper" \
		"$o" "$oc"
}

declare -A rates costs sent ports
certificate
bounds
start_mm && ports[mm]=$port
start_postfix && ports[postfix]=$port
start_opensmtpd && ports[opensmtpd]=$port
for ((i = 0; i < rounds; i++)); do
	for l in "${loads[@]}"; do
		for s in mm postfix opensmtpd; do
			if [ -n "${ports[$s]:-}" ] && can "$s" "$l"; then
				send "$s" "${ports[$s]}" "$l"
			fi
		done
	done
done

row '' mm '' Postfix '' mm:Pfx mm:Pfx OpenSMTPD ''
row 'sessions x size' /s 'CPU ms' /s 'CPU ms' rate CPU /s 'CPU ms'
for l in "${loads[@]}"; do
	print_load "$l"
done
echo "in the queues of sent: mm $(mm-queue list "$T/queue" | grep -c bob@) of ${sent[mm]}," \
	"Postfix $(find "$T/spool/hold" -type f | wc -l) of ${sent[postfix]}"
