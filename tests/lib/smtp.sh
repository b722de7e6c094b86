# shellcheck shell=bash
# smtp.sh: SMTP servers for tests.  After tap.sh.

# smtp_sink NAME [OPTION...]: a fresh smtp-sink.py; its port (or socket) in $port,
# what it got in $T/NAME.
smtp_sink() {
	local name=$1
	shift
	mkdir -p "$T/$name"
	start "$name" python3 "$top/tests/tools/smtp-sink.py" "$T/$name" "$@"
	wait_for "the SMTP server" test -s "$T/$name/port"
	# shellcheck disable=SC2034
	port=$(cat "$T/$name/port")
}

smtp_ended() {
	[ "$(cut -d' ' -f1 "$T/$1/log" | sort -u | wc -l)" -eq \
		"$(grep -cE '^[0-9]+ (quit|lost|closed)$' "$T/$1/log")" ]
}

# smtp_log NAME: what its clients said, without the connection's number, once they
# have gone.
smtp_log() {
	wait_for "the end of the sessions" smtp_ended "$1"
	cut -d' ' -f2- "$T/$1/log"
}

# certificate FILE NAME: a self-signed one with its key.
certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
		-subj "/CN=$2" -addext "subjectAltName=DNS:$2" \
		-keyout "$1.key" -out "$1.crt" 2>/dev/null && cat "$1.key" "$1.crt" >"$1"
}

# fields PATTERN FILE: those lines of the records in it.
fields() {
	grep -aE "^($1): " "$2"
}
