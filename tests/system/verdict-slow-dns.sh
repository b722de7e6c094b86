#!/bin/bash
# A sender whose own DNS takes its time does not get out of somebody else's policy.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-verdict
need_python dns

printf '{"Hostname": "mx.example"}\n' >"$T/site.json"
start dns "$python" "$top/tests/tools/slow-dns.py" '_dmarc.victim.example=v=DMARC1; p=reject'
wait_for "the DNS server's port" test -s "$T/dns.log"
MM_RESOLVER=127.0.0.1@$(head -n 1 "$T/dns.log")
export MM_RESOLVER MM_SITE=$T

for domain in victim.example sub.victim.example; do
	printf 'From: boss@%s\r\n\r\nPay.\r\n' "$domain" >"$T/m.eml"
	is "From $domain" "$(mm-verdict --no-header --timeout 1s --ip 192.0.2.1 --field client-name=x \
		--mail-from '<x@slow.evil.example>' "$T/m.eml" | fields 'spf|dmarc')" \
		"spf: temperror domain=slow.evil.example
dmarc: fail d=$domain policy=reject applied=reject"
done

# libunbound itself would give up after 17 seconds
started=$SECONDS
printf 'mail 1 0\nid: a\nclient-ip: 192.0.2.1\nclient-name: x\nmail-from: <x@slow.example>\n\n' >"$T/a"
is "a dead server, without --timeout" "$(mm-verdict <"$T/a" | fields spf)" \
	"spf: temperror domain=slow.example"
ok "holds a message for five seconds" test $((SECONDS - started)) -lt 12
done_testing
