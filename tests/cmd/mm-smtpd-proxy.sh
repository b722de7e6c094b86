#!/bin/bash
# Who speaks for others: the PROXY protocol and XCLIENT.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3 openssl swaks

certificate
envelope() {
	stored | sed -n '/^client-ip/,/^mail-from/p'
}
message="EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
DATA
@send Subject: x
."

# The PROXY protocol

smtpd proxy --no-policy --cert "$T/cert.pem" --key "$T/key.pem" --proxy 192.0.2.0/24,127.0.0.1 \
	--max-per-address 1 --greet-delay 50ms -l tls:127.0.0.1:0 -- "$answer" "$T/stored"
tls=$(sed -n '2s/.* //p' "$T/proxy.port")
is 'a header of version 1' "$(talk <<END | tail -n 1
@hello
@raw 'PROXY TCP4 198.51.100.7 203.0.113.5 4711 25\r\n'
@read
$message
END
)" '250 2.0.0 stored'
is 'says who the client is' "$(stored | sed -n '/^client-ip/,/^helo/p; /^Received/p')" \
	"client-ip: 198.51.100.7
client-port: PORT
server-ip: 203.0.113.5
server-port: PORT
helo: me.example
Received: from me.example ([198.51.100.7])"
: >"$T/stored"
is 'one of version 2 in single octets, and TLS behind it' "$(talk "$tls" <<END | tail -n 1
@hello
@drip 0 '\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24\x20\x01\r\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x20\x01\r\xb8\0\0\0\0\0\0\0\0\0\0\0\2\x10\0\0\x19'
@tls
@read
$message
END
)" '250 2.0.0 stored'
is 'IPv6' "$(envelope | sed '/port\|cipher/d')" 'client-ip: 2001:db8::1
server-ip: 2001:db8::2
helo: me.example
protocol: ESMTPS
tls: TLSv1.3
tls-wrapped: yes
mail-from: <a@b.example>'
: >"$T/stored"
ok "swaks' header" swaks --server 127.0.0.1 --port "$port" --proxy-version 1 --proxy-family TCP4 \
	--proxy-source 198.51.100.9 --proxy-source-port 99 --proxy-dest 203.0.113.5 \
	--proxy-dest-port 25 --helo me.example --from a@b.example --to c@d.example
is 'is understood' "$(envelope | head -n 1)" 'client-ip: 198.51.100.9'
: >"$T/stored"
is 'UNKNOWN, LOCAL: the proxy itself' "$(talk <<END | tail -n 1
@hello
@raw 'PROXY UNKNOWN\r\n'
@read
$message
END
)" '250 2.0.0 stored'
is 'is the client' "$(envelope | head -n 1)" 'client-ip: 127.0.0.1'
for odd in 'EHLO me.example\r\n' 'PROXY TCP4 1 2 3 4\r\n' 'GET / HTTP/1.0\r\n' '\r\n\r\n\0\r\nQUIT\n\x31'; do
	is "no header: $odd" "$(talk <<END
@hello
@raw '$odd   '
@read
END
)" '<eof>'
done
is 'what follows the header before the greeting is early' "$(talk <<'END'
@hello
@raw 'PROXY UNKNOWN\r\nEHLO me.example\r\n'
@read 2
END
)" '554 5.5.0 wait for the greeting before you speak
<eof>'
(talk >"$T/first" <<'END'
@hello
@raw 'PROXY TCP4 198.51.100.7 203.0.113.5 4711 25\r\n'
@read
EHLO me.example
@read
END
) &
wait_for 'the first client' grep -q HELP "$T/first"
is 'one client has only so many connections, its proxy more' "$(talk <<'END'
@hello
@raw 'PROXY TCP4 198.51.100.7 203.0.113.5 4712 25\r\n'
@read 2
END
)" '421 4.7.0 too many connections, try again later
<eof>'
stop proxy
wait

smtpd others --no-policy --proxy 192.0.2.0/24 -- "$answer"
is 'who is not trusted sends a bad command' "$(talk <<'END'
PROXY TCP4 198.51.100.7 203.0.113.5 4711 25
XCLIENT ADDR=198.51.100.7
EHLO me.example
END
)" "220 mx.test ESMTP mm-smtpd
500 5.5.2 unknown command
550 5.7.0 XCLIENT is not for you
$(talk <<'END' | tail -n +2
EHLO me.example
END
)"
unlike 'and is not offered XCLIENT' "$(talk <<'END'
EHLO me.example
END
)" XCLIENT
exit_is 'a network that is none' 75 mm-smtpd --no-policy --proxy 192.0.2.0/40 -- "$answer"

# XCLIENT

: >"$T/stored"
smtpd xclient --no-policy --xclient 127.0.0.0/8 --max-per-address 1 -- "$answer" "$T/stored"
is 'XCLIENT' "$(talk <<'END' | tail -n +2
EHLO me.example
XCLIENT NAME=mx.example.org ADDR=IPV6:2001:db8::1 PORT=4711 LOGIN=a+2Bb PROTO=SMTP HELO=said.example
XCLIENT DESTADDR=203.0.113.5 DESTPORT=25 HELO=said.example PROTO=ESMTP
MAIL FROM:<a@b.example>
XCLIENT NAME=x
RCPT TO:<c@d.example>
DATA
@send Subject: x
.
END
)" '250-mx.test
250-PIPELINING
250-SIZE 41943040
250-8BITMIME
250-BINARYMIME
250-CHUNKING
250-SMTPUTF8
250-ENHANCEDSTATUSCODES
250-DSN
250-LIMITS RCPTMAX=100
250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT
250 HELP
220 mx.test ESMTP mm-smtpd
220 mx.test ESMTP mm-smtpd
250 2.1.0 sender ok
503 5.5.1 XCLIENT comes before MAIL
250 2.1.5 recipient ok
354 end the message with a dot on a line of its own
250 2.0.0 stored'
is 'says who the client is' "$(stored | sed -n '/^client-ip/,/^mail-from/p; /^Received/,/^.by/p')" \
	"client-ip: 2001:db8::1
client-port: PORT
client-name: mx.example.org
server-ip: 203.0.113.5
server-port: PORT
helo: said.example
protocol: ESMTPA
auth-user: a+b
auth-method: XCLIENT
mail-from: <a@b.example>
Received: from said.example (mx.example.org [IPv6:2001:db8::1])
	by mx.test (mm-smtpd) with ESMTPA id ULID"
: >"$T/stored"
ok "swaks' XCLIENT" swaks --server 127.0.0.1 --port "$port" --xclient-addr 198.51.100.9 \
	--xclient-name mail.example.org --xclient-login anna --helo me.example \
	--from a@b.example --to c@d.example
is 'is understood' "$(envelope | sed '/port\|server/d')" 'client-ip: 198.51.100.9
client-name: mail.example.org
helo: me.example
protocol: ESMTPA
auth-user: anna
auth-method: XCLIENT
mail-from: <a@b.example>'
: >"$T/stored"
is 'what is not known is not known' "$(talk <<'END' | tail -n 1
EHLO me.example
XCLIENT ADDR=[UNAVAILABLE] NAME=[TEMPUNAVAIL] PORT=[UNAVAILABLE] LOGIN=[UNAVAILABLE]
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
DATA
@send Subject: x
.
END
)" '250 2.0.0 stored'
unlike 'and not there' "$(stored)" 'client-|auth-'
for odd in '' ADDR ADDR= ADDR=me.example PORT=0 PORT=65536 NAME=a+20b NAME=-x+ FROB=1 \
	'HELO=a+0Db' LOGIN= PROTO=UUCP 'NAME=a.example PORT=x'; do
	is "XCLIENT $odd" "$(talk <<END | tail -n 1
XCLIENT $odd
END
)" '501 5.5.4 expected XCLIENT attribute=xtext'
done
is 'and nothing behind it' "$(printf 'XCLIENT PORT=1\r\nQUIT\r\n' | (
	exec 3<>"/dev/tcp/127.0.0.1/$port"
	read -r _ <&3
	cat >&3
	tr -d '\r' <&3
))" '554 5.5.0 wait for the reply before you go on'
done_testing
