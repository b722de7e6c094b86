#!/bin/bash
# mm-relay against a scripted server: one message at a time.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/smtp.sh"
need mm-relay python3 openssl

export MM_SITE=$T/site
mkdir -p "$MM_SITE"/{relays,secrets,mailboxes}
echo '{"Hostname": "gw.example.org"}' >"$MM_SITE/site.json"
printf 'From: a@example.org\r\nTo: b@example.net\r\n\r\n.dot\r\n..two\r\n.\r\nhello\r\n' >"$T/msg"
to=(--mail-from a@example.org --rcpt-to b@example.net)
results() {
	fields 'result|relayed|status|reply' "$T/.out"
}

smtp_sink plain
p=$port
exit_is "one message, two recipients" 0 mm-relay --to "127.0.0.1:$p" "${to[@]}" --rcpt-to c@example.net "$T/msg"
is "the results" "$(results)" "result: <b@example.net> ok 250 2.0.0 stored as 1-1
result: <c@example.net> ok 250 2.0.0 stored as 1-1
relayed: <b@example.net> relay=127.0.0.1:$p host=127.0.0.1 ip=127.0.0.1 tls=none
relayed: <c@example.net> relay=127.0.0.1:$p host=127.0.0.1 ip=127.0.0.1 tls=none
status: ok
reply: 250 2.0.0 stored as 1-1"
is "the dialogue" "$(smtp_log plain)" 'EHLO gw.example.org
MAIL FROM:<a@example.org> SIZE=65
RCPT TO:<b@example.net>
RCPT TO:<c@example.net>
DATA
QUIT
quit'
ok "byte for byte" cmp "$T/msg" "$T/plain/1-1.eml"

printf 'Subject: no end' >"$T/odd"
mm-relay --to "127.0.0.1:$p" "${to[@]}" "$T/odd" >/dev/null 2>&1
check_same "a last line without end gets one" "cat '$T/plain/2-1.eml'" "printf 'Subject: no end\r\n'"
printf 'A: b\r\n\r\none\rtwo\nthree\r\n\n.\nfour\r\n' >"$T/odd"
mm-relay --to "127.0.0.1:$p" "${to[@]}" "$T/odd" >/dev/null 2>&1
check_same "bare CR and LF do not go on the wire" "cat '$T/plain/3-1.eml'" \
	"printf 'A: b\r\n\r\none two\r\nthree\r\n\r\n.\r\nfour\r\n'"
exit_is "an empty message is at fault" 65 mm-relay --to "127.0.0.1:$p" "${to[@]}" /dev/null
exit_is "no recipients" 69 mm-relay --to "127.0.0.1:$p" --mail-from a@example.org "$T/odd"
exit_is "8-bit and DSN parameters" 0 mm-relay --to "127.0.0.1:$p" \
	--mail-from '<a@example.org> RET=HDRS ENVID=x SIZE=1 BODY=8BITMIME' \
	--rcpt-to '<b@example.net> NOTIFY=NEVER' <(printf 'A: b\r\n\r\n\303\274\r\n')
is "8BITMIME as offered, no DSN as not" "$(smtp_log plain | grep -a '^MAIL' | tail -n 1)" \
	'MAIL FROM:<a@example.org> SIZE=12 BODY=8BITMIME'

# Received fields, of the header only.
hops() { # N
	# shellcheck disable=SC2046
	printf 'Received: by mx%s\r\n' $(seq "$1")
	printf 'Subject: x\r\n\r\nReceived: not a field\r\n'
}
exit_is "a hundred hops" 0 mm-relay --to "127.0.0.1:$p" "${to[@]}" <(hops 100)
exit_is "one more" 69 mm-relay --to "127.0.0.1:$p" "${to[@]}" <(hops 101)
is "is a loop" "$(fields reply "$T/.out")" \
	'reply: 554 5.4.6 too many hops, this message is going in circles'
exit_is "--max-hops" 69 mm-relay --max-hops 2 --to "127.0.0.1:$p" "${to[@]}" <(hops 3)
exit_is "as many as it says" 0 mm-relay --max-hops 2 --to "127.0.0.1:$p" "${to[@]}" <(hops 2)

cat >"$T/drip.py" <<'END'
import os, socket, sys, time
s = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1] + ".new", "w").write("%d\n" % s.getsockname()[1])
os.rename(sys.argv[1] + ".new", sys.argv[1])
c, _ = s.accept()
try:
    for octet in b"220 " + b"x" * 20:
        c.sendall(bytes([octet]))
        time.sleep(0.2)
except OSError:
    pass
END
start drip python3 "$T/drip.py" "$T/drip.port"
wait_for "a slow server" test -s "$T/drip.port"
exit_is "a greeting in single octets" 75 mm-relay --timeout 1s \
	--to "127.0.0.1:$(cat "$T/drip.port")" "${to[@]}" "$T/msg"
is "has no more time than a whole one" "$(fields reply "$T/.out")" \
	'reply: 451 4.4.2 timeout while waiting for the greeting'

# 8-bit text for a server that takes seven bits only.
smtp_sink seven --ehlo DSN
seven() { # CODE NAME: sends standard input
	cat >"$T/eight"
	exit_is "$2" "$1" mm-relay --to "127.0.0.1:$port" "${to[@]}" "$T/eight"
}
seven 0 "plain text without MIME" < <(printf 'Subject: x\r\nX-Long: %s\r\n folded\r\n\r\ncaf\303\251 = 1\r\n' "$(head -c 70 /dev/zero | tr '\0' y)")
seven 0 "a part of a part" < <(printf 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nseven\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\303\251\303\251\303\251\303\251\303\251\r\n--b--\r\n')
seven 65 "signed text is refused" < <(printf 'MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\303\251\r\n--b\r\n\r\nsig\r\n--b--\r\n')
is "and told why" "$(fields reply "$T/.out")" \
	'reply: 554 5.6.3 the server does not offer 8BITMIME, and the message cannot be converted: it is signed or encrypted'
seven 0 "seven bits" < <(printf 'Subject: x\r\n\r\nseven\r\n')
ok "stay as they are" cmp "$T/eight" "$T/seven/4-1.eml"
ok "the rest says the same in seven bits" python3 - "$T/seven/1-1.eml" "$T/seven/2-1.eml" <<'P'
import email, email.policy, sys
one, two = (open(f, "rb").read() for f in sys.argv[1:])
assert max(one + two) < 128 and b"\n" not in (one + two).replace(b"\r\n", b"")
assert one.startswith(b"Subject: x\r\nX-Long: " + b"y" * 70 + b"\r\n folded\r\n"), one
m = email.message_from_bytes(one, policy=email.policy.default)
assert m.get_payload(decode=True) == "caf\u00e9 = 1\n".encode() or m.get_payload(decode=True) == "caf\u00e9 = 1\r\n".encode(), one
assert m["MIME-Version"] == "1.0" and m["Content-Transfer-Encoding"] in ("quoted-printable", "base64"), one
a, b = email.message_from_bytes(two, policy=email.policy.default).iter_parts()
assert a.get_content().strip() == "seven", two
inner = b.get_content()
assert inner["Subject"] == "inner" and inner.get_content().strip() == "\u00e9" * 5, two
P

smtp_sink bare --ehlo DSN
exit_is "without PIPELINING" 0 mm-relay --to "127.0.0.1:$port" \
	--mail-from '<> RET=HDRS ENVID=x' --rcpt-to '<b@example.net> NOTIFY=NEVER ORCPT=rfc822;x@y' "$T/msg"
is "DSN parameters go on" "$(smtp_log bare)" 'EHLO gw.example.org
MAIL FROM:<> RET=HDRS ENVID=x
RCPT TO:<b@example.net> NOTIFY=NEVER ORCPT=rfc822;x@y
DATA
QUIT
quit'
like "and that they did is noted" "$(fields relayed "$T/.out")" ' tls=none dsn=yes$'
exit_is "an address in UTF-8 where SMTPUTF8 is not offered" 65 \
	mm-relay --to "127.0.0.1:$port" --mail-from a@example.org --rcpt-to ü@example.net "$T/msg"
is "is refused before it is sent" "$(fields result "$T/.out")" \
	'result: <ü@example.net> permfail 553 5.6.7 SMTPUTF8 is needed, and the server does not offer it'
smtp_sink utf8 --ehlo SMTPUTF8
exit_is "and goes where it is" 0 \
	mm-relay --to "127.0.0.1:$port" --mail-from a@example.org --rcpt-to ü@example.net "$T/msg"
is "with the parameter" "$(smtp_log utf8 | grep MAIL)" 'MAIL FROM:<a@example.org> SMTPUTF8'
smtp_sink small --ehlo 'SIZE 10'
exit_is "larger than the server takes" 69 mm-relay --to "127.0.0.1:$port" "${to[@]}" "$T/msg"
is "says so" "$(fields reply "$T/.out")" 'reply: 552 5.3.4 the message is larger than the server accepts'

# One recipient too many.
five=(--mail-from a@example.org)
for r in 1 2 3 4 5; do five+=(--rcpt-to "r$r@example.net"); done
shape() { # NAME: how many recipients each message had
	smtp_log "$1" | awk '/^MAIL/ { n = 0 } /^RCPT/ { n++ } /^DATA/ { printf "%d ", n } /^quit/ { printf "quit " }'
}
smtp_sink limits --ehlo 'PIPELINING,LIMITS RCPTMAX=2 MAILMAX=2 FOO=x'
exit_is "LIMITS" 0 mm-relay --max-connections 1 --to "127.0.0.1:$port" "${five[@]}" "$T/msg"
is "are kept, by recipients and by messages" "$(shape limits)" '2 2 quit 1 quit '
is "and everybody has a result" "$(fields result "$T/.out" | grep -c ' ok ')" 5
for ehlo in PIPELINING DSN; do
	smtp_sink "many$ehlo" --ehlo "$ehlo" --max-rcpts 2 --reply 'RCPT TO:<r2@=550 5.1.1 no'
	exit_is "452 for the rest, $ehlo" 69 mm-relay --max-connections 1 --to "127.0.0.1:$port" "${five[@]}" "$T/msg"
	is "who go in another transaction, $ehlo" "$(smtp_log "many$ehlo" | grep -c '^DATA')" 2
	is "with a result for everybody, $ehlo" "$(fields result "$T/.out" | cut -d' ' -f 2-4)" \
		'<r1@example.net> ok 250
<r2@example.net> permfail 550
<r3@example.net> ok 250
<r4@example.net> ok 250
<r5@example.net> ok 250'
done
smtp_sink never --reply 'RCPT=452 4.5.3 too many'
exit_is "452 for everybody" 75 mm-relay --to "127.0.0.1:$port" "${five[@]}" "$T/msg"
is "is asked once" "$(smtp_log never | grep -c '^RCPT')" 5

smtp_sink helo --reply 'EHLO=502 5.5.1 what'
exit_is "HELO where EHLO is not known" 0 mm-relay --to "127.0.0.1:$port" "${to[@]}" "$T/msg"
is "the dialogue with HELO" "$(smtp_log helo | head -n 3)" 'EHLO gw.example.org
HELO gw.example.org
MAIL FROM:<a@example.org>'

smtp_sink refuse --reply 'RCPT TO:<bad@=550-5.1.1 no such\n550 5.1.1 user here' \
	--reply 'RCPT TO:<full@=452 4.2.2 full' --reply 'RCPT TO:<odd@=550 plain no'
exit_is "each recipient has a result of its own" 75 mm-relay --to "127.0.0.1:$port" "${to[@]}" \
	--rcpt-to bad@example.net --rcpt-to full@example.net --rcpt-to odd@example.net "$T/msg"
is "the worst is the whole's" "$(results | grep -v relayed)" \
	'result: <b@example.net> ok 250 2.0.0 stored as 1-1
result: <bad@example.net> permfail 550 5.1.1 no such user here
result: <full@example.net> tempfail 452 4.2.2 full
result: <odd@example.net> permfail 550 5.0.0 plain no
status: tempfail
reply: 452 4.2.2 full'
ok "who accepted got it" cmp "$T/msg" "$T/refuse/1-1.eml"
sed -i -E '/^(status|reply): /d' "$T/.out"
cp "$T/.out" "$T/again"
mm-relay --to "127.0.0.1:$port" <"$T/again" >"$T/.out" 2>/dev/null
is "tried again, only the recipient without a final result is" "$(smtp_log refuse | tail -n 5)" \
	'MAIL FROM:<a@example.org> SIZE=65
RCPT TO:<full@example.net>
DATA
QUIT
quit'
is "and the results are still whole" "$(results | grep -v relayed)" \
	'result: <b@example.net> ok 250 2.0.0 stored as 1-1
result: <bad@example.net> permfail 550 5.1.1 no such user here
result: <odd@example.net> permfail 550 5.0.0 plain no
result: <full@example.net> tempfail 452 4.2.2 full
status: tempfail
reply: 452 4.2.2 full'

# Failure at every step: prefix, reply, exit, expected result.
while IFS='|' read -r prefix reply code expected; do
	name=fail$((n += 1))
	smtp_sink "$name" --reply "$prefix=$reply"
	exit_is "$prefix answered $reply" "$code" mm-relay --to "127.0.0.1:$port" "${to[@]}" "$T/msg"
	is "$prefix answered $reply: the result" "$(fields result "$T/.out")" \
		"result: <b@example.net> $expected"
	stop "$name"
done <<'X'
greeting|421 4.3.2 later|75|tempfail 421 4.3.2 later
greeting|554 5.3.2 no mail here|69|permfail 554 5.3.2 no mail here
greeting|close|75|tempfail 451 4.4.2 connection lost while waiting for the greeting
greeting|hello there|75|tempfail 451 4.5.0 what the server sends is not SMTP
EHLO|421 4.3.2 later|75|tempfail 421 4.3.2 later
EHLO|close|75|tempfail 451 4.4.2 connection lost while waiting for the reply to EHLO
MAIL|451 4.7.1 later|75|tempfail 451 4.7.1 later
MAIL|550 5.7.1 not you|77|permfail 550 5.7.1 not you
MAIL|421 4.3.2 later|75|tempfail 421 4.3.2 later
MAIL|close|75|tempfail 451 4.4.2 connection lost while waiting for the reply to MAIL
RCPT|close|75|tempfail 451 4.4.2 connection lost while waiting for the reply to RCPT
DATA|451 4.3.0 later|75|tempfail 451 4.3.0 later
DATA|554 5.5.1 no|69|permfail 554 5.5.1 no
DATA|250 2.0.0 ok|75|tempfail 451 4.5.0 unexpected reply: 250 2.0.0 ok
MAIL|354 go|75|tempfail 451 4.5.0 unexpected reply: 354 3.0.0 go
RCPT|354 go|75|tempfail 451 4.5.0 unexpected reply: 354 3.0.0 go
.|354 go|75|tempfail 451 4.5.0 unexpected reply: 354 3.0.0 go
DATA|close|75|tempfail 451 4.4.2 connection lost while waiting for the reply to DATA
.|451 4.3.0 later|75|tempfail 451 4.3.0 later
.|554 5.7.1 spam|77|permfail 554 5.7.1 spam
.|552 5.2.2 full|69|permfail 552 5.2.2 full
.|close|75|tempfail 451 4.4.2 connection lost after the message was sent; it may have been delivered
X
smtp_sink slow --reply 'RCPT=close' --reply 'MAIL='
exit_is "a server that does not answer" 75 mm-relay --timeout 200ms --to "127.0.0.1:$port" "${to[@]}" "$T/msg"
exit_is "nobody listens" 75 mm-relay --to "127.0.0.1:$(free_port)" "${to[@]}" "$T/msg"
is "the reply says it" "$(fields reply "$T/.out")" \
	'reply: 451 4.4.1 cannot connect: Connection refused'

# TLS
ok "a certificate" certificate "$T/cert" localhost
certificate "$T/other" elsewhere.example
smtp_sink tls --cert "$T/cert" --ehlo SIZE
t=$port
exit_is "TLS where it is offered" 0 mm-relay --to "localhost:$t" "${to[@]}" "$T/msg"
is "the dialogue with TLS" "$(smtp_log tls)" 'EHLO gw.example.org
STARTTLS
TLS
EHLO gw.example.org
MAIL FROM:<a@example.org> SIZE=65
RCPT TO:<b@example.net>
DATA
QUIT
quit'
like "is noted" "$(fields relayed "$T/.out")" ' host=localhost ip=127.0.0.1 tls=TLSv1.3$'
exit_is "none is none" 0 mm-relay --tls none --to "localhost:$t" "${to[@]}" "$T/msg"
like "and noted" "$(fields relayed "$T/.out")" ' tls=none$'
exit_is "encrypt, offered" 0 mm-relay --tls encrypt --to "localhost:$t" "${to[@]}" "$T/msg"
exit_is "encrypt, not offered" 75 mm-relay --tls encrypt --to "localhost:$p" "${to[@]}" "$T/msg"
is "is a reason" "$(fields reply "$T/.out")" \
	'reply: 451 4.7.4 TLS is required, and the server does not offer it'
exit_is "verify, a certificate that nobody signed" 75 mm-relay --tls verify --to "localhost:$t" "${to[@]}" "$T/msg"
like "the reason" "$(fields reply "$T/.out")" '^reply: 451 4.7.5 the server.s certificate: self-signed certificate'
exit_is "verify, trusted" 0 env SSL_CERT_FILE="$T/cert.crt" \
	mm-relay --tls verify --to "localhost:$t" "${to[@]}" "$T/msg"

# REQUIRETLS (RFC 8689), BINARYMIME (RFC 3030)
needs_tls=(--mail-from '<a@example.org> REQUIRETLS' --rcpt-to b@example.net)
exit_is "REQUIRETLS, verified, and not offered" 77 env SSL_CERT_FILE="$T/cert.crt" \
	mm-relay --tls verify --to "localhost:$t" "${needs_tls[@]}" "$T/msg"
is "the reason" "$(fields reply "$T/.out")" \
	'reply: 550 5.7.30 REQUIRETLS support required, with a verified server'
smtp_sink reqtls --cert "$T/cert" --ehlo REQUIRETLS
exit_is "REQUIRETLS, offered, and not verified" 77 \
	mm-relay --tls encrypt --to "localhost:$port" "${needs_tls[@]}" "$T/msg"
is "nothing was sent" "$(smtp_log reqtls | grep -c '^MAIL')" 0
exit_is "REQUIRETLS, offered and verified" 0 env SSL_CERT_FILE="$T/cert.crt" \
	mm-relay --tls verify --to "localhost:$port" "${needs_tls[@]}" "$T/msg"
is "goes on with it" "$(smtp_log reqtls | grep '^MAIL')" 'MAIL FROM:<a@example.org> REQUIRETLS'
odd=(--mail-from '<a@example.org> BODY=BINARYMIME' --rcpt-to b@example.net)
exit_is "BINARYMIME that is text" 0 mm-relay --to "127.0.0.1:$p" "${odd[@]}" \
	<(printf 'A: b\r\n\r\ntext')
printf 'mail 1 9\nid: x\nmail-from: <a@example.org> BODY=BINARYMIME\nrcpt-to: <b@example.net>\n\nA: b\r\n\r\n\n' |
	mm-relay --to "127.0.0.1:$p" >"$T/.out" 2>"$T/.err"
is "BINARYMIME that is not" "$(fields reply "$T/.out")" \
	'reply: 554 5.6.3 the message is binary, and the server takes text only'
smtp_sink chunks --ehlo 'PIPELINING,CHUNKING,BINARYMIME' --reply 'RCPT TO:<no@=550 5.1.1 no'
head -c 300000 /dev/urandom >"$T/binary"
{
	printf 'mail 1 %s\nid: x\nmail-from: <a@example.org> BODY=BINARYMIME\nrcpt-to: <b@example.net>\n\n' \
		"$(stat -c %s "$T/binary")"
	cat "$T/binary"
} | mm-relay --to "127.0.0.1:$port" >"$T/.out" 2>"$T/.err"
is "where the server takes it it goes by BDAT" "$(fields status "$T/.out") $(smtp_log chunks | tail -n 5)" \
	"status: ok MAIL FROM:<a@example.org> BODY=BINARYMIME
RCPT TO:<b@example.net>
BDAT 300000 LAST
QUIT
quit"
ok "octet for octet" cmp "$T/binary" "$T/chunks/1-1.eml"
exit_is "text too, if it is to be" 0 mm-relay --chunking --to "127.0.0.1:$port" "${to[@]}" "$T/msg"
is "goes so" "$(smtp_log chunks | grep -c '^BDAT 65 LAST')" 1
ok "dots and all" cmp "$T/msg" "$T/chunks/2-1.eml"
exit_is "a bare LF makes it DATA" 0 mm-relay --chunking --to "127.0.0.1:$port" "${to[@]}" <(printf 'A: b\r\n\r\nx\ny\r\n')
is "as ever" "$(smtp_log chunks | grep -c '^DATA')" 1
exit_is "without a recipient nothing is sent" 69 mm-relay --chunking --to "127.0.0.1:$port" \
	--mail-from a@example.org --rcpt-to no@example.net "$T/msg"
is "at all" "$(smtp_log chunks | grep -c '^BDAT')" 2
smtp_sink chunks2 --ehlo CHUNKING --lmtp --reply '.<c@example.net>=452 4.2.2 full'
exit_is "LMTP answers for each recipient of BDAT" 75 mm-relay --chunking --to "lmtp:127.0.0.1:$port" "${to[@]}" \
	--rcpt-to c@example.net "$T/msg"
is "each with its own" "$(fields result "$T/.out")" 'result: <b@example.net> ok 250 2.0.0 stored as 1-1
result: <c@example.net> tempfail 452 4.2.2 full'

smtp_sink elsewhere --cert "$T/other"
exit_is "verify, another name" 75 env SSL_CERT_FILE="$T/other.crt" \
	mm-relay --tls verify --to "localhost:$port" "${to[@]}" "$T/msg"
like "the reason" "$(fields reply "$T/.out")" 'ertificate: [Hh]ostname mismatch'
smtp_sink notls --cert "$T/cert" --reply 'STARTTLS=454 4.7.0 not now'
exit_is "TLS refused, may" 0 mm-relay --to "127.0.0.1:$port" "${to[@]}" "$T/msg"
exit_is "TLS refused, encrypt" 75 mm-relay --tls encrypt --to "127.0.0.1:$port" "${to[@]}" "$T/msg"
smtp_sink inject --cert "$T/cert" --reply 'STARTTLS=220 go\n250 forged'
exit_is "what comes before the handshake is not believed" 75 \
	mm-relay --tls encrypt --to "127.0.0.1:$port" "${to[@]}" "$T/msg"
is "the reason" "$(fields reply "$T/.out")" \
	'reply: 451 4.7.0 the server sent data between STARTTLS and the handshake'

# relays of the site, AUTH
smtp_sink auth --cert "$T/cert" --auth 'us er:pä:ss'
relay() { # FILE PORT AUTH [MORE]
	echo "{\"RelayName\": \"$1\", \"ServerName\": \"localhost\", \"ServerPort\": $2, \"Authentication\": $3${4:-}}" \
		>"$MM_SITE/relays/$1.json"
}
relay auth "$port" '{"SecretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:smarthost"}' ', "TlsPolicy": "ENCRYPT"'
relay open "$p" '{"NoAuthentication": {}}'
relay verified "$t" '{"NoAuthentication": {}}' ", \"TlsPolicy\": \"VERIFY\", \"CaFile\": \"$T/cert.crt\""
echo '{"username": "us er", "password": "pä:ss"}' >"$MM_SITE/secrets/smarthost.json"
chmod 600 "$MM_SITE/secrets/smarthost.json"
exit_is "a relay without credentials" 0 mm-relay open "${to[@]}" "$T/msg"
like "is named" "$(fields relayed "$T/.out")" ' relay=open host=localhost '
exit_is "a relay by its ARN" 0 mm-relay arn:aws:ses:eu-west-1:123456789012:mailmanager-smtp-relay/open "${to[@]}" "$T/msg"
exit_is "a relay with a CA of its own" 0 mm-relay verified "${to[@]}" "$T/msg"
exit_is "a relay with credentials" 0 mm-relay auth "${to[@]}" "$T/msg"
is "AUTH after TLS" "$(smtp_log auth | head -n 6)" 'EHLO gw.example.org
STARTTLS
TLS
EHLO gw.example.org
AUTH ...
MAIL FROM:<a@example.org> SIZE=65'
echo '{"username": "us er", "password": "wrong"}' >"$MM_SITE/secrets/smarthost.json"
exit_is "wrong credentials: the mail waits" 75 mm-relay auth "${to[@]}" "$T/msg"
is "the reason" "$(fields reply "$T/.out")" 'reply: 454 4.7.0 AUTH was refused: 535 5.7.8 no'
rm "$MM_SITE/secrets/smarthost.json"
exit_is "no credentials: the mail waits" 75 mm-relay auth "${to[@]}" "$T/msg"
exit_is "no such relay: the mail waits" 75 mm-relay nope "${to[@]}" "$T/msg"

# mailboxes
echo "{\"MailboxName\": \"box\", \"Maildir\": \"$T/mail/{domain}/{local}\"}" >"$MM_SITE/mailboxes/box.json"
exit_is "a maildir" 0 mm-relay --mailbox box "${to[@]}" --rcpt-to C@Example.Net "$T/msg"
is "the results in a maildir" "$(fields 'result|status' "$T/.out")" \
	'result: <b@example.net> ok 250 2.0.0 delivered to the mailbox
result: <C@Example.Net> ok 250 2.0.0 delivered to the mailbox
status: ok'
check_same "what is in it" "cat '$T/mail/example.net/c/new/'*" \
	"printf 'Return-Path: <a@example.org>\nDelivered-To: C@Example.Net\n'; tr -d '\r' <'$T/msg'"
is "nothing stays in tmp" "$(find "$T/mail/" -type f -path "$T/mail/*/tmp/*")" ''
exit_is "no way out of the folder" 69 mm-relay --mailbox box --mail-from a@example.org --rcpt-to '<"../../x"@example.net>' "$T/msg"
smtp_sink lmtp --lmtp --unix "$T/lmtp.sock" --reply '.<c@example.net>=452 4.2.2 full'
echo "{\"MailboxName\": \"local\", \"Lmtp\": \"$T/lmtp.sock\"}" >"$MM_SITE/mailboxes/local.json"
exit_is "LMTP answers for each recipient" 75 mm-relay --mailbox local "${to[@]}" --rcpt-to c@example.net "$T/msg"
is "the results by LMTP" "$(results)" "result: <b@example.net> ok 250 2.0.0 stored as 1-1
result: <c@example.net> tempfail 452 4.2.2 full
relayed: <b@example.net> relay=local host=$T/lmtp.sock ip=unix tls=none delivered=yes
status: tempfail
reply: 452 4.2.2 full"

# SRS
exit_is "replace needs a secret" 75 mm-relay --mail-from replace --to "127.0.0.1:$p" "${to[@]}" "$T/msg"
echo 's3cret' >"$MM_SITE/secrets/srs"
exit_is "replace" 0 mm-relay --mail-from REPLACE --to "127.0.0.1:$p" "${to[@]}" "$T/msg"
like "is SRS0" "$(smtp_log plain | grep MAIL | tail -n 1)" \
	'^MAIL FROM:<SRS0=[A-Za-z0-9+/]{4}=[A-Z2-7]{2}=example.org=a@gw.example.org> '
exit_is "the null path stays" 0 mm-relay --mail-from replace --to "127.0.0.1:$p" --mail-from '' --rcpt-to b@example.net "$T/msg"
like "as it is" "$(smtp_log plain | grep MAIL | tail -n 1)" '^MAIL FROM:<> '

srs=$(mm-relay srs bob@example.org)
is "srs and back" "$(mm-relay srs --reverse "$srs")" bob@example.org
exit_is "what we did not make" 65 mm-relay srs --reverse 'SRS0=AAAA=AA=example.org=bob@gw.example.org'
if perl -MMail::SRS -e 1 2>/dev/null; then
	other() { # METHOD ADDRESS
		perl -MMail::SRS -e 'print Mail::SRS->new(Secret => "s3cret")->'"$1"'($ARGV[0], "gw.example.org")' "$2"
	}
	is "Mail::SRS makes the same" "$(other forward bob@example.org)" "$srs"
	is "and reads it" "$(other reverse "$srs")" bob@example.org
	is "we read its own" "$(mm-relay srs --reverse "$(other forward 'SRS0=x=y=a.example=b@c.example')")" \
		'SRS0=x=y=a.example=b@c.example'
else
	skip "SRS as Mail::SRS has it" "libmail-srs-perl is not installed"
fi
exit_is "--srs-reverse" 69 mm-relay --srs-reverse --to "127.0.0.1:$p" --mail-from '' --rcpt-to "$srs" \
	--rcpt-to SRS0=AAAA=AA=example.org=bob@gw.example.org --rcpt-to other@gw.example.org "$T/msg"
is "goes to whom it stands for" "$(smtp_log plain | grep ^RCPT | tail -n 2)" 'RCPT TO:<bob@example.org>
RCPT TO:<other@gw.example.org>'
is "and the results name who it was" "$(fields result "$T/.out" | sed 's/ stored as.*//')" \
	"result: <$srs> ok 250 2.0.0
result: <SRS0=AAAA=AA=example.org=bob@gw.example.org> permfail 550 5.1.1 this address was not made here
result: <other@gw.example.org> ok 250 2.0.0"

# the command line
exit_is "no route" 75 mm-relay
exit_is "two routes" 75 mm-relay --mx --to x
exit_is "an unknown option" 75 mm-relay --frobnicate
exit_is "help" 0 mm-relay -h
is "dry run" "$(mm-relay -n --to "localhost:$p" b@example.net)" \
	"<b@example.net> relay=localhost:$p tls=may 0:localhost[127.0.0.1]:$p 0:localhost[::1]:$p"
done_testing
