#!/bin/bash
# mm-relay: AUTH by SCRAM and OAuth, against mm-smtpd and against servers that cheat.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/smtpd.sh"
. "$(dirname "$0")/../lib/smtp.sh"
need mm-relay mm-smtpd python3 openssl
[ -x "$B/tools/answer" ] || skip_all "build/tools/answer is not built"

export MM_SITE=$T/site
mkdir -p "$MM_SITE"/{relays,secrets}
certificate "$T/cert" localhost
printf 'From: a@example.org\r\nTo: b@example.net\r\n\r\nhello\r\n' >"$T/msg"
(
	umask 77
	mm-smtpd passwd --scram 'us,e=r' <<<'pä:ss' >"$T/users"
	echo '{"username": "us,e=r", "password": "pä:ss"}' >"$MM_SITE/secrets/good.json"
	echo '{"username": "us,e=r", "password": "other"}' >"$MM_SITE/secrets/wrong.json"
	echo '{"username": "nobody", "password": "pä:ss"}' >"$MM_SITE/secrets/nobody.json"
)
relay() { # SECRET PORT [MORE]
	echo "{\"RelayName\": \"r\", \"ServerName\": \"localhost\", \"ServerPort\": $2, \"TlsPolicy\": \"ENCRYPT\",
		\"Authentication\": {\"SecretArn\": \"$1\"}${3-}}" >"$MM_SITE/relays/r.json"
	mm-relay r --mail-from a@example.org --rcpt-to b@example.net "$T/msg" >"$T/.out" 2>"$T/.err"
	fields reply "$T/.out"
}
smtpd server --no-policy --auth-delay 1ms --cert "$T/cert" --credentials "$T/users" -- "$B/tools/answer" "$T/stored"
for mechanism in SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN; do
	like "$mechanism" "$(relay good "$port" ", \"AuthMechanisms\": [\"$mechanism\"]")" '^reply: 250 '
done
like "any of them" "$(relay good "$port")" '^reply: 250 '
like "a wrong password" "$(relay wrong "$port")" '^reply: 454 4.7.0 AUTH was refused: 535 5.7.8 '
like "an unknown user" "$(relay nobody "$port")" '^reply: 454 4.7.0 AUTH was refused: 535 5.7.8 '

# What a server says, in the place of SCRAM's messages.
cheat() { # NAME REPLY...: each in its turn
	local name=$1 r=() one
	shift
	for one; do r+=(--reply-once "$one"); done
	smtp_sink "$name" --cert "$T/cert" --ehlo 'PIPELINING,AUTH SCRAM-SHA-256 PLAIN' "${r[@]}"
}
b64() {
	printf %s "$1" | base64 -w 0
}
cheat unproven 'AUTH=235 2.7.0 welcome'
is "no proof" "$(relay good "$port")" 'reply: 454 4.7.0 the server is not to be trusted: it took AUTH without proof'
cheat nonce "AUTH=334 $(b64 'r=x,s=AAAA,i=4096')"
is "another nonce" "$(relay good "$port")" 'reply: 454 4.7.0 the server is not to be trusted: its nonce does not begin with ours'
cheat text 'AUTH=334 not base64'
is "no base64" "$(relay good "$port")" 'reply: 454 4.7.0 the server is not to be trusted: its challenge is not base64'
cheat other 'AUTH=535 5.7.8 no'
is "a refusal leads to nothing weaker" "$(relay good "$port") $(grep -c PLAIN "$T/other/log")" \
	'reply: 454 4.7.0 AUTH was refused: 535 5.7.8 no 0'
# OAuth, with servers that take any token, or none.
oauth() { # NAME MECHANISMS REPLY...
	local name=$1 words=$2
	shift 2
	smtp_sink "$name" --cert "$T/cert" --ehlo "AUTH $words" "$@"
}
said() { # NAME MECHANISM: what it was told, as text
	sed -n "s/^[0-9]* AUTH $2 //p" "$T/$1/log" | base64 -d | tr '\001' '|'
}
(
	umask 77
	echo '{"username": "ann@example.org", "access-token": "ya29.to-ken"}' >"$MM_SITE/secrets/token.json"
	echo '{"username": "us,e=r", "password": "pä:ss", "access-token": "ya29.to-ken"}' >"$MM_SITE/secrets/both.json"
	echo '{"username": "ann@example.org", "access-token": "a b"}' >"$MM_SITE/secrets/malformed.json"
	echo '{"username": "ann@example.org"}' >"$MM_SITE/secrets/nothing.json"
)
oauth bearer 'XOAUTH2 OAUTHBEARER PLAIN' --reply 'AUTH OAUTHBEARER=235 2.7.0 ok'
like "OAUTHBEARER" "$(relay token "$port")" '^reply: 250 '
is "is what RFC 7628 says" "$(said bearer OAUTHBEARER)" \
	"n,a=ann@example.org,|host=localhost|port=$port|auth=Bearer ya29.to-ken||"
oauth google 'XOAUTH2 PLAIN' --reply 'AUTH XOAUTH2=235 2.7.0 ok'
like "XOAUTH2" "$(relay token "$port")" '^reply: 250 '
is "is what Google says" "$(said google XOAUTH2)" 'user=ann@example.org|auth=Bearer ya29.to-ken||'
error=$(b64 '{"status":"invalid_token","scope":"mail"}')
oauth expired 'OAUTHBEARER PLAIN' --reply "AUTH OAUTHBEARER=334 $error" --reply 'AQ=535 5.7.8 no'
is "an error is acknowledged and told" "$(relay both "$port")" \
	'reply: 454 4.7.0 AUTH was refused: 535 5.7.8 no ({"status":"invalid_token","scope":"mail"})'
is "as RFC 7628 says, and nothing else is tried" "$(smtp_log expired | grep -cE '^AQ==$|PLAIN')" 1
oauth expired2 'XOAUTH2' --reply "AUTH XOAUTH2=334 $(b64 $'{"status":"400"}\r\nx')"
is "XOAUTH2 wants an empty line; nothing in it forges a line" "$(relay token "$port")" \
	'reply: 454 4.7.0 AUTH was refused: 250 2.0.0 ok ({"status":"400"}??x)'
oauth lying 'OAUTHBEARER' --reply "AUTH OAUTHBEARER=334 $error" --reply 'AQ=235 2.7.0 ok'
like "an error is an error" "$(relay token "$port")" 'AUTH was refused: 235 2.7.0 ok \('
oauth plain 'PLAIN' --reply 'AUTH=235 2.7.0 ok'
is "a token is no password" "$(relay token "$port")" \
	'reply: 451 4.7.0 the server offers no AUTH that can be used: OAUTHBEARER or XOAUTH2'
like "who has both can use either" "$(relay both "$port")" '^reply: 250 '
like "or what the relay allows" "$(relay both "$port" ', "AuthMechanisms": ["XOAUTH2"]')" 'offers no AUTH'
relay malformed "$port" >/dev/null
like "a token with a space" "$(cat "$T/.err")" 'expected .*username.*password.*access-token'
relay nothing "$port" >/dev/null
like "neither password nor token" "$(cat "$T/.err")" 'expected .*username.*password.*access-token'
smtp_sink none --cert "$T/cert" --ehlo 'AUTH GSSAPI'
is "nothing that can be used" "$(relay good "$port")" \
	'reply: 451 4.7.0 the server offers no AUTH that can be used: SCRAM-SHA-256, PLAIN or LOGIN'

# A server that asks for the proof and then does not know the password.
cat >"$T/liar.py" <<'P'
import base64, os, socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
s = socket.create_server(("127.0.0.1", 0))
open(sys.argv[2] + ".new", "w").write("%d\n" % s.getsockname()[1])
os.rename(sys.argv[2] + ".new", sys.argv[2])
c, _ = s.accept()
def say(text):
    c.sendall(text.encode() + b"\r\n")
def line():
    got = b""
    while not got.endswith(b"\n"):
        one = c.recv(1)
        if not one:
            sys.exit()
        got += one
    return got.decode().strip()
say("220 liar")
line()
say("250-liar\r\n250 STARTTLS")
line()
say("220 go")
c = context.wrap_socket(c, server_side=True)
line()
say("250-liar\r\n250 AUTH SCRAM-SHA-256")
first = base64.b64decode(line().split()[2]).decode()
say("334 " + base64.b64encode(("r=%sx,s=AAAA,i=4096" % first.split("r=")[1]).encode()).decode())
line()
say("334 " + base64.b64encode(b"v=" + base64.b64encode(bytes(32))).decode())
line()
say("235 2.7.0 welcome")
line()
P
start liar python3 "$T/liar.py" "$T/cert" "$T/liar.port"
wait_for "the liar" test -s "$T/liar.port"
is "no password" "$(relay good "$(cat "$T/liar.port")")" \
	'reply: 454 4.7.0 the server is not to be trusted: it does not know the password itself'
done_testing
