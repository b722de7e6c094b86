# lib.sh: what the cases share: a scratch copy of the site, the programs as a
# user would start them, a client (swaks), and words for what happened.
# Sourced by cases/*.sh and by ../demo.sh; needs swaks and openssl.

set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
PATH=${MM_BUILD:-$top/build}:$top/examples:$PATH
work=${MM_WORK:-$(mktemp -d "${TMPDIR:-/tmp}/mm-nutrition.XXXXXX")}
export MM_SITE=$work/site MM_ZONE=$work/site/zone MM_ARCHIVE_ROOT=$work/archives

steps=0 failures=0 started=()

mkdir -p "$work/site" "$work/log" "$work/spool"
cp -R "$here"/{site.json,zone,ingress-points,traffic-policies,rule-sets,archives,relays,addons,address-lists} \
	"$work/site/"
mkdir -m 700 "$work/site/secrets"

cleanup() {
	local pid
	for pid in "${started[@]:-}"; do
		[ -n "$pid" ] && kill "$pid" 2>/dev/null
	done
	wait
	[ -n "${MM_KEEP:-}" ] || rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# check NAME COMMAND...: one step of the case, told as TAP.
check() {
	local name=$1
	shift
	steps=$((steps + 1))
	if "$@" >"$work/log/check" 2>&1; then
		printf 'ok %d - %s\n' "$steps" "$name"
	else
		failures=$((failures + 1))
		printf 'not ok %d - %s\n' "$steps" "$name"
		printf '# command: %s\n' "$*"
		sed 's/^/# /' "$work/log/check"
	fi
}

finish() {
	printf '1..%d\n' "$steps"
	if [ "$failures" -gt 0 ]; then
		for f in "$work"/log/*.log; do
			printf '# --- %s\n' "$f"
			tail -n 20 "$f" | sed 's/^/# /'
		done
	fi
	exit $((failures > 0))
}

# eventually COMMAND...: until it succeeds, 20 seconds at most.
eventually() {
	local deadline=$((SECONDS + 20))
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.05
	done
}

# start NAME COMMAND...: a supervised line; its log is $work/log/NAME.log.
start() {
	local name=$1
	shift
	printf '%s\n' "$*" >>"$work/log/commands"
	"$@" >"$work/log/$name.out" 2>"$work/log/$name.log" &
	started+=($!)
}

certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=mx.nutrition.example -keyout "$work/key.pem" -out "$work/cert.pem" \
		2>"$work/log/openssl"
}

# smtpd NAME ARG...: mm-smtpd on a free port of 127.0.0.1; sets $port.
smtpd() {
	local name=$1
	shift
	rm -f "$work/$name.port"
	start "$name" mm-smtpd -l 127.0.0.1:0 --port-file "$work/$name.port" \
		--cert "$work/cert.pem" --key "$work/key.pem" "$@"
	eventually test -s "$work/$name.port" || echo "# $name does not start"
	port=$(awk '{ print $2; exit }' "$work/$name.port")
}

# gateway INGRESS WORKER: the two lines of a gateway; sets $port.
gateway() {
	local ingress=$1 worker=$2
	start "$ingress-queue" mm-queue run --retry-min 1s "$work/spool/$ingress" -- sh -c "$worker"
	smtpd "$ingress" -i "$ingress" -- mm-queue add "$work/spool/$ingress"
}

# sink NAME: somebody else's mail server that keeps what it gets, envelope and
# message, in $work/NAME/ID.env and ID.eml; sets $port.
sink() {
	mkdir -p "$work/$1"
	smtpd "$1" --no-policy --hostname "$1.example" -- one-message-filter "$here/keep-message" "$work/$1"
}

# relay_port RELAY PORT: where the relay really is, on this machine.
relay_port() {
	sed -i "s/\"ServerPort\": [0-9]*/\"ServerPort\": $2/" "$work/site/relays/$1.json"
}

# secret INGRESS PASSWORD: who may log in there.
secret() {
	printf '%s\n' "$2" | mm-smtpd passwd "$1" >"$work/site/secrets/$1"
	chmod 600 "$work/site/secrets/$1"
}

# send NAME MESSAGE SWAKS-ARG...: one message by a real client to $port; the
# conversation is $work/log/NAME.smtp.
send() {
	local name=$1 message=$2
	shift 2
	# swaks ends the data with a line end of its own
	printf '%s' "$(cat "$message")" |
		swaks --server "127.0.0.1:$port" --helo client.example --suppress-data \
			--data - "$@" >"$work/log/$name.smtp" 2>&1
}

said() { # said NAME REGEX: the server said it
	grep -Eq -- "^(<~|<-|<\*\*|<~\*).*$2" "$work/log/$1.smtp" || {
		cat "$work/log/$1.smtp"
		return 1
	}
}

logged() { # logged NAME REGEX
	eventually grep -Eq -- "$2" "$work/log/$1.log" || {
		cat "$work/log/$1.log"
		return 1
	}
}

messages_in() { # messages_in SINK N: exactly that many arrived
	[ "$(find "$work/$1" -name '*.eml' | wc -l)" -eq "$2" ]
}

from_signature_on() { # the message on standard input without what the gateway added on top
	sed -n '/^DKIM-Signature:/,$p'
}

queue_empty() {
	[ -z "$(mm-queue list "$work/spool/$1" --json)" ]
}

found() { # found N QUERY...: mm-search finds exactly N
	local n=$1
	shift
	[ "$(mm-search -a NutritionCo --ids "$@" | wc -l)" -eq "$n" ]
}
