#!/bin/bash
# Under openbsd-inetd: a delivery over STARTTLS, and no log line for the client.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
inetd=$(PATH=$PATH:/usr/sbin:/sbin command -v inetd) || skip_all 'openbsd-inetd is not installed'
need swaks openssl python3

certificate
port=$(free_port)
printf '%s stream tcp nowait %s %s mm-smtpd --no-policy --hostname mx.test --cert %s --key %s %s -- %s %s\n' \
	"127.0.0.1:$port" "$(id -un)" "$B/mm-smtpd" "$T/cert.pem" "$T/key.pem" '' "$answer" \
	"$T/stored" >"$T/inetd.conf"
start inetd "$inetd" -d "$T/inetd.conf"
wait_for 'inetd listens' port_open "$port" || {
	tap_comment "$(cat "$T/inetd.log")"
	done_testing
}

is 'the client gets replies only' "$(talk <<'END'
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<perm@x.example>
DATA
@send Subject: x
.
QUIT
@eof
END
)" '220 mx.test ESMTP mm-smtpd
250-mx.test
250-PIPELINING
250-SIZE 41943040
250-8BITMIME
250-BINARYMIME
250-CHUNKING
250-SMTPUTF8
250-ENHANCEDSTATUSCODES
250-DSN
250-LIMITS RCPTMAX=100
250-STARTTLS
250 HELP
250 2.1.0 sender ok
250 2.1.5 recipient ok
354 end the message with a dot on a line of its own
550 5.1.1 no such user
221 2.0.0 bye
<eof>'

delivers_over_starttls inetd

done_testing
