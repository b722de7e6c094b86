#!/bin/bash
# mm-relay --mx with MTA-STS: a policy host on loopback, with an authority of its own.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/smtp.sh"
need mm-relay python3 openssl jq

export MM_SITE=$T/site MM_ZONE=$T/zone SSL_CERT_FILE=$T/ca.crt
mkdir -p "$MM_SITE" "$T/host" "$T/state"
echo "{\"Hostname\": \"gw.example.org\", \"StateDir\": \"$T/state\"}" >"$MM_SITE/site.json"
printf 'From: a@example.org\r\nTo: b@example.net\r\n\r\nhello\r\n' >"$T/msg"
p=$(free_port)

domains=(good second outside untrusted testing none missing html redirect broken huge slow implicit dane)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj "/CN=authority" \
	-keyout "$T/ca.key" -out "$T/ca.crt" 2>/dev/null
signed() { # FILE NAME...
	local names
	names=$(printf ',DNS:%s' "${@:2}")
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=x" \
		-keyout "$1.key" 2>/dev/null |
		openssl x509 -req -CA "$T/ca.crt" -CAkey "$T/ca.key" -days 9 -out "$1.crt" \
			-extfile <(echo "subjectAltName=${names#,}") 2>/dev/null
	cat "$1.key" "$1.crt" >"$1"
}
names=("${domains[@]/#/mta-sts.}")
signed "$T/https" "${names[@]/%/.example}"
signed "$T/mail" mx.example deep.mx.example implicit.example
certificate "$T/own" mx.example

{
	echo '. 3600 IN SOA a. b. 1 3600 600 86400 60'
	for d in "${domains[@]}" forged; do
		[ "$d" = implicit ] || echo "$d.example. IN MX 20 mx.example."
		echo "_mta-sts.$d.example. IN TXT \"v=STSv1; id=1;\""
		echo "mta-sts.$d.example. IN A 127.0.0.5"
	done
	cat <<-Z
		mx.example. IN A 127.0.0.2
		implicit.example. IN A 127.0.0.2
		bad.example. IN A 127.0.0.3
		second.example. IN MX 10 bad.example.
		outside.example. IN MX 10 bad.example.
		untrusted.example. IN MX 10 bad.example.
		plain.example. IN MX 10 mx.example.
	Z
} | grep -Ev '^(untrusted|outside)\.example. IN MX 20' >"$T/zone"

policy() { # DOMAIN LINE...
	printf '%s\n' "${@:2}" >"$T/host/$1.example"
}
enforce=('version: STSv1' 'mode: enforce' 'max_age: 86400')
policy good "${enforce[@]}" 'mx: MX.example'
policy second "${enforce[@]}" 'mx: mx.example'
policy outside "${enforce[@]}" 'mx: mx.example' 'mx: *.bad.example'
policy untrusted "${enforce[@]}" 'mx: bad.example'
policy testing 'version: STSv1' 'mode: testing' 'max_age: 86400' 'mx: other.example'
policy none 'version: STSv1' 'mode: none' 'max_age: 86400'
policy missing 'status 404' "${enforce[@]}" 'mx: other.example'
policy html 'type text/html' "${enforce[@]}" 'mx: other.example'
policy redirect 'status 301' 'location https://mta-sts.good.example/.well-known/mta-sts.txt' ''
policy broken "${enforce[@]}"
policy huge "${enforce[@]}" 'mx: other.example' "$(head -c 70000 /dev/zero | tr '\0' ' ')"
policy slow "wait $T/go" "${enforce[@]}" 'mx: mx.example'
policy implicit "${enforce[@]}" 'mx: implicit.example'
policy forged "${enforce[@]}" 'mx: other.example'
start host python3 "$top/tests/tools/sts-host.py" "$T/host" "$T/https" 127.0.0.5
wait_for "the policy host" test -s "$T/host/port"
smtp_sink mx --cert "$T/mail" --listen "127.0.0.2:$p" --ehlo REQUIRETLS
smtp_sink bad --cert "$T/own" --listen "127.0.0.3:$p"

options=(--mx --port "$p" --mta-sts-port "$(cat "$T/host/port")")
# shellcheck disable=SC2317 # called by exit_is
mx() { # RCPT [OPTION...]
	mm-relay "${options[@]}" --mail-from "<a@example.org> ${params-}" --rcpt-to "$1" "${@:2}" "$T/msg"
}
requests() {
	grep -c "^mta-sts.$1.example /.well-known/mta-sts.txt$" "$T/host/log"
}
while IFS='|' read -r domain code field expected; do
	exit_is "$domain: exit" "$code" mx "x@$domain.example"
	is "$domain: $field" "$(fields "$field" "$T/.out" | sed 's/.* host=/host=/')" "$expected"
done <<'X'
good|0|relayed|host=mx.example ip=127.0.0.2 tls=TLSv1.3 verified=pkix
second|0|relayed|host=mx.example ip=127.0.0.2 tls=TLSv1.3 verified=pkix
outside|75|reply|reply: 451 4.7.5 bad.example is not in the MTA-STS policy of outside.example
untrusted|75|reply|reply: 451 4.7.5 the server's certificate: self-signed certificate
testing|0|relayed|host=mx.example ip=127.0.0.2 tls=TLSv1.3
none|0|relayed|host=mx.example ip=127.0.0.2 tls=TLSv1.3
missing|0|relayed|host=mx.example ip=127.0.0.2 tls=TLSv1.3
html|0|relayed|host=mx.example ip=127.0.0.2 tls=TLSv1.3
redirect|0|relayed|host=mx.example ip=127.0.0.2 tls=TLSv1.3
broken|0|relayed|host=mx.example ip=127.0.0.2 tls=TLSv1.3
huge|0|relayed|host=mx.example ip=127.0.0.2 tls=TLSv1.3
forged|0|relayed|host=mx.example ip=127.0.0.2 tls=TLSv1.3
implicit|0|relayed|host=implicit.example ip=127.0.0.2 tls=TLSv1.3 verified=pkix
plain|0|relayed|host=mx.example ip=127.0.0.2 tls=TLSv1.3
X
exit_is "a policy host with another's certificate" 0 mx x@forged.example
like "is not believed" "$(cat "$T/.err")" 'msg="no MTA-STS policy" domain=forged.example reason=".*(name|SAN)'
exit_is "with --no-mta-sts nobody asks" 0 mx x@outside.example --no-mta-sts
params=REQUIRETLS
exit_is "REQUIRETLS goes where a policy vouches" 0 mx x@good.example
exit_is "and not where there is none" 77 mx x@plain.example
params=
is "dry run" "$(mm-relay -n "${options[@]}" x@second.example 2>/dev/null)" \
	"<x@second.example> relay=mx reason=mx tls=verify by=mta-sts 20:mx.example[127.0.0.2]:$p"

# What is to be reported, RFC 8460; with testing nothing else comes of it.
policy testing 'version: STSv1' 'mode: testing' 'max_age: 86400' 'mx: bad.example'
sed -i 's/^testing.example. IN MX.*/testing.example. IN MX 10 bad.example./' "$T/zone"
rm -rf "$T/state/mta-sts/testing.example" "$T/state/tls-rpt"
for d in good outside untrusted testing missing broken; do
	mx "x@$d.example" >/dev/null 2>&1
done
is "every session is noted" "$(jq -r '[.domain, .policy["policy-type"] // "", .problem // "", .mx // ""] | join(" ")' "$T"/state/tls-rpt/*)" \
	'good.example sts  mx.example
outside.example sts validation-failure bad.example
untrusted.example sts certificate-not-trusted bad.example
testing.example sts certificate-not-trusted bad.example
missing.example  sts-policy-fetch-error 
missing.example   mx.example
broken.example  sts-policy-invalid 
broken.example   mx.example'
is "with the policy" "$(jq -c 'select(.domain == "testing.example") | .policy' "$T"/state/tls-rpt/*)" \
	'{"policy-type":"sts","policy-string":["version: STSv1","mode: testing","mx: bad.example","max_age: 86400"],"policy-domain":"testing.example","mx-host":["bad.example"]}'

# What was fetched is kept.
is "fetched once" "$(requests good)" 1
policy good "${enforce[@]}" 'mx: other.example'
exit_is "while the id is the same" 0 mx x@good.example
sed -i 's/^_mta-sts.good.*/_mta-sts.good.example. IN TXT "v=STSv1; id=2"/' "$T/zone"
exit_is "fetched anew when it is not" 75 mx x@good.example
is "twice in all" "$(requests good)" 2
sed -i '/^_mta-sts.good/d' "$T/zone"
exit_is "kept when the record is gone" 75 mx x@good.example
sed -i '1s/ .*/ 1000000000/' "$T/state/mta-sts/good.example"
exit_is "until it expires" 0 mx x@good.example
sed -i '$a _mta-sts.second.example. IN TXT "v=STSv1; id=3;"' "$T/zone"
policy second "${enforce[@]}" 'mx: other.example'
exit_is "two records are none" 0 mx x@second.example

# One slow policy host holds up nobody else.
{
	for d in slow plain; do
		printf 'mail 1 6\nid: %s\nmail-from: <a@example.org>\nrcpt-to: <x@%s.example>\n\nA: b\r\n' $d $d
	done
} >"$T/in"
start both sh -c "mm-relay ${options[*]} <'$T/in' >'$T/both.out'"
wait_for "the other message" grep -aq '^id: plain' "$T/both.out"
not_ok "the first one waits for its policy" grep -aq '^id: slow' "$T/both.out"
touch "$T/go"
wait_for "the first message" grep -aq '^relayed: <x@slow' "$T/both.out"
like "and goes by it" "$(grep -a 'slow.*relay=' "$T/both.out")" 'verified=pkix'

# DANE comes first: a server with TLSA records is judged by them alone.
python=python3
python3 -c 'import dns.dnssec' 2>/dev/null || python=/usr/bin/python3
if "$python" -c 'import dns.dnssec' 2>/dev/null; then
	{
		sed 's/ IN / 300 IN /; s/^\. 300 3600/. 3600/' "$T/zone" | sed 's/^\. 3600 300/. 3600/'
		echo '. 3600 IN NS a.'
		echo 'example. 300 IN TXT "here names begin"'
		echo "_$p._tcp.mx.example. 300 IN TLSA 3 0 1 $(openssl x509 -in "$T/mail.crt" -outform DER | sha256sum | cut -d' ' -f1)"
	} >"$T/unsigned"
	policy dane "${enforce[@]}" 'mx: other.example'
	ok "a signed zone" "$python" "$top/tests/tools/sign-zone.py" "$T/unsigned" "$T/signed" "$T/anchor"
	MM_ZONE=$T/signed exit_is "without an anchor the policy counts" 75 mx x@dane.example
	export MM_DNSSEC=$T/anchor
	MM_ZONE=$T/signed exit_is "with it DANE does" 0 mx x@dane.example
	like "by which the server is verified" "$(fields relayed "$T/.out")" 'verified=dane$'
else
	skip "DANE before MTA-STS" "python3-dnspython is not installed"
fi
done_testing
