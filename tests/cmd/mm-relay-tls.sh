#!/bin/bash
# mm-relay: the TLS policy of a relay and of a recipient's domain.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/smtp.sh"
need mm-relay python3 openssl

export MM_SITE=$T/site MM_ZONE=$T/zone
mkdir -p "$MM_SITE/relays"
certificate "$T/cert" localhost
certificate "$T/other" mail.example
export SSL_CERT_FILE=$T/other.crt
print=$(openssl x509 -in "$T/cert.crt" -outform DER | sha256sum | cut -c 1-64)
key=$(openssl x509 -in "$T/cert.crt" -pubkey -noout | openssl pkey -pubin -outform DER |
	openssl dgst -sha256 -c | sed 's/.*= //')
none=$(printf '0%.0s' {1..64})
printf 'From: a@example.org\r\nTo: b@example.net\r\n\r\nhello\r\n' >"$T/msg"

smtp_sink tls --cert "$T/cert" --ehlo REQUIRETLS
p=$port
smtp_sink clear
c=$port
relay() { # NAME PORT MORE
	echo "{\"RelayName\": \"$1\", \"ServerName\": \"localhost\", \"ServerPort\": $2, \"Authentication\":
		{\"NoAuthentication\": {}}, $3}" >"$MM_SITE/relays/$1.json"
}
# NAME | members | exit | field and what it is
while IFS='|' read -r name members code field expected; do
	relay r "$p" "$members"
	exit_is "$name" "$code" mm-relay r --mail-from '<a@example.org> REQUIRETLS' --rcpt-to b@example.net "$T/msg"
	is "$name: says so" "$(fields "$field" "$T/.out")" "$field: $expected"
done <<X
the certificate's fingerprint|"TlsFingerprints": ["$none", "$print"]|0|relayed|<b@example.net> relay=r host=localhost ip=127.0.0.1 tls=TLSv1.3 verified=fingerprint
the key's fingerprint|"TlsPolicy": "FINGERPRINT", "TlsFingerprints": ["$key"]|0|relayed|<b@example.net> relay=r host=localhost ip=127.0.0.1 tls=TLSv1.3 verified=fingerprint
another fingerprint|"TlsFingerprints": ["$none"]|75|reply|451 4.7.5 the server's certificate: its fingerprint is another
REQUIRETLS needs more than encryption|"TlsPolicy": "ENCRYPT"|77|reply|550 5.7.30 REQUIRETLS support required, with a verified server
X
relay r "$p" '"TlsPolicy": "FINGERPRINT"'
exit_is "FINGERPRINT without any: the mail waits" 75 mm-relay r --mail-from a@example.org --rcpt-to b@example.net "$T/msg"
like "and says what is missing" "$(cat "$T/.err")" 'r.json: expected fingerprints for the TLS policy FINGERPRINT'
relay r "$p" '"TlsFingerprints": ["12"]'
exit_is "no fingerprint: the mail waits" 75 mm-relay r --mail-from a@example.org --rcpt-to b@example.net "$T/msg"
relay r "$p" "\"TlsPolicy\": \"VERIFY\", \"CaFile\": \"$T/cert.crt\", \"TlsNames\": [\"x.example\", \"localhost\"]"
exit_is "any of the names will do" 0 mm-relay r --mail-from a@example.org --rcpt-to b@example.net "$T/msg"

# domains
cat >"$MM_ZONE" <<'Z'
. 3600 IN SOA a. b. 1 3600 600 86400 60
verified.example. IN MX 10 mail.example.
named.example. IN MX 10 alias.example.
sub.named.example. IN MX 10 alias.example.
wrong.example. IN MX 10 alias.example.
wrong.example. IN MX 20 mail.example.
printed.example. IN MX 10 mail.example.
open.example. IN MX 10 mail.example.
mail.example. IN A 127.0.0.2
alias.example. IN A 127.0.0.2
Z
cat >"$MM_SITE/site.json" <<Z
{ "Hostname": "gw.example.org", "TlsPolicies": [
	{ "Domain": "verified.example", "Policy": "VERIFY" },
	{ "Domain": "named.example", "Policy": "VERIFY", "Names": ["mail.example"] },
	{ "Domain": "*.named.example", "Policy": "NONE" },
	{ "Domain": "printed.example", "Policy": "FINGERPRINT", "Fingerprints": ["$none"], "Port": $c },
	{ "Domain": "wrong.example", "Policy": "VERIFY" } ] }
Z
smtp_sink mx --cert "$T/other" --listen "127.0.0.2:$p" --ehlo REQUIRETLS
try() { # NAME CODE EXPECTED RCPT [PARAMETER]
	exit_is "$1" "$2" mm-relay --mx --port "$p" --mail-from "<a@example.org> ${5-}" --rcpt-to "$4" "$T/msg"
	is "$1: the result" "$(fields 'result|relayed' "$T/.out" | sed 's/ stored as.*//; s/.*host=/host=/')" "$3"
}
try "a domain to be verified" 0 'result: <x@verified.example> ok 250 2.0.0
host=mail.example ip=127.0.0.2 tls=TLSv1.3 verified=pkix' x@verified.example
try "by a name of the table" 0 'result: <x@named.example> ok 250 2.0.0
host=alias.example ip=127.0.0.2 tls=TLSv1.3 verified=pkix' x@named.example
try "the domains below it" 0 'result: <x@sub.named.example> ok 250 2.0.0
host=alias.example ip=127.0.0.2 tls=none' x@sub.named.example
try "a wrong name leaves it to the next exchanger" 0 'result: <x@wrong.example> ok 250 2.0.0
host=mail.example ip=127.0.0.2 tls=TLSv1.3 verified=pkix' x@wrong.example
try "a port, where nobody listens" 75 'result: <x@printed.example> tempfail 451 4.4.1 cannot connect: Connection refused' x@printed.example
try "REQUIRETLS goes where the table vouches for the name" 0 'result: <x@named.example> ok 250 2.0.0
host=alias.example ip=127.0.0.2 tls=TLSv1.3 verified=pkix' x@named.example REQUIRETLS
for domain in verified open; do
	try "REQUIRETLS does not go to $domain.example" 77 "result: <x@$domain.example> permfail 550 5.7.30 REQUIRETLS support required, with a verified server" \
		"x@$domain.example" REQUIRETLS
done
is "dry run" "$(mm-relay -n --mx --port "$p" x@named.example x@open.example | sort)" \
	"<x@named.example> relay=mx reason=mx tls=verify by=tls-policy 10:alias.example[127.0.0.2]:$p
<x@open.example> relay=mx reason=mx tls=may 10:mail.example[127.0.0.2]:$p"
echo '{"TlsPolicies": [{"Domain": "a.example", "Policy": "MAY"}, {"Domain": "A.example", "Policy": "NONE"}]}' >"$MM_SITE/site.json"
exit_is "a domain twice" 75 mm-relay -n --mx x@open.example
like "is told" "$(cat "$T/.err")" 'site.json: TlsPolicies\[1\]: expected each domain once'
done_testing
