#!/bin/bash
# The contract of a filter, mm-stream(5), kept by every filter: the seven points
# of "Filters", with tests/tools/contract.py as the other side of the pipes.
. "$(dirname "$0")/../lib/tap.sh"
need python3 openssl

contract=$top/tests/tools/contract.py
S=$T/site
export MM_SITE=$S MM_ZONE=$T/zone MM_LOG=error

mkdir -p "$S"/{ingress-points,traffic-policies,rule-sets,archives,relays,addons,topics,functions,secrets,buckets}
printf '{"Hostname": "mx.nutrition.example"}\n' >"$S/site.json"
cat >"$S/traffic-policies/open.json" <<'END'
{"TrafficPolicyName": "open", "DefaultAction": "ALLOW", "PolicyStatements": []}
END
cat >"$S/rule-sets/quiet.json" <<'END'
{"RuleSetName": "quiet", "Rules": [{"Name": "mark", "Actions": [
  {"AddHeader": {"HeaderName": "X-Contract", "HeaderValue": "kept"}}]}]}
END
cat >"$S/archives/contract.json" <<'END'
{"ArchiveName": "contract", "Retention": {"RetentionPeriod": "THREE_MONTHS"}}
END
# Nobody listens there: each record is answered with tempfail, at once.
cat >"$S/relays/closed.json" <<END
{"RelayName": "closed", "ServerName": "127.0.0.1", "ServerPort": $(free_port),
 "Authentication": {"NoAuthentication": {}}}
END
cat >"$T/zone" <<'END'
$ORIGIN .
nutrition.example. 60 IN MX 10 mx.nutrition.example.
mx.nutrition.example. 60 IN A 127.0.0.1
END
printf '{"TopicName": "closed", "Endpoint": "http://127.0.0.1:9/"}\n' >"$S/topics/closed.json"
printf '%s\r\n' 'From: <alice@example.org>' 'To: <bob@nutrition.example>' \
	'Subject: contract' '' 'hello' >"$T/message.eml"

contract() { # CHECK COMMAND...
	local check=$1
	shift
	python3 "$contract" "$check" -- "$@"
}

# How densely the malformed streams are tried: at every byte, but for builds that
# are slow because they check themselves.
case $B in */san) export CONTRACT_STEP=${CONTRACT_STEP:-7} ;; esac

# keeps NAME COMMAND...: all that a stream can show.
keeps() {
	local name=$1
	shift
	ok "$name: unknown fields pass untouched, in order" contract unknown "$@"
	ok "$name: every record exactly once" contract once "$@"
	ok "$name: serves as a coprocess" contract coprocess "$@"
	ok "$name: what failed passes byte for byte" contract failed "$@"
	ok "$name: an envelope alone" contract envelope "$@"
	ok "$name: a large message" contract large "$@"
	ok "$name: an empty stream" contract nothing "$@"
	ok "$name: a stream cut or altered at any byte is refused there" contract malformed "$@"
	ok "$name: what is no stream is refused" contract garbage "$@"
	ok "$name: a full disk is seen" contract full "$@"
}

# single NAME CODE COMMAND...: exit statuses with message operands.
single() {
	local name=$1 code=$2
	shift 2
	exit_is "$name: a message file" "$code" "$@" "$T/message.eml"
	like "$name: gives a record" "$(head -n 1 "$T/.out")" '^mail 1 [0-9]+$'
	exit_is "$name: a message on standard input" "$code" sh -c '"$@" - <"$0"' \
		"$T/message.eml" "$@"
	exit_is "$name: a message that cannot be read" 75 "$@" "$T/no-such.eml"
	like "$name: says which" "$(cat "$T/.err")" 'level=error .*no-such\.eml'
	exit_is "$name: a full disk" 75 sh -c '"$@" >/dev/full' sh "$@" "$T/message.eml"
	exit_is "$name: an unknown option" 75 "$@" --no-such-option "$T/message.eml"
	exit_is "$name: -h" 0 "$1" -h
	like "$name: -h shows how" "$(cat "$T/.out")" "${name%% *}"
}

# misconfigured NAME WORD COMMAND...: waits, naming WORD and saying what to do.
misconfigured() {
	local name=$1 word=$2
	shift 2
	printf 'mail 1 0\nid: a\nmail-from: <>\n\n' >"$T/envelope"
	exit_is "$name: misconfigured, it waits" 75 sh -c '"$@" <"$0"' "$T/envelope" "$@"
	like "$name: and names what is wrong" "$(cat "$T/.err")" "$word"
	like "$name: and tells the next step" "$(cat "$T/.err")" \
		'expected|create|make|run|try|give|use|set|see|No such file|Not a directory'
	is "$name: and takes nothing" "$(cat "$T/.out")" ""
}

filter() { # NAME SINGLE-EXIT COMMAND...
	local name=$1 code=$2
	shift 2
	keeps "$name" "$@"
	single "$name" "$code" "$@"
}

# untouched NAME LIST...: LIST prints what the program acted upon; nothing of a
# record that was cut or malformed may be there.
untouched() {
	local name=$1
	shift
	"$@" >"$T/acted" 2>"$T/acted.err"
	is "$name: half a record does nothing" "$(grep -aE 'malformed-|never@' "$T/acted")" ""
	is "$name: 300 records, 300 acts" \
		"$(grep -aoE '\bonce-[0-9]+' "$T/acted" | sort -u | wc -l)" 300
}

built() {
	[ -x "$B/$1" ] || {
		skip "$1" "not built"
		return 1
	}
}

CONTRACT_SHELL=1 keeps one-message-filter "$top/examples/one-message-filter" true
misconfigured one-message-filter 'program' "$top/examples/one-message-filter"

if built mm-policy; then
	filter mm-policy 0 mm-policy open
	misconfigured mm-policy no-such mm-policy no-such
fi
if built mm-queue; then
	filter 'mm-queue add' 0 mm-queue add "$T/queue"
	untouched 'mm-queue add' mm-queue list "$T/queue"
	exit_is "mm-queue add: a queue that cannot be" 0 sh -c 'printf "mail 1 0\nid: a\n\n" |
		mm-queue add /dev/null/queue'
	like "mm-queue add: lets the mail wait" "$(cat "$T/.out")" \
		$'\n''status: tempfail'$'\n''reply: 451 4\.3\.0 '
	like "mm-queue add: and says why" "$(cat "$T/.err")" 'level=error .*/dev/null'
fi
if built mm-verdict; then
	filter mm-verdict 0 mm-verdict
	MM_ZONE=$T/no-such.zone misconfigured mm-verdict no-such mm-verdict
	openssl genrsa -out "$T/dkim.pem" 1024 2>/dev/null
	chmod 600 "$T/dkim.pem"
	for command in sign seal; do
		for check in unknown once coprocess failed envelope large; do
			ok "mm-verdict $command: $check" \
				contract $check mm-verdict $command --selector s --key "$T/dkim.pem"
		done
		single "mm-verdict $command" 0 mm-verdict $command --selector s --key "$T/dkim.pem"
		misconfigured "mm-verdict $command" no-such.pem \
			mm-verdict $command --selector s --key "$T/no-such.pem"
	done
fi
if built mm-scan; then
	# message operands stand before the command
	printf '#!/bin/sh\nexec mm-scan command "$@" -- true\n' >"$T/mm-scan-true"
	chmod 755 "$T/mm-scan-true"
	filter 'mm-scan command' 0 "$T/mm-scan-true"
	filter 'mm-scan clamav' 0 mm-scan clamav --socket "$T/no-clamd"
	misconfigured mm-scan no-such mm-scan no-such
fi
if built mm-rule; then
	filter mm-rule 0 mm-rule quiet
	misconfigured mm-rule no-such mm-rule no-such
fi
if built mm-archive; then
	export MM_ARCHIVE_ROOT=$T/archives
	ok "mm-archive create" mm-archive create contract
	filter 'mm-archive add' 0 mm-archive add contract
	untouched 'mm-archive add' sh -c 'find "$MM_ARCHIVE_ROOT" -name "*.tar.zst" -exec tar --zstd -xOf {} \;'
	misconfigured 'mm-archive add' no-such mm-archive add no-such
fi
if built mm-relay; then
	filter mm-relay 75 mm-relay closed
	misconfigured mm-relay no-such mm-relay no-such
	if command -v smtp-sink >/dev/null; then
		port=$(free_port)
		mkdir -m 777 "$T/sink"
		chmod 755 "$T"
		start sink smtp-sink -u nobody -R "$T/sink" -d '%M.' "127.0.0.1:$port" 100
		wait_for "smtp-sink" port_open "$port"
		for check in once unknown malformed coprocess; do
			ok "mm-relay to a sink: $check" contract $check mm-relay --to "127.0.0.1:$port"
		done
		untouched 'mm-relay to a sink' sh -c 'cat "$0"/*' "$T/sink"
	else
		skip "mm-relay to a sink" "smtp-sink is not installed"
	fi
fi
if built mm-s3put; then
	# nobody listens there
	export AWS_ENDPOINT_URL_S3=http://127.0.0.1:9 AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b
	filter mm-s3put 75 mm-s3put --bucket contract
	unset AWS_ENDPOINT_URL_S3 AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	misconfigured mm-s3put 'AWS_ACCESS_KEY_ID|secrets' mm-s3put --bucket contract
fi
if built mm-notify; then
	filter mm-notify 75 mm-notify sns closed
	misconfigured mm-notify no-such mm-notify sns no-such
fi
done_testing
