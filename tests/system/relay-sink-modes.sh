#!/bin/bash
# mm-relay against every failure of postfix's smtp-sink at every command: refusals for
# now and for good, disconnects with and without a word, silence, and fewer extensions.
# Two messages go over one connection to each sink, to two recipients each.  The sinks
# are the exchangers of as many domains, at one port of the loopback network, and one
# process serves them all; but for those that speak LMTP.
. "$(dirname "$0")/../lib/tap.sh"
need mm-relay smtp-sink
[ "$(id -u)" -eq 0 ] || skip_all 'smtp-sink changes its root directory'
[ -r /proc/net/tcp ] || skip_all 'no /proc/net/tcp'

export MM_SITE=$T/site MM_ZONE=$T/zone
mkdir -p "$MM_SITE"
chmod 755 "$T"
body=$'From: a@example.org\r\n\r\n.\r\nx\r\n'
port=$(free_port)
sinks=0 options=() results=()
declare -A got
echo '. 3600 IN SOA a. b. 1 3600 600 86400 60' >"$MM_ZONE"

# A line is OPTIONS | COMMANDS | RESULT, what is to become of each message; there
# is a sink for each of the commands, which is % in the options, and {} in the result says
# what is waited for.  A / separates the results of two recipients who have their own.
start_sinks() { # the table is standard input
	local template commands command result waiting
	while IFS='|' read -r template commands result; do
		for command in $commands; do
			: $((sinks += 1))
			waiting="the reply to ${command^^}"
			[ "$command" != connect ] || waiting='the greeting'
			options[sinks]=${template//%/$command}
			results[sinks]=${result//\{\}/$waiting}
			echo "d$sinks.example. IN A 127.0.1.$sinks" >>"$MM_ZONE"
			mkdir -m 777 "$T/$sinks"
			# shellcheck disable=SC2086
			start "$sinks" smtp-sink -u nobody -R "$T/$sinks" -d '%M.' ${options[sinks]} \
				"127.0.1.$sinks:$port" 100
		done
	done
}

# shellcheck disable=SC2317
all_listen() {
	[ "$(grep -c ":$(printf %04X "$port") 00000000:0000 0A " /proc/net/tcp)" -eq "$sinks" ]
}

records() { # N MESSAGES: for sink N
	for ((i = 1; i <= $2; i++)); do
		printf 'mail 1 %d\nid: %s\nmail-from: <a@example.org>\nrcpt-to: <b@d%d.example>\nrcpt-to: <c@d%d.example>\n\n%s' \
			${#body} "$1-$i" "$1" "$1" "$body"
	done
}

# Messages for each of the sinks from FIRST on, and what came of them.
serve() { # FIRST MESSAGES OPTION...
	local first=$1 messages=$2 n line lmtp=()
	shift 2
	wait_for "the sinks from $first on" all_listen
	for ((n = first; n <= sinks; n++)); do
		case ${options[n]} in
		-L*)
			records "$n" "$messages" | mm-relay --to "lmtp:127.0.1.$n:$port" --max-connections 1 "$@" \
				>"$T/$n.out" 2>/dev/null &
			lmtp+=($!)
			;;
		*) records "$n" "$messages" >&3 ;;
		esac
	done 3>"$T/in"
	mm-relay --mx --port "$port" --max-connections 1 "$@" <"$T/in" >"$T/mx.out" 2>"$T/mx.err"
	is "one process serves them all: exit" $? 0
	[ ${#lmtp[@]} -eq 0 ] || wait "${lmtp[@]}"
	while read -r line; do
		n=${line#*@d}
		got[${n%%.*}]+=${line//@d${n%%.*}.example/}$'\n'
	done < <(grep -ah '^result: ' "$T"/*.out)
	rm -f "$T"/*.out
	for ((n = first; n <= sinks; n++)); do
		check "$n" "$messages"
	done
}

check() { # N MESSAGES: what came of them, and that what was taken came once
	local want='' taken=("$T/$1/"*)
	for ((i = 0; i < $2; i++)); do
		want+="result: <b> ${results[$1]% / *}"$'\n'"result: <c> ${results[$1]#* / }"$'\n'
	done
	is "smtp-sink ${options[$1]}: ${results[$1]}" "${got[$1]-}" "$want"
	[[ ${results[$1]} != ok* ]] ||
		is "smtp-sink ${options[$1]}: it has each message once" "${#taken[@]}" "$2"
}

start_sinks <<'X'
-f %|connect mail rcpt data .|permfail 500 5.3.0 Error: command failed
-r %|connect ehlo mail rcpt data .|tempfail 450 4.3.0 Error: command failed
-q %|connect ehlo mail rcpt data|tempfail 451 4.4.2 connection lost while waiting for {}
-Q %|connect ehlo mail rcpt data .|tempfail 421 4.0.0 Server closing connection
-q %|.|tempfail 451 4.4.2 connection lost after the message was sent; it may have been delivered
-f %|helo ehlo rset quit vrfy noop|ok 250 2.0.0 Ok
-r %|helo rset quit vrfy noop|ok 250 2.0.0 Ok
-q %|helo rset quit vrfy noop|ok 250 2.0.0 Ok
-Q %|helo rset quit vrfy noop|ok 250 2.0.0 Ok
-f ehlo,%|helo|permfail 500 5.3.0 Error: command failed
-f ehlo -r %|helo|tempfail 450 4.3.0 Error: command failed
-f ehlo -q %|helo|tempfail 451 4.4.2 connection lost while waiting for {}
-f ehlo -Q %|helo|tempfail 421 4.0.0 Server closing connection
-f ehlo,%|mail rcpt data .|permfail 500 5.3.0 Error: command failed
-f %,rset|mail rcpt data|permfail 500 5.3.0 Error: command failed
-r %,rset|mail rcpt data|tempfail 450 4.3.0 Error: command failed
-r % -f rset|mail rcpt data|tempfail 450 4.3.0 Error: command failed
-f % -q rset|mail rcpt data|permfail 500 5.3.0 Error: command failed
-r % -Q rset|mail rcpt data|tempfail 450 4.3.0 Error: command failed
-L -f %|lhlo mail rcpt data .|permfail 500 5.3.0 Error: command failed
-L -r %|lhlo mail rcpt data .|tempfail 450 4.3.0 Error: command failed
-L -q %|lhlo mail rcpt data|tempfail 451 4.4.2 connection lost while waiting for {}
-L -q %|.|tempfail 451 4.4.2 connection lost after the message was sent; it may have been delivered
-L -Q %|lhlo mail rcpt data|tempfail 421 4.0.0 Server closing connection
-L -Q %|.|tempfail 421 4.0.0 Server closing connection / tempfail 451 4.4.2 connection lost after the message was sent; it may have been delivered
-L -f %|helo ehlo rset quit|ok 250 2.2.0 Ok
-A %|0|permfail 550 5.0.0 This violates SMTP
-%|8 a C e E F N p P 4|ok 250 2.0.0 Ok
-m %|1|ok 250 2.0.0 Ok
-n %|2|ok 250 2.0.0 Ok
-h %|other.example|ok 250 2.0.0 Ok
-t %|1|ok 250 2.0.0 Ok
X
serve 1 2 --timeout 60s

# Those that take their time do it side by side.
quick=$sinks
start_sinks <<'X'
-p -W %:60|connect ehlo mail rcpt data|tempfail 451 4.4.2 timeout while waiting for {}
-f ehlo -W %:60|helo|tempfail 451 4.4.2 timeout while waiting for {}
-w 60 -f %|quit|tempfail 451 4.4.2 timeout while waiting for the reply to DATA
-W %:60|.|tempfail 451 4.4.2 timeout after the message was sent; it may have been delivered
-L -W %:60|.|tempfail 451 4.4.2 timeout after the message was sent; it may have been delivered
-W %:60|helo rset quit noop|ok 250 2.0.0 Ok
X
serve $((quick + 1)) 1 --timeout 2s

slow=$sinks
start_sinks <<'X'
-p -W %:1|connect ehlo mail rcpt data .|ok 250 2.0.0 Ok
-w %|1|ok 250 2.0.0 Ok
-A %|1|permfail 550 5.0.0 This violates SMTP
X
serve $((slow + 1)) 1 --timeout 60s
done_testing
