#!/bin/bash
# mm-relay --mx with DANE: a signed zone, TLSA records good and bad.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/smtp.sh"
need mm-relay python3 openssl
python=python3
python3 -c 'import dns.dnssec' 2>/dev/null || python=/usr/bin/python3
"$python" -c 'import dns.dnssec' 2>/dev/null || skip_all "python3-dnspython is not installed"

export MM_SITE=$T/site MM_ZONE=$T/signed MM_DNSSEC=$T/anchor
mkdir -p "$MM_SITE" "$T/certs"
echo '{"Hostname": "gw.example.org"}' >"$MM_SITE/site.json"
printf 'From: a@example.org\r\nTo: b@example.net\r\n\r\nhello\r\n' >"$T/msg"
p=$(free_port)

# An authority, what it signed for one name, and a certificate that is long over.
ok "certificates" "$python" - "$T/certs" <<'P'
import datetime, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
now = datetime.datetime.utcnow()
day = datetime.timedelta(days=1)
def make(name, issuer=None, ca=False, until=now + day):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    b = x509.CertificateBuilder().subject_name(subject).public_key(key.public_key())
    b = b.serial_number(x509.random_serial_number()).not_valid_before(now - 9 * day).not_valid_after(until)
    b = b.issuer_name(issuer[0].subject if issuer else subject)
    b = b.add_extension(x509.BasicConstraints(ca, None), True)
    if not ca:
        b = b.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
    return b.sign(issuer[1] if issuer else key, hashes.SHA256()), key
def write(name, pair, *chain):
    with open("%s/%s" % (sys.argv[1], name), "wb") as f:
        f.write(pair[1].private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        for cert in (pair[0],) + chain:
            f.write(cert.public_bytes(serialization.Encoding.PEM))
ca = make("authority", ca=True)
write("ca", ca)
write("leaf", make("ta.example", ca), ca[0])
write("old", make("elsewhere.example", until=now - day))
P
der() { # FILE SELECTOR
	if [ "$2" = 0 ]; then
		openssl x509 -in "$T/certs/$1" -outform DER
	else
		openssl x509 -in "$T/certs/$1" -pubkey -noout | openssl pkey -pubin -outform DER
	fi
}
hex() {
	xxd -p | tr -d '\n'
}
sum() { # FILE SELECTOR 256|512
	der "$1" "$2" | "sha$3sum" | cut -d' ' -f1
}
wrong=$(printf '0%.0s' {1..64})
{
	printf '. 3600 IN %s\n' 'SOA a. b. 1 3600 600 86400 60' 'NS a.'
	echo 'example. 300 IN TXT "here names begin"'
	# DOMAIN ADDRESS TLSA...
	while read -r domain address tlsa; do
		echo "$domain.example. 300 IN MX 10 mx.$domain.example."
		echo "mx.$domain.example. 300 IN A $address"
		[ -z "$tlsa" ] || echo "_$p._tcp.mx.$domain.example. 300 IN TLSA $tlsa"
	done <<-Z
		key 127.0.0.2 3 1 1 $(sum old 1 256)
		key512 127.0.0.2 3 1 2 $(sum old 1 512)
		cert 127.0.0.2 3 0 1 $(sum old 0 256)
		whole 127.0.0.2 3 0 0 $(der old 0 | hex)
		wholekey 127.0.0.2 3 1 0 $(der old 1 | hex)
		wrong 127.0.0.2 3 1 1 $wrong
		pkix 127.0.0.2 1 1 1 $wrong
		short 127.0.0.2 3 1 1 0011
		none 127.0.0.2
		clear 127.0.0.4 3 1 1 $wrong
		pkixclear 127.0.0.4 1 1 1 $wrong
		bogustlsa 127.0.0.2 3 1 1 $(sum old 1 256)
		bogusmx 127.0.0.2 3 1 1 $(sum old 1 256)
		othername 127.0.0.3 2 0 1 $(sum ca 0 256)
	Z
	cat <<-Z
		mx.wrong.example. 300 IN AAAA ::1
		ta.example. 300 IN MX 10 mx.ta.example.
		mx.ta.example. 300 IN A 127.0.0.3
		_$p._tcp.mx.ta.example. 300 IN TLSA 2 0 1 $(sum ca 0 256)
		_$p._tcp.mx.ta.example. 300 IN TLSA 2 1 1 $wrong
		two.example. 300 IN MX 10 mx.wrong.example.
		two.example. 300 IN MX 20 mx.bogustlsa.example.
		two.example. 300 IN MX 30 mx.key.example.
		cname.example. 300 IN MX 10 alias.example.
		alias.example. 300 IN CNAME mx.key.example.
		; bogus _$p._tcp.mx.bogustlsa.example. TLSA
		; bogus bogusmx.example. MX
	Z
} >"$T/zone"
ok "a signed zone" "$python" "$top/tests/tools/sign-zone.py" "$T/zone" "$MM_ZONE" "$MM_DNSSEC"
smtp_sink old --cert "$T/certs/old" --listen "127.0.0.2:$p" --ehlo REQUIRETLS
smtp_sink leaf --cert "$T/certs/leaf" --listen "127.0.0.3:$p"
smtp_sink clear --listen "127.0.0.4:$p"

# shellcheck disable=SC2317 # called by exit_is
mx() { # RCPT [OPTION...]
	mm-relay --mx --port "$p" --mail-from "<a@example.org> ${params-}" --rcpt-to "$1" "${@:2}" "$T/msg"
}
# DOMAIN | exit | field | what is in it
while IFS='|' read -r domain code field expected; do
	exit_is "$domain: exit" "$code" mx "x@$domain.example"
	is "$domain: $field" "$(fields "$field" "$T/.out" | sed 's/.* host=/host=/')" "$expected"
done <<'X'
key|0|relayed|host=mx.key.example ip=127.0.0.2 tls=TLSv1.3 verified=dane
key512|0|relayed|host=mx.key512.example ip=127.0.0.2 tls=TLSv1.3 verified=dane
cert|0|relayed|host=mx.cert.example ip=127.0.0.2 tls=TLSv1.3 verified=dane
whole|0|relayed|host=mx.whole.example ip=127.0.0.2 tls=TLSv1.3 verified=dane
wholekey|0|relayed|host=mx.wholekey.example ip=127.0.0.2 tls=TLSv1.3 verified=dane
ta|0|relayed|host=mx.ta.example ip=127.0.0.3 tls=TLSv1.3 verified=dane
cname|0|relayed|host=alias.example ip=127.0.0.2 tls=TLSv1.3 verified=dane
two|0|relayed|host=mx.key.example ip=127.0.0.2 tls=TLSv1.3 verified=dane
none|0|relayed|host=mx.none.example ip=127.0.0.2 tls=TLSv1.3
pkix|0|relayed|host=mx.pkix.example ip=127.0.0.2 tls=TLSv1.3
short|0|relayed|host=mx.short.example ip=127.0.0.2 tls=TLSv1.3
othername|75|reply|reply: 451 4.7.5 the server's certificate: hostname mismatch
clear|75|reply|reply: 451 4.7.4 TLS is required, and the server does not offer it
pkixclear|75|reply|reply: 451 4.7.4 TLS is required, and the server does not offer it
bogustlsa|75|reply|reply: 451 4.7.5 TLSA of mx.bogustlsa.example: DNSSEC validation failed
bogusmx|75|reply|reply: 451 4.4.3 DNS: MX of bogusmx.example: DNSSEC validation failed
X
exit_is "wrong: exit" 75 mx x@wrong.example
like "wrong: the first host said it" "$(cat "$T/.err")" 'ip=127.0.0.2 reply="451 4.7.5 the server.s certificate: no matching DANE TLSA records"'
is "wrong: nothing was sent" "$(smtp_log old | tail -n 1) $(smtp_log old | grep -c '^MAIL')" "lost 10"
exit_is "with --no-dane nobody asks" 0 mx x@bogustlsa.example --no-dane
exit_is "nor where the answers are not secure" 0 env -u MM_DNSSEC mm-relay --mx --port "$p" \
	--mail-from a@example.org --rcpt-to x@wrong.example "$T/msg"
exit_is "nor with --tls none" 0 mx x@wrong.example --tls none
params=REQUIRETLS
exit_is "REQUIRETLS goes where DANE vouches" 0 mx x@key.example
exit_is "and not where it does not" 77 mx x@pkix.example
is "dry run" "$(mm-relay -n --mx --port "$p" x@key.example x@two.example x@pkix.example 2>/dev/null | sort)" \
	"<x@key.example> relay=mx reason=mx tls=dane by=dane 10:mx.key.example[127.0.0.2]:$p
<x@pkix.example> relay=mx reason=mx tls=encrypt by=dane 10:mx.pkix.example[127.0.0.2]:$p
<x@two.example> relay=mx reason=mx tls=dane by=dane 10:mx.wrong.example[::1]:$p 10:mx.wrong.example[127.0.0.2]:$p 30:mx.key.example[127.0.0.2]:$p/dane"
done_testing
