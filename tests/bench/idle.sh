#!/bin/bash
# Memory of a connection that waits after EHLO, in clear and with TLS 1.3: what the
# server's processes take more than before, by /proc/PID/smaps_rollup, divided by the
# connections.  PSS counts a page that n processes share as 1/n for each.  Postfix has
# a process a connection, so it holds fewer.
. "$(dirname "$0")/../lib/bench.sh"
. "$top/tests/lib/smtpd.sh"
. "$top/tests/lib/postfix.sh"

many=${CONNECTIONS:-2000} few=200
load=$B/tools/smtp-load
for p in postfix openssl mm-smtpd "$load"; do
	command -v "$p" >/dev/null || skip_bench "$p is not there"
done
[ "$(id -u)" -eq 0 ] || skip_bench "Postfix needs root"
[ "$(ulimit -Hn)" -gt $((many + 100)) ] ||
	skip_bench "expected ulimit -Hn above $((many + 100)), found $(ulimit -Hn)"
ulimit -n "$(ulimit -Hn)"

start_postfix() {
	port=$(free_port)
	postfix_start "$port" "
myhostname = mx.nutrition.example
smtpd_client_connection_count_limit = 0
smtpd_tls_security_level = may
smtpd_tls_chain_files = $T/key.pem $T/cert.pem" "127.0.0.1:$port inet n - n - $few smtpd"
}

start_mm() {
	smtpd mm --no-policy --max-connections $((many + 10)) --max-per-address $((many + 10)) \
		--cert "$T/cert.pem" --key "$T/key.pem" -- cat
}

# Prints RSS and PSS in KiB, of what start() started and its children.
memory_of() { # NAME
	tree_of "$(cat "$T/$1.pid")" | sed 's|.*|/proc/&/smaps_rollup|' | xargs cat 2>/dev/null |
		awk '/^Rss:/ { r += $2 } /^Pss:/ { p += $2 } END { print r, p }'
}

tree_of() {
	local child
	echo "$1"
	for child in $(pgrep -P "$1"); do
		tree_of "$child"
	done
}

# Opens the connections, sets $rss and $pss, KiB a connection, and closes them.
hold() { # NAME CONNECTIONS OPTION...
	local name=$1 n=$2 before after line
	shift 2
	before=$(memory_of "$name")
	rm -f "$T/until"
	mkfifo "$T/until"
	exec 8< <("$load" -k -s "$n" "$@" "127.0.0.1:$port" <"$T/until" 2>&1)
	exec 7>"$T/until"
	read -r line <&8
	[ "$line" = "held $n" ] || {
		echo "$name: $line"
		exit 1
	}
	after=$(memory_of "$name")
	exec 7>&-
	cat <&8
	exec 8<&-
	read -r rss pss < <(echo "$before $after" |
		awk -v n="$n" '{ printf "%.1f %.1f\n", ($3 - $1) / n, ($4 - $2) / n }')
}

stop_mm() {
	stop mm
}

stop_postfix() {
	postfix -c "$T/etc" stop >/dev/null 2>&1
	stop postfix
}

# A server of its own each: what one has allocated it may keep.
measure() { # NAME CONNECTIONS LABEL
	start_"$1"
	hold "$1" "$2"
	row "$3, $2 in clear" "$rss" "$pss"
	stop_"$1"
	start_"$1"
	hold "$1" "$2" -T
	row "$3, $2 with TLS 1.3" "$rss" "$pss"
	stop_"$1"
}

certificate
row 'memory of an idle connection' 'RSS KiB' 'PSS KiB'
measure mm "$many" mm-smtpd
measure postfix $few Postfix
echo "Postfix has a process a connection, so it holds $few, not $many."
