#!/bin/bash
# Logging in by SCRAM, with and without channel binding.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3 openssl jq
/usr/bin/python3 -c 'import OpenSSL, cryptography' 2>/dev/null ||
	skip_all 'python3-openssl is not installed'

certificate
scram() {
	"$top/tests/tools/scram-client.py" "$port" "$@"
}
plain() { # USER PASSWORD
	talk <<END | tail -n 1
EHLO me.example
@starttls
EHLO me.example
AUTH PLAIN $(printf '\0%s\0%s' "$1" "$2" | base64 -w 0)
END
}
serve() { # NAME OPTION...
	local name=$1
	shift
	smtpd "$name" --no-policy --cert "$T/cert.pem" --key "$T/key.pem" "$@" -- \
		"$answer" "$T/stored"
}
keys_of() { # SCRAM-SHA-256$ITERATIONS:SALT PASSWORD: as another makes them
	python3 - "$@" <<'END'
import base64, hashlib, hmac, sys
head, password = sys.argv[1:]
iterations, salt = head.split("$")[1].split(":")
salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(iterations))
client, server = (hmac.digest(salted, n, "sha256") for n in (b"Client Key", b"Server Key"))
print(head + "$" + ":".join(base64.b64encode(k).decode()
    for k in (hashlib.sha256(client).digest(), server)))
END
}
good='235 2.7.0 Authentication successful'
bad='535 5.7.8 Authentication failed'

# mm-smtpd passwd --scram

line=$(mm-smtpd passwd --scram anna <<<secret)
like 'a line' "$line" \
	'^anna:SCRAM-SHA-256\$100000:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$'
is 'is what others make of password and salt' "$(keys_of "${line%\$*}" secret)" "$line"
unlike 'the salt is another each time' "$(mm-smtpd passwd --scram anna <<<secret)" \
	"^${line%%==*}"
exit_is 'no password' 65 mm-smtpd passwd --scram anna </dev/null
exit_is 'a control character' 65 mm-smtpd passwd --scram anna <<<$'a\tb'
exit_is 'a password as an argument' 64 mm-smtpd passwd --scram anna secret
exit_is 'no user' 64 mm-smtpd passwd --scram
exit_is 'a user with a colon' 64 mm-smtpd passwd --scram a:b <<<secret
exit_is 'another option' 64 mm-smtpd passwd --sha anna <<<secret
completed() { # WORD...
	bash -c '. "$0/completions/bash/mm-smtpd"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) && _mm_smtpd && echo "${COMPREPLY[*]}"' \
		"$top" "$@"
}
is 'the completion knows --scram' "$(completed mm-smtpd passwd --)" --scram

# Mechanisms

(
	umask 77
	{
		echo "$line"
		mm-smtpd passwd crypt <<<secret
		mm-smtpd passwd --scram 'j=ö,rg' <<<'pässword'
		mm-smtpd passwd --scram bob <<<first
		mm-smtpd passwd --scram bob <<<second
	} >"$T/users"
)
serve main --auth-delay 10ms --credentials "$T/users"
is 'the strongest first' "$(scram --offer)" \
	'250-AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN'
is 'nothing in clear' "$(talk <<<'EHLO me.example' | grep -c AUTH)" 0
is 'SCRAM-SHA-256' "$(scram)" "$good"
is 'with an initial response' "$(scram --initial)" "$good"
is 'a name in small letters' "$(scram --mechanism scram-sha-256)" "$good"
is 'over TLS 1.2' "$(scram --tls 1.2)" "$good"
is '-PLUS with tls-exporter' "$(scram --binding exporter)" "$good"
is '-PLUS with tls-server-end-point' "$(scram --binding end-point)" "$good"
is 'over TLS 1.2 too' "$(scram --binding end-point --tls 1.2)" "$good"
is 'a name with a comma, not ASCII' "$(scram --user 'j=ö,rg' --password pässword)" "$good"
is 'for oneself' "$(scram --authzid anna)" "$good"
is 'PLAIN with the same line' "$(plain anna secret)" "$good"
is 'and a wrong password' "$(plain anna Secret)" "$bad"
is 'PLAIN of a user with crypt' "$(plain crypt secret)" "$good"
is 'of two lines SCRAM takes the last' "$(scram --user bob --password second)" "$good"
is 'PLAIN the other as well' "$(plain bob first)" "$good"
stop main
is 'logins are logged' "$(sed -nE 's/.* msg=(login[a-z-]*) .* user=anna method=/\1 /p' \
	"$T/main.log" | sort | uniq -c | sed 's/^ *//')" '1 login PLAIN
5 login SCRAM-SHA-256
3 login SCRAM-SHA-256-PLUS
1 login-failed PLAIN'
unlike 'no secrets' "$(cat "$T/main.log")" 'secret|256[$]'

# What fails, in several servers, since ten failures lock an address out

methods() { # NAME: of the failed logins
	sed -nE 's/.*level=warn .* msg=login-failed .* user=([^ ]*) method=/\1 /p' "$T/$1.log"
}
serve wrong --auth-delay 10ms --credentials "$T/users"
is 'a wrong password' "$(scram --password Secret)" "$bad"
is 'a user who is not there' "$(scram --user nobody)" "$bad"
is 'a user with crypt' "$(scram --user crypt)" "$bad"
is 'the first of two lines' "$(scram --user bob --password first)" "$bad"
is 'a wrong nonce' "$(scram --wrong nonce)" "$bad"
is 'for somebody else' "$(scram --authzid root)" "$bad"
stop wrong
is 'all are logged' "$(methods wrong)" 'anna SCRAM-SHA-256
nobody SCRAM-SHA-256
crypt SCRAM-SHA-256
bob SCRAM-SHA-256
anna SCRAM-SHA-256
anna SCRAM-SHA-256'

serve binding --auth-delay 10ms --credentials "$T/users"
is 'another connection' "$(scram --binding exporter --wrong binding)" "$bad"
is 'another certificate' "$(scram --binding end-point --wrong binding)" "$bad"
is 'tls-exporter over TLS 1.2' "$(scram --binding exporter --tls 1.2)" "$bad"
is 'tls-unique' "$(scram --binding unique)" "$bad"
is 'a client that was told there is no -PLUS' "$(scram --binding y)" "$bad"
stop binding
is 'they are logged too' "$(methods binding)" 'anna SCRAM-SHA-256-PLUS
anna SCRAM-SHA-256-PLUS
anna SCRAM-SHA-256-PLUS
anna SCRAM-SHA-256-PLUS
anna SCRAM-SHA-256'

serve odd --auth-delay 10ms --credentials "$T/users"
malformed='501 5.5.2 expected a message of SCRAM'
is 'no SCRAM' "$(scram --raw x)" "$malformed"
is 'nothing' "$(scram --raw '')" "$malformed"
is 'a mandatory extension' "$(scram --raw 'n,,m=x,n=anna,r=abc')" "$malformed"
is 'a control character' "$(scram --raw $'n,,n=an\x01na,r=abc')" "$malformed"
is 'a message too long' "$(scram --raw "n,,n=anna,r=abc,x=$(printf '%04096d' 0)")" "$malformed"
is '-PLUS without a binding' "$(scram --mechanism SCRAM-SHA-256-PLUS)" "$malformed"
is 'a binding without -PLUS' "$(scram --binding exporter --mechanism SCRAM-SHA-256)" "$malformed"
is 'something at the end' "$(scram --wrong end)" '501 5.5.2 expected an empty line'
like 'a password that was right is logged all the same' "$(logged odd msg=login)" \
	' user=anna method=SCRAM-SHA-256$'
is 'no base64' "$(talk <<'END' | tail -n 1
EHLO me.example
@starttls
EHLO me.example
AUTH SCRAM-SHA-256
!!!!
END
)" '501 5.5.2 expected base64'
is 'cancelled' "$(scram --cancel --times 2)" '501 5.7.0 authentication cancelled
501 5.7.0 authentication cancelled'
is 'another mechanism' "$(scram --mechanism SCRAM-SHA-1)" \
	'504 5.5.4 expected a mechanism that EHLO lists'
is 'good all the same' "$(scram)" "$good"
stop odd

# A record says how

: >"$T/stored"
serve main --require-auth --credentials "$T/users"
is 'a message' "$(scram --binding exporter --deliver)" "$good
250 2.0.0 stored"
is 'and its record' "$(stored | grep -aE '^(protocol|auth-)')" 'protocol: ESMTPSA
auth-user: anna
auth-method: SCRAM-SHA-256-PLUS'

# Who exists does not show

nobody=$(scram --salt --user nobody)
like 'a user who is not there has a salt' "$nobody" '^[A-Za-z0-9+/]{22}== 100000$'
is 'and the same again' "$(scram --salt --user nobody)" "$nobody"
not_same() {
	[ "$(scram --salt --user noone)" != "$nobody" ]
}
ok 'another has another' not_same
like 'one with crypt likewise' "$(scram --salt --user crypt)" ' 100000$'
is 'one who is there' "$(scram --salt)" "$(sed -E 's/.*\$(.*):(.*)\$.*/\2 \1/' <<<"$line")"
stop main

# Delay and lock-out

serve late --auth-delay 200ms --credentials "$T/users"
is 'failures wait, and the third ends the session' \
	"$(scram --password no --times 4 --least 0.2)" "$bad
late
$bad
late
421 4.7.0 too many failed logins
late
<eof>
soon"
like 'which is logged' "$(logged late msg=session)" ' end=auth-failures '
stop late

serve locked --auth-delay 10ms --credentials "$T/users"
for user in anna nobody anna; do
	scram --user "$user" --password no --times 3
done >"$T/out"
is 'nine failures' "$(grep -cE '^(535|421)' "$T/out")" 9
is 'do not lock out' "$(scram)" "$good"
scram --binding exporter --wrong binding >/dev/null
locked='454 4.7.0 cannot check passwords now, try again later'
is 'ten do' "$(scram)" "$locked"
is 'as for PLAIN' "$(plain anna secret)" "$locked"
stop locked

# Passwords kept in clear

mkdir -p "$T/site/ingress-points" "$T/site/secrets"
ingress() { # NAME CONFIGURATION
	jq -n --arg name "$1" --argjson how "$2" '{IngressPointName: $name, Type: "AUTH",
		TrafficPolicyId: "tp", RuleSetId: "rs", IngressPointConfiguration: $how}' \
		>"$T/site/ingress-points/$1.json"
}
ingress sales '{"SmtpPassword": "correct-horse"}'
ingress json '{"SecretArn": "one"}'
ingress lines '{"SecretArn": "users"}'
echo '{"username": "json", "password": "battery-staple"}' >"$T/site/secrets/one.json"
cp "$T/users" "$T/site/secrets/users"
chmod 600 "$T/site/secrets"/*
serve clear -C "$T/site" -i sales --auth-delay 10ms
is 'SmtpPassword' "$(scram --user sales --password correct-horse)" "$good"
is '-PLUS' "$(scram --binding exporter --user sales --password correct-horse)" "$good"
is 'not another' "$(scram --user sales --password correct-horsf)" "$bad"
salt=$(scram --salt --user sales)
like 'iterations are few' "$salt" '== 4096$'
like 'of others too' "$(scram --salt --user nobody)" '== 4096$'
ingress sales '{"SmtpPassword": "another-horse"}'
kill -HUP "$(cat "$T/clear.pid")"
logged clear 'read again' >/dev/null
is 'a new password' "$(scram --user sales --password another-horse)" "$good"
is 'with the old salt, like those of others' "$(scram --salt --user sales)" "$salt"
stop clear
serve json -C "$T/site" -i json
is 'a JSON secret' "$(scram --user json --password battery-staple)" "$good"
stop json
echo '{"password": "new-staple", "previous-password": "battery-staple"}' >"$T/site/secrets/one.json"
serve both -C "$T/site" -i json --auth-delay 10ms
for password in battery-staple new-staple; do
	is "$password, by SCRAM" "$(scram --user json --password "$password")" "$good"
	is "$password, by PLAIN" "$(plain json "$password")" "$good"
done
is 'no third' "$(scram --user json --password staple)" "$bad"
echo '{"password": "new-staple"}' >"$T/site/secrets/one.json"
kill -HUP "$(cat "$T/both.pid")"
logged both 'read again' >/dev/null
is 'until the file says so no more' "$(plain json battery-staple)" "$bad"
stop both
echo '{"username": "json", "password": ""}' >"$T/site/secrets/one.json"
serve empty -C "$T/site" -i json
is 'an empty one is no password' "$(scram --user json --password '')" \
	'504 5.5.4 expected a mechanism that EHLO lists'
stop empty
serve lines -C "$T/site" -i lines
is 'lines' "$(scram)" "$good"
stop lines

# Two passwords while one takes the place of the other: lines of one salt

for password in old new; do
	keys_of "${line%\$*}" "$password"
done >"$T/two"
chmod 600 "$T/two"
serve two --auth-delay 10ms --credentials "$T/two"
for password in old new; do
	is "the $password one" "$(scram --password "$password")" "$good"
	is "the $password one by PLAIN" "$(plain anna "$password")" "$good"
done
is 'none other' "$(scram --password secret)" "$bad"
stop two

# Other certificates

other() { # NAME OPTION...: of openssl req
	local name=$1
	shift
	openssl req -x509 "$@" -nodes -days 30 -keyout "$T/$name.key" -out "$T/$name.pem" \
		-subj /CN=mx.test 2>/dev/null
	smtpd "$name" --no-policy --auth-delay 10ms --credentials "$T/users" \
		--cert "$T/$name.pem" --key "$T/$name.key" -- "$answer"
}
other sha384 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -sha384
is 'one of SHA-384' "$(scram --binding end-point --digest sha384)" "$good"
stop sha384
other ed25519 -newkey ed25519
is 'one of Ed25519 has no end point' "$(scram --binding end-point)" "$bad"
is 'the exporter serves' "$(scram --binding exporter)" "$good"
is 'without it there is no -PLUS' "$(scram --offer --tls 1.2)" \
	'250-AUTH SCRAM-SHA-256 PLAIN LOGIN'
is 'nor taken' "$(scram --tls 1.2 --binding end-point)" \
	'504 5.5.4 expected a mechanism that EHLO lists'
is 'and a client may say so' "$(scram --binding y --tls 1.2)" "$good"
stop ed25519

# No SCRAM where nobody could

mm-smtpd passwd anna <<<secret >"$T/crypt"
chmod 600 "$T/crypt"
serve crypt --credentials "$T/crypt"
is 'none is offered' "$(scram --offer)" '250-AUTH PLAIN LOGIN'
is 'none is taken' "$(scram)" '504 5.5.4 expected a mechanism that EHLO lists'
stop crypt

# Wrong lines

check() { # LINE
	echo "$1" >"$T/bad"
	chmod 600 "$T/bad"
	mm-smtpd --no-policy --check --credentials "$T/bad" 2>&1 | sed "s,$T,T,"
}
# shellcheck disable=SC2016
expected='level=error prog=mm-smtpd msg="T/bad:1: expected USER:SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY with 4096 to 10000000 iterations"'
is 'a good line' "$(check "$line")" ''
is 'too few iterations' "$(check "${line/100000/4095}")" "$expected"
is 'too many' "$(check "${line/100000/10000001}")" "$expected"
is 'another hash' "$(check "${line/256/1}")" "$expected"
is 'half a line' "$(check "${line%:*}")" "$expected"

done_testing
