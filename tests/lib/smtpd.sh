# smtpd.sh: a running mm-smtpd for tests.  After tap.sh:
#
#   smtpd NAME OPTION... -- HANDLER...   starts it on loopback; sets $port (the first
#                                        listener's); its log is $T/NAME.log
#   talk < SCRIPT                        smtp-talk.py with it
#   certificate                          makes $T/cert.pem and $T/key.pem
#   stored [FILE]                        the messages kept by the test handler,
#                                        what differs from run to run masked

# shellcheck disable=SC2034
answer=$B/tools/answer

certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
		-keyout "$T/key.pem" -out "$T/cert.pem" -subj /CN=mx.test 2>/dev/null
}

smtpd() {
	local name=$1
	shift
	rm -f "$T/$name.port"
	start "$name" mm-smtpd -l 127.0.0.1:0 --hostname mx.test --port-file "$T/$name.port" "$@"
	wait_for "$name listens" test -s "$T/$name.port" || {
		tap_comment "$(cat "$T/$name.log")"
		return 1
	}
	port=$(sed -n '1s/.* //p' "$T/$name.port")
}

talk() {
	"$top/tests/tools/smtp-talk.py" "${1:-$port}"
}

stored() {
	sed -E -e 's/\r$//' -e 's/[0-9A-HJKMNP-TV-Z]{26}/ULID/g' \
		-e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/' \
		-e 's/^\t[A-Z][a-z]{2}, [0-9]{2} .* \+0000$/\tDATE/' \
		-e 's/^((client|server)-port: )[0-9]+/\1PORT/' \
		-e 's/(^mail 1 )[0-9]+/\1N/' "${1:-$T/stored}" | grep -av '^tag: '
}

logged() { # NAME PATTERN: waits for the line, prints it
	wait_for "a log line $2" grep -q -- "$2" "$T/$1.log" && grep -- "$2" "$T/$1.log"
}

# delivers_over_starttls NAME: swaks to $port; the record that the handler kept
delivers_over_starttls() {
	: >"$T/stored"
	ok 'swaks delivers over STARTTLS' swaks --server 127.0.0.1 --port "$port" --tls \
		--helo me.example --from a@b.example --to c@d.example --header "Subject: by $1"
	is 'the envelope' "$(stored "$T/stored" | sed -n '/^client-ip/,/^rcpt-to/p')" 'client-ip: 127.0.0.1
client-port: PORT
server-ip: 127.0.0.1
server-port: PORT
helo: me.example
protocol: ESMTPS
tls: TLSv1.3
tls-cipher: TLS_AES_256_GCM_SHA384
mail-from: <a@b.example>
rcpt-to: <c@d.example>'
	ok 'the message' grep -aq "^Subject: by $1" "$T/stored"
}
