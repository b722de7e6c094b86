#!/bin/bash
# mm-relay: access tokens from a token endpoint.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/smtp.sh"
need mm-relay python3 openssl

export MM_SITE=$T/site
mkdir -p "$MM_SITE"/{relays,secrets}
certificate "$T/cert" login.test
echo 'login.test. 60 IN A 127.0.0.1' >"$T/zone"
export SSL_CERT_FILE=$T/cert.crt MM_ZONE=$T/zone
printf 'From: a@example.org\r\nTo: b@example.net\r\n\r\nhello\r\n' >"$T/msg"

# The token endpoint; what it is asked is in $T/endpoint.
mkdir -p "$T/endpoint"
start endpoint python3 "$top/tests/tools/http-sink.py" "$T/endpoint" "$T/cert"
wait_for "the token endpoint" test -s "$T/endpoint/port"
url=https://login.test:$(cat "$T/endpoint/port")/token
total() {
	find "$T/endpoint" -name '*.body' | wc -l
}
before=0
answers() { # ANSWER...: one after another, from now on; the last stays
	before=$(total)
	{
		yes 500 | head -n "$before"
		printf '%s\n' "$@"
	} >"$T/new"
	mv "$T/new" "$T/endpoint/answers"
}
requests() { # how many since then
	echo $(($(total) - before))
}
request() { # N: the N-th since then, a line a member
	tr '&' '\n' <"$T/endpoint/$((before + $1)).body" | sort
}
token() { # TOKEN [MORE]: an answer
	echo "200 {\"access_token\":\"$1\",\"token_type\":\"Bearer\",\"expires_in\":3600${2-}}"
}
put() { # FILE TEXT: in one move, as an editor does
	(umask 77 && printf '%s\n' "$2" >"$T/new")
	mv "$T/new" "$MM_SITE/$1"
}
secret() { # MEMBERS
	put secrets/s.json "{\"username\": \"ann@example.org\", $1}"
}
to_port() { # PORT [MORE]
	put relays/r.json "{\"RelayName\": \"r\", \"ServerName\": \"127.0.0.1\", \"ServerPort\": $1,
		\"Authentication\": {\"SecretArn\": \"s\"}${2-}}"
}
send() {
	mm-relay "$@" r --mail-from a@example.org --rcpt-to b@example.net "$T/msg" >"$T/out" 2>"$T/err"
	fields reply "$T/out"
}
said_with() { # TOKEN: what XOAUTH2 says, but for the padding
	printf 'user=ann@example.org\001auth=Bearer %s\001\001' "$1" | base64 -w 0 | tr -d =
}
# A server that takes these tokens, some once, and no other, and a message a session.
tokens=() once=()
for one in A1.b-c_d~e+f/g== G1 G2 J P; do
	tokens+=(--reply "AUTH XOAUTH2 $(said_with "$one")=235 2.7.0 ok")
done
for one in R1 R2; do
	once+=(--reply-once "AUTH XOAUTH2 $(said_with "$one")=235 2.7.0 ok")
done
smtp_sink server --ehlo 'AUTH XOAUTH2,LIMITS MAILMAX=1' "${once[@]}" "${tokens[@]}" \
	--reply 'AUTH=535 5.7.8 no' --reply '.=250 2.0.0 stored'
to_port "$port"

# An endpoint that never answers: this waits beside all that follows.
mkdir -p "$T/plain" "$T/site2"/{relays,secrets}
echo "200 wait:$T/never" >"$T/plain/answers"
start plain python3 "$top/tests/tools/http-sink.py" "$T/plain"
wait_for "the token endpoint" test -s "$T/plain/port"
plain=http://localhost:$(cat "$T/plain/port")/
secret "\"token-endpoint\": \"$plain\", \"client-id\": \"id\", \"client-secret\": \"s\""
cp "$MM_SITE/relays/r.json" "$T/site2/relays"
cp "$MM_SITE/secrets/s.json" "$T/site2/secrets"
MM_SITE=$T/site2 mm-relay r --mail-from a@example.org --rcpt-to b@example.net "$T/msg" \
	>"$T/patient.out" 2>"$T/patient.err" &
patient=$!

# As the client itself, as Microsoft has it; for two servers, though they are the same.
answers "$(token A1.b-c_d~e+f/g==)"
secret "\"token-endpoint\": \"$url\", \"client-id\": \"id 1\", \"client-secret\": \"s&=cr~t\",
	\"scope\": \"https://outlook.office365.com/.default\""
to_port "$port" ", \"Servers\": [{\"Server\": \"127.0.0.1\", \"Weight\": 1}, {\"Server\": \"127.0.0.1\", \"Weight\": 1}]"
for _ in {1..100}; do
	printf 'mail 1 10\nid: q\nmail-from: <a@x.example>\nrcpt-to: <b@x.example>\n\nA: b\r\n\r\nhi'
done | mm-relay --max-connections 4 r >"$T/out" 2>"$T/err"
is 'a hundred messages' "$(grep -ac '^reply: 250 ' "$T/out")" 100
is 'over a hundred connections' "$(grep -c 'AUTH XOAUTH2' "$T/server/log")" 100
is 'by one token' "$(requests)" 1
is 'what the endpoint is asked' "$(request 1)" 'client_id=id%201
client_secret=s%26%3Dcr~t
grant_type=client_credentials
scope=https%3A%2F%2Foutlook.office365.com%2F.default'
is 'and how' "$(grep -iE '^(POST|content-type|accept):? ' "$T/endpoint/1.head" | sort)" 'Accept: application/json
Content-Type: application/x-www-form-urlencoded
POST /token HTTP/1.1'
is 'the log says so' "$(grep 'access token' "$T/err")" \
	"level=info prog=mm-relay msg=\"access token\" secret=$MM_SITE/secrets/s.json lifetime=3600"
unlike 'and has no secret in it' "$(cat "$T/err" "$T/out")" 's&=cr~t|A1\.b'
send -n >/dev/null
is 'a dry run asks nobody' "$(requests)" 1
to_port "$port"

# An endpoint whose IPv4 address answers nobody, but that of IPv6.
{
	echo 'login.test. 60 IN A 127.0.0.2'
	echo 'login.test. 60 IN AAAA ::ffff:127.0.0.1'
} >"$T/zone6"
is 'all its addresses are tried' "$(MM_ZONE=$T/zone6 send) $(requests)" 'reply: 250 2.0.0 stored 2'

# A filter that goes on, and is asked message by message; its log is $T/relay.log.
begin() {
	coproc gate { exec mm-relay r 2>"$T/relay.log"; }
	# shellcheck disable=SC2154
	relay=$gate_PID input=${gate[1]} output=${gate[0]}
}
hand() {
	printf 'mail 1 10\nid: q\nmail-from: <a@x.example>\nrcpt-to: <b@x.example>\n\nA: b\r\n\r\nhi' >&"$input"
}
take() { # a record's reply, in $got
	local line
	got=
	while IFS= read -r -t 30 line <&"$output"; do
		case $line in
		reply:*) got=$line ;;
		'') IFS= read -r -t 30 -N 10 line <&"$output" && break ;;
		esac
	done
}
ask() {
	hand
	take
}
until_asked() { # COUNT: messages, until the endpoint has had so many requests
	local end=$((SECONDS + 20))
	until [ "$(requests)" -ge "$1" ] || [ $SECONDS -ge $end ]; do
		ask
	done
}
finish() {
	exec {input}>&-
	wait "$relay"
	is "$1" "$?" 0
}
log_of() { # PATTERN: those lines of the log, without what is the same in all
	grep -a "$1" "$T/relay.log" | sed 's/^level=\([a-z]*\) prog=mm-relay /\1 /; s/again-in-ms=.*/again/'
}

# By a refresh token, of a public client; the token expires, and the endpoint rotates it.
short=',"expires_in":1,"refresh_token":"1//second"'
answers "$(token G1 | sed "s|,\"expires_in\":3600|$short|")" "$(token G2)"
members="\"token-endpoint\": \"$url\", \"client-id\": \"id\", \"refresh-token\": \"1//first\""
secret "$members"
begin
until_told() { # COUNT: messages, until the log has so many tokens
	local end=$((SECONDS + 30))
	until [ "$(log_of 'access token' | wc -l)" -ge "$1" ] || [ $SECONDS -ge $end ]; do
		ask
	done
}
until_told 2
is 'it is renewed when it expires' "$(request 1)" 'client_id=id
grant_type=refresh_token
refresh_token=1%2F%2Ffirst'
is 'by the refresh token that came with it' "$(request 2)" 'client_id=id
grant_type=refresh_token
refresh_token=1%2F%2Fsecond'
ask
is 'mail goes' "$got" 'reply: 250 2.0.0 stored'
is 'it is told' "$(log_of 'access token')" "info msg=\"access token\" secret=$MM_SITE/secrets/s.json lifetime=1 refresh-token=\"replaced, until the program ends\"
info msg=\"access token\" secret=$MM_SITE/secrets/s.json lifetime=3600"
to_port "$port" ', "Timeout": "1m"'
until_read() {
	ask
	grep -q 'r read again' "$T/relay.log"
}
wait_for 'the relay is read again' until_read
is 'a relay that is read again goes on with it' "$(requests)" 2
secret "$members, \"scope\": \"other\""
until_asked 3
is 'a secret that changed begins anew' "$(request 3)" 'client_id=id
grant_type=refresh_token
refresh_token=1%2F%2Ffirst
scope=other'
finish 'it ends well'

# A server that has had enough of a token: once another is fetched.
answers "$(token R1)" "$(token R2)"
secret "\"token-endpoint\": \"$url\", \"client-id\": \"id\", \"client-secret\": \"s\""
begin
ask
is 'the first token' "$got" 'reply: 250 2.0.0 stored'
ask
is 'it is refused, and another taken' "$got $(requests)" 'reply: 250 2.0.0 stored 2'
ask
is 'but not at every refusal' "$got $(requests)" 'reply: 454 4.7.0 AUTH was refused: 535 5.7.8 no 2'
ask
is 'nor later' "$got $(requests)" 'reply: 454 4.7.0 AUTH was refused: 535 5.7.8 no 2'
is 'it is told' "$(log_of refuses)" \
	"warn msg=\"the server refuses the access token, another is fetched\" secret=$MM_SITE/secrets/s.json reply=\"454 4.7.0 AUTH was refused: 535 5.7.8 no\""
finish 'it ends well'
answers "$(token U)"
is 'a fresh token that is refused' "$(send) $(requests)" \
	'reply: 454 4.7.0 AUTH was refused: 535 5.7.8 no 1'
to_port "$port" ', "AuthMechanisms": ["PLAIN"]'
like 'where no token may be used none is fetched' "$(send) $(requests)" 'offers no AUTH .* 1$'
to_port "$port"

# Endpoints that fail: mail waits, and they are left alone for a while.
no_token='reply: 454 4.7.0 no access token to authenticate with; see the log'
reason() {
	sed -n 's/.* msg="no access token" .* reason="\([^"]*\)".*/\1/p' "$1"
}
fails() { # NAME ANSWER REASON [REQUESTS]
	local name=$1
	answers "$2"
	secret "\"token-endpoint\": \"$url\", \"client-id\": \"id\", \"client-secret\": \"se-cret\""
	begin
	for _ in 1 2 3 4 5; do hand; done
	for _ in 1 2 3 4 5; do take; done
	is "$name" "$got" "$no_token"
	is "$name: it is told once, and asked no more" "$(log_of 'no access token" secret') $(requests)" \
		"error msg=\"no access token\" secret=$MM_SITE/secrets/s.json endpoint=$url reason=\"$3\" again ${4-1}"
	finish "$name: it ends well"
}
sessions=$(wc -l <"$T/server/log")
fails grant '400 {"error":"invalid_grant","error_description":"expired\u000d\u000alevel=error\u001b[2J"}' \
	'the token endpoint answers 400: invalid_grant: expired??level=error?[2J'
fails client '401 {"error":"invalid_client","error_description":"se-cret_is_wrong"}' \
	'the token endpoint answers an error with the secret in it'
fails 'secret, cut,' "401 {\"error_description\":\"$(printf '%0268d' 0)se-cret\"}" \
	'the token endpoint answers an error with the secret in it'
fails forbidden '403 {"error":{"code":403,"message":"denied"}}' 'the token endpoint answers 403: denied'
fails redirect '302 Location:https://login.test/' 'the token endpoint answers 302'
fails broken '500 <html>' 'the token endpoint answers 500' 2
fails garbage '200 garbage' "the token endpoint's answer is not a JSON object"
fails mac "$(token X | sed s/Bearer/mac/)" "the token endpoint's token_type is not Bearer"
fails injecting "$(token 'X\r\nMAIL')" "the token endpoint's access_token is no bearer token"
head -c 70000 /dev/zero | tr '\0' ' ' >"$T/blank"
fails huge "200 @$T/blank" 'the token endpoint does not answer: the answer is too large'
printf '[%.0s' {1..60000} >"$T/nested"
fails deep "200 @$T/nested" "the token endpoint's answer is not a JSON object"
is 'the server has heard nothing of it' "$(wc -l <"$T/server/log")" "$sessions"
export SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
answers "$(token X)"
secret "\"token-endpoint\": \"$url\", \"client-id\": \"id\", \"client-secret\": \"s\""
is 'a certificate that nobody trusts' "$(send)" "$no_token"
like 'it is told' "$(reason "$T/err")" '^the token endpoint does not answer: .*certificate'
mkdir "$T/trusted"
cp "$T/cert.crt" "$T/trusted/$(openssl x509 -in "$T/cert.crt" -noout -hash).0"
answers "$(token P)"
is 'but somebody does by a folder' "$(SSL_CERT_DIR=$T/trusted send)" 'reply: 250 2.0.0 stored'
SSL_CERT_FILE=$T/cert.crt
secret "\"token-endpoint\": \"https://nowhere.test/\", \"client-id\": \"id\", \"client-secret\": \"s\""
is 'a host that is not there' "$(send) $(reason "$T/err")" \
	"$no_token the token endpoint has no address: neither A nor AAAA"

# Where there is a password as well, mail goes by that meanwhile.
server=$port
smtp_sink both --ehlo 'AUTH XOAUTH2 PLAIN' --reply 'AUTH PLAIN=235 2.7.0 ok' --reply '.=250 2.0.0 stored'
to_port "$port"
answers '400 {"error":"invalid_grant"}'
secret "\"token-endpoint\": \"$url\", \"client-id\": \"id\", \"client-secret\": \"s\", \"password\": \"p\""
is 'a password beside a token that cannot be had' "$(send) $(requests)" 'reply: 250 2.0.0 stored 1'

# An endpoint that is slow holds up no session that is under way.
answers "$(token S1)" "$(token S2 | sed "s|^200 |200 wait:$T/go |")"
smtp_sink steady --ehlo 'AUTH XOAUTH2' --reply-once "AUTH XOAUTH2 $(said_with S1)=235 2.7.0 ok" \
	--reply "AUTH XOAUTH2 $(said_with S2)=235 2.7.0 ok" --reply 'AUTH=535 5.7.8 no' --reply '.=250 2.0.0 stored'
to_port "$port"
secret "\"token-endpoint\": \"$url\", \"client-id\": \"id\", \"client-secret\": \"s\""
begin
ask
end=$((SECONDS + 20))
until [ "$(requests)" -ge 2 ] || [ $SECONDS -ge $end ]; do
	for _ in {1..20}; do hand; done
	for _ in {1..20}; do take; done
done
sessions=$(grep -c 'AUTH XOAUTH2' "$T/steady/log")
for _ in {1..20}; do hand; done
for _ in {1..20}; do take; done
is 'mail goes while a token is fetched' "$got $(grep -c 'AUTH XOAUTH2' "$T/steady/log") $(requests)" \
	"reply: 250 2.0.0 stored $sessions 2"
touch "$T/go"
finish 'it ends well'

# By an assertion, as Google has it for service accounts.
openssl genrsa -out "$T/rsa" 2048 2>/dev/null
openssl rsa -in "$T/rsa" -pubout -out "$T/public" 2>/dev/null
answers "$(token J)"
to_port "$server"
pem=$(awk '{printf "%s\\n", $0}' "$T/rsa")
secret "\"token-endpoint\": \"$url\", \"issuer\": \"mm@example.iam.gserviceaccount.com\",
	\"private-key\": \"$pem\", \"private-key-id\": \"k1\", \"scope\": \"https://mail.google.com/\""
is 'by an assertion' "$(send)" 'reply: 250 2.0.0 stored'
is 'which is right' "$(python3 - "$T" "$url" "$T/endpoint/$((before + 1)).body" <<'P'
import base64, json, subprocess, sys, time, urllib.parse
directory, url, body = sys.argv[1:]
form = urllib.parse.parse_qs(open(body).read(), strict_parsing=True)
header, claims, signature = form.pop("assertion")[0].split(".")
def octets(s):
    return base64.urlsafe_b64decode(s + "=" * (-len(s) % 4))
with open(directory + "/signed", "wb") as f:
    f.write((header + "." + claims).encode())
with open(directory + "/signature", "wb") as f:
    f.write(octets(signature))
print(subprocess.run(["openssl", "dgst", "-sha256", "-verify", directory + "/public", "-signature",
    directory + "/signature", directory + "/signed"], capture_output=True, text=True).stdout.strip())
c = json.loads(octets(claims))
print(form, json.loads(octets(header)))
print(c["iss"], c["sub"], c["scope"], c["aud"] == url, c["exp"] - c["iat"], abs(c["iat"] - time.time()) < 60, len(c))
P
)" "Verified OK
{'grant_type': ['urn:ietf:params:oauth:grant-type:jwt-bearer']} {'alg': 'RS256', 'typ': 'JWT', 'kid': 'k1'}
mm@example.iam.gserviceaccount.com ann@example.org https://mail.google.com/ True 3600 True 6"

# Over http to this host only; and what is missing or contradicts itself.
wait "$patient"
is 'an endpoint that never answers' "$? $(fields reply "$T/patient.out") $(find "$T/plain" -name '*.body' | wc -l)" \
	"75 $no_token 2"
is 'it is told' "$(reason "$T/patient.err" | sed 's/ after.*//')" 'the token endpoint does not answer: Operation timed out'
token P >"$T/plain/answers"
secret "\"token-endpoint\": \"$plain\", \"client-id\": \"id\", \"client-secret\": \"s\""
is 'over http on this host' "$(MM_ZONE='' send)" 'reply: 250 2.0.0 stored'
wrong() { # NAME SECRET EXPECTED...: the problems
	local name=$1
	put secrets/s.json "$2"
	shift 2
	exit_is "$name" 75 mm-relay r --mail-from a@example.org --rcpt-to b@example.net "$T/msg"
	is "$name is told" "$(sed -n "s|.*$MM_SITE/secrets/s.json:||p" "$T/.err" | sed 's/"$//; s/\\"/"/g')" "$(printf '%s\n' "$@")"
}
wrong 'http to elsewhere' '{"username": "u", "token-endpoint": "http://login.test/", "client-id": "i",
 "client-secret": "hidden"}' '1:37: token-endpoint: expected https://; http:// only to localhost'
wrong 'contradictions' '{"username": "u", "token-endpoint": "https://a@login.test/",
 "access-token": "hidden", "refresh-token": "hid\u0007den", "private-key": "hidden"}' \
	'2:45: refresh-token: expected 1 to 16384 octets without control characters' \
	'1:1: expected "client-id" too, to get access tokens by a refresh token' \
	'2:76: private-key: of no use with a refresh token' \
	'2:18: access-token: of no use beside what gets access tokens from a token endpoint' \
	'1:37: token-endpoint: expected a URL with a host, and without a user' \
	'2:76: private-key: expected an RSA key of 2048 to 8192 bits as PEM, without a passphrase'
wrong 'no endpoint' '{"username": "u", "client-id": "i"}' \
	'1:1: expected "token-endpoint" too, to get access tokens by client credentials' \
	'1:1: expected "client-secret" too, to get access tokens by client credentials'
wrong 'an unknown member' '{"username": "u", "token-url": "hidden"}' \
	'1:19: token-url: unknown member; expected "password", "username", "access-token", "previous-password", "token-endpoint", "client-id", "client-secret", "refresh-token", "scope", "issuer", "subject", "audience", "private-key" or "private-key-id"'
done_testing
