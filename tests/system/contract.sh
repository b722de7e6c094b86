#!/bin/bash
# The contract of a filter, mm-stream(5), kept by every filter: the seven points
# of "Filters", with tests/tools/contract.py as the other side of the pipes.
. "$(dirname "$0")/../lib/tap.sh"
need python3

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
	like "$name: -h shows how" "$(cat "$T/.out")" "$1"
}

# misconfigured NAME WORD COMMAND...: waits, naming WORD and saying what to do.
misconfigured() {
	local name=$1 word=$2
	shift 2
	exit_is "$name: misconfigured, it waits" 75 sh -c '"$@" </dev/null' sh "$@"
	like "$name: and names what is wrong" "$(cat "$T/.err")" "$word"
	like "$name: and tells the next step" "$(cat "$T/.err")" \
		'expected|create|make|run|try|give|use|set|see'
	is "$name: and takes nothing" "$(cat "$T/.out")" ""
}

filter() { # PROGRAM SINGLE-EXIT COMMAND...
	local program=$1 code=$2
	shift 2
	if [ -z "$code" ]; then
		keeps "$program" "$@"
	else
		keeps "$program" "$@"
		single "$program" "$code" "$@"
	fi
}

built() {
	[ -x "$B/$1" ] || {
		skip "$1" "not built"
		return 1
	}
}

CONTRACT_SHELL=1 filter one-message-filter '' "$top/examples/one-message-filter" true
misconfigured one-message-filter 'program' "$top/examples/one-message-filter"

if built mm-policy; then
	filter mm-policy 0 mm-policy open
	misconfigured mm-policy no-such mm-policy no-such
fi
if built mm-verdict; then
	filter mm-verdict 0 mm-verdict
	MM_ZONE=$T/no-such.zone misconfigured mm-verdict no-such mm-verdict
fi
if built mm-rule; then
	filter mm-rule 0 mm-rule quiet
	misconfigured mm-rule no-such mm-rule no-such
fi
if built mm-relay; then
	filter mm-relay 75 mm-relay closed
	misconfigured mm-relay no-such mm-relay no-such
fi
done_testing
