#!/bin/bash
# MTLS ingress points.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3 openssl

certificate
cd "$T" || exit 1
mkdir -p site/{ingress-points,tls} ca
cp cert.pem key.pem site/tls/
: >ca/index
cat >ca/conf <<'END'
[ca]
default_ca = own
[own]
database = ca/index
default_md = sha256
default_crl_days = 30
END
new_key() {
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$1" 2>/dev/null
}
authority() { # NAME
	new_key "$1.key"
	openssl req -x509 -new -key "$1.key" -subj "/CN=$1" -days 30 -out "$1.pem"
}
client() { # NAME CA SUBJECT SERIAL SAN
	new_key "$1.key"
	openssl req -new -key "$1.key" -subj "$3" -out "$1.csr"
	openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -set_serial "$4" -days 30 \
		-extfile <(printf 'subjectAltName=%s\n[dir]\nC=DE\nCN=dir\n' "$5") \
		-out "$1.crt" 2>/dev/null
	cat "$1.crt" "$1.key" >"$1.both"
}
ingress() { # CAFILE [CRLFILE]
	python3 - "$@" >site/ingress-points/mutual.json <<'END'
import json, sys
store = {"CAContent": open(sys.argv[1]).read()}
if len(sys.argv) > 2:
    store["CrlContent"] = open(sys.argv[2]).read()
json.dump({"IngressPointName": "mutual", "Type": "MTLS", "RuleSetId": "r", "TrafficPolicyId": "p",
    "IngressPointConfiguration": {"TlsAuthConfiguration": {"TrustStore": store}}}, sys.stdout)
END
}
authority good
authority other
client alice good '/CN=alice/CN=second' 0x1001 \
	'DNS:a.example,email:a@b.example,URI:urn:x,IP:192.0.2.1,IP:2001:db8::1,RID:1.2.3.4,dirName:dir'
client revoked good /CN=revoked 0x1002 DNS:b.example
client stranger other /CN=stranger 0x1003 DNS:c.example

send() { # CLIENT
	talk <<END | tail -n 1
EHLO me.example
@cert $T/$1.both
@starttls $2
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
DATA
@send Subject: x
.
END
}

ingress good.pem
exit_is 'a check' 0 mm-smtpd -C site -i mutual --no-policy --check
smtpd main -C site -i mutual --no-policy -l tls:127.0.0.1:0 -- "$answer" "$T/stored"
is 'a certificate of the trust store' "$(send alice)" '250 2.0.0 stored'
date_of() { # -startdate | -enddate
	date -u -d "$(openssl x509 -in alice.crt -noout "$1" | sed 's/.*=//')" +%FT%T.000Z
}
is 'what it says' "$(grep -a ^cert stored | tr -d '\r')" "cert-cn: alice
cert-cn: second
cert-san-dns: a.example
cert-san-email: a@b.example
cert-san-uri: urn:x
cert-san-ip: 192.0.2.1
cert-san-ip: 2001:db8::1
cert-san-rid: 1.2.3.4
cert-san-dir: CN=dir,C=DE
cert-serial: 1001
cert-issuer: CN=good
cert-not-before: $(date_of -startdate)
cert-not-after: $(date_of -enddate)"
is 'with TLS 1.2' "$(send alice 1.2)" '250 2.0.0 stored'
wrapped() { # CLIENT
	talk "$(sed -n '2s/.* //p' main.port)" <<END | tail -n 1
@hello
@cert $T/$1.both
@tls
@read
END
}
is 'with TLS from the first octet' "$(wrapped alice)" '220 mx.test ESMTP mm-smtpd'
is 'where one of another CA gets no greeting either' "$(wrapped stranger)" '<eof>'
is 'one of another CA' "$(send stranger)" '<eof>'
is 'none' "$(talk <<'END' | tail -n 1
EHLO me.example
@starttls
EHLO me.example
END
)" '<eof>'
is 'no TLS' "$(talk <<'END' | tail -n 1
EHLO me.example
MAIL FROM:<a@b.example>
END
)" '530 5.7.0 must issue a STARTTLS command first'
is 'a certificate before it is revoked' "$(send revoked)" '250 2.0.0 stored'

openssl ca -config ca/conf -keyfile good.key -cert good.pem -revoke revoked.crt 2>/dev/null
openssl ca -config ca/conf -keyfile good.key -cert good.pem -gencrl -out good.crl 2>/dev/null
cat good.pem other.pem >both.pem
ingress both.pem good.crl
kill -HUP "$(cat main.pid)"
ok 'SIGHUP' wait_for 'reload' grep -q 'read again' main.log
is 'and after' "$(send revoked)" '<eof>'
is 'others of its CA' "$(send alice)" '250 2.0.0 stored'
is 'a CA without a CRL' "$(send stranger)" '250 2.0.0 stored'

openssl ca -config ca/conf -keyfile good.key -cert good.pem -gencrl -out old.crl \
	-crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z 2>/dev/null
ingress both.pem old.crl
smtpd expired -C site -i mutual --no-policy -- "$answer" "$T/stored"
is 'an expired CRL takes its CA with it' "$(send alice)" '<eof>'
like 'which is said' "$(logged expired 'left out')" 'ca="/CN=good" why="its CRL has expired"'
is 'and no other' "$(send stranger)" '250 2.0.0 stored'
ingress good.pem old.crl
exit_is 'no CA left' 75 mm-smtpd -C site -i mutual --no-policy -- "$answer"
ingress ca/conf
exit_is 'no PEM' 65 mm-smtpd -C site -i mutual --no-policy --check

done_testing
