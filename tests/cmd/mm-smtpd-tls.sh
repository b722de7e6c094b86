#!/bin/bash
# TLS from the first octet.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3 openssl swaks

certificate
mm-smtpd passwd anna <<<secret >"$T/users"
wrapped_port() { # NAME
	sed -n '2s/.* //p' "$T/$1.port"
}
message() {
	printf '%s\n' 'EHLO me.example' 'MAIL FROM:<a@b.example>' 'RCPT TO:<c@d.example>' \
		DATA '@send Subject: x' .
}
wrapped() { # [VERSION]: what to say before anything else
	printf '%s\n' @hello "@tls $1" @read
}

smtpd main -l tls:127.0.0.1:0 --no-policy --require-tls --credentials "$T/users" \
	--cert "$T/cert.pem" --key "$T/key.pem" -- "$answer" "$T/stored"
tls=$(wrapped_port main)
is 'which listener it is, is logged' \
	"$(grep listening "$T/main.log" | sed -E 's/port=[0-9]+/port=N/')" \
	'level=info prog=mm-smtpd msg=listening addr=127.0.0.1 port=N
level=info prog=mm-smtpd msg=listening addr=127.0.0.1 port=N tls-wrapped=yes'
is 'a message' "$( (wrapped && message && echo QUIT) | talk "$tls")" '<TLSv1.3>
220 mx.test ESMTP mm-smtpd
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
250-REQUIRETLS
250-AUTH PLAIN LOGIN
250 HELP
250 2.1.0 sender ok
250 2.1.5 recipient ok
354 end the message with a dot on a line of its own
250 2.0.0 stored
221 2.0.0 bye'
is 'its record' "$(stored)" 'mail 1 N
id: ULID
session: ULID
received: TIME
client-ip: 127.0.0.1
client-port: PORT
server-ip: 127.0.0.1
server-port: PORT
helo: me.example
protocol: ESMTPS
tls: TLSv1.3
tls-cipher: TLS_AES_256_GCM_SHA384
tls-wrapped: yes
mail-from: <a@b.example>
rcpt-to: <c@d.example>

Received: from me.example ([127.0.0.1])
	by mx.test (mm-smtpd) with ESMTPS id ULID
	(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384)
	for <c@d.example>;
	DATE
Subject: x'
like 'the log of the message' "$(logged main msg=message)" \
	' tls=TLSv1.3 tls-cipher=TLS_AES_256_GCM_SHA384 tls-wrapped=yes '
like 'and of the session' "$(logged main msg=session)" \
	' tls=TLSv1.3 tls-wrapped=yes end=quit commands=5 messages=1 '
is 'TLS 1.2' "$( (wrapped 1.2 && message) | talk "$tls" | sed -n '1p;$p')" '<TLSv1.2>
250 2.0.0 stored'
is 'STARTTLS within' "$( (wrapped && printf '%s\n' 'EHLO me.example' STARTTLS) |
	talk "$tls" | tail -n 1)" '503 5.5.1 TLS is on already'

: >"$T/stored"
is 'the listener beside it has STARTTLS' "$( (printf '%s\n' 'EHLO me.example' @starttls &&
	message) | talk | grep -E 'STARTTLS|start TLS|TLSv|stored')" '250-STARTTLS
220 2.0.0 ready to start TLS
<TLSv1.3>
250 2.0.0 stored'
is 'and no tls-wrapped' "$(stored | grep -a ^tls)" 'tls: TLSv1.3
tls-cipher: TLS_AES_256_GCM_SHA384'

is 'plain octets' "$(talk "$tls" <<'END'
@hello
@raw 'EHLO me.example\r\n'
@eof
END
)" '<eof>'
like 'are logged' "$(logged main msg=tls-failed)" \
	' client-ip=127.0.0.1 tls-wrapped=yes why='
is 'a handshake on a port without' "$(printf '%s\n' @hello @tls | talk)" '<no tls>'

# Other clients

mkfifo "$T/in"
openssl s_client -quiet -crlf -connect "127.0.0.1:$tls" <"$T/in" >"$T/out" 2>/dev/null &
client=$!
exec 3>"$T/in"
ok 'openssl s_client: the greeting' wait_for 'the greeting' grep -q '^220 mx.test' "$T/out"
echo QUIT >&3
exec 3>&-
wait $client
is 'openssl s_client: the end' "$(tail -n 1 "$T/out" | tr -d '\r')" '221 2.0.0 bye'
: >"$T/stored"
exit_is 'swaks --tls-on-connect, with a login' 0 swaks --server "127.0.0.1:$tls" \
	--tls-on-connect --auth PLAIN --auth-user anna --auth-password secret \
	--helo me.example --from a@b.example --to c@d.example --suppress-data --hide-all
is 'its record' "$(stored | grep -aE '^(protocol|tls-wrapped|auth-user):')" 'protocol: ESMTPSA
tls-wrapped: yes
auth-user: anna'

# Stopping

(wrapped && printf '%s\n' 'EHLO me.example' @read) | talk "$tls" >"$T/waiting" &
client=$!
ok 'a session waits' wait_for 'the client' grep -q '250 HELP' "$T/waiting"
stop main
is 'SIGTERM ends it with 0' $? 0
wait $client
is 'and tells the session' "$(tail -n 1 "$T/waiting")" \
	'421 4.3.2 service is stopping, try again later'

# Clients that dawdle, push, are too many

smtpd slow -l tls:127.0.0.1:0 --no-policy --timeout 300ms --cert "$T/cert.pem" \
	--key "$T/key.pem" -- "$answer"
is 'no handshake' "$(printf '%s\n' @hello @eof | talk "$(wrapped_port slow)")" '<eof>'
like 'is a timeout' "$(logged slow msg=session)" ' tls-wrapped=yes end=timeout commands=0 '
is 'half a handshake' "$(printf '%s\n' @hello "@raw '\\x16\\x03\\x01\\x02'" @eof |
	talk "$(wrapped_port slow)")" '<eof>'
is 'no command' "$( (wrapped && echo @read 2) | talk "$(wrapped_port slow)" | tail -n 2)" \
	'421 4.4.2 timeout
<eof>'

smtpd delay -l tls:127.0.0.1:0 --no-policy --greet-delay 300ms --max-connections 1 \
	--cert "$T/cert.pem" --key "$T/key.pem" -- "$answer" "$T/stored"
is 'who speaks before the greeting' "$(printf '%s\n' @hello @tls '@send EHLO me.example' \
	'@read 2' | talk "$(wrapped_port delay)")" '<TLSv1.3>
554 5.5.0 wait for the greeting before you speak
<eof>'
logged delay end=early-talker >/dev/null
is 'who waits' "$( (wrapped && message) | talk "$(wrapped_port delay)" | tail -n 1)" \
	'250 2.0.0 stored'
logged delay end=eof >/dev/null
(printf '%s\n' 'EHLO me.example' @eof) | talk >"$T/only" &
client=$!
ok 'one connection' wait_for 'the client' grep -q '250 HELP' "$T/only"
is 'one too many is not talked to in clear' \
	"$(printf '%s\n' @hello @eof | talk "$(wrapped_port delay)")" '<eof>'
like 'and logged' "$(logged delay turned-away)" 'why=max-connections'
stop delay
wait $client

# Options

mkdir "$T/empty"
exit_is 'no certificate' 75 mm-smtpd -C "$T/empty" --no-policy -l tls:127.0.0.1:0 -- "$answer"
like 'which is said' "$(mm-smtpd -C "$T/empty" --no-policy -l tls:127.0.0.1:0 --check 2>&1)" \
	'TLS is required and there is no certificate; expected --cert FILE'
exit_is 'no port' 75 mm-smtpd --cert "$T/cert.pem" --key "$T/key.pem" --no-policy \
	-l tls:127.0.0.1 -- "$answer"

done_testing
