#!/bin/bash
# SPF for people: which term of which record decided; and what depends on the order of
# records in an answer.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-verdict

printf '{"Hostname": "mx.example"}\n' >"$T/site.json"
{
	txt outer.example 'v=spf1 ip4:203.0.113.0/24 include:inner.example -include:bad.example redirect=last.example'
	txt inner.example 'v=spf1 ?ip4:198.51.100.1 redirect=pool.example'
	txt pool.example 'v=spf1 a:host.example/28 -all'
	txt bad.example 'v=spf1 ip4:192.0.2.66'
	txt last.example 'v=spf1 ~all exp=why.example'
	txt strict.example 'v=spf1 -all exp=why.example'
	txt why.example '%{i} may not \"speak\" for %{d}'
	txt typo.example 'v=spf1 include:typo2.example -all'
	txt typo2.example 'v=spf1 ipv4:192.0.2.1 -all'
	txt void.example 'v=spf1 a:a.example include:voids.example -all'
	txt voids.example 'v=spf1 a:b.example mx:c.example -all'
	txt empty.example 'v=spf1 ip4:203.0.113.1'
	txt lost.example 'v=spf1 include:nothing.example -all'
	echo 'host.example. IN A 198.51.100.17'
	txt ptr.example 'v=spf1 ptr -all'
	for i in 0 1 2 3 4 5 6 7 8; do
		printf '%s.2.0.192.in-addr.arpa. IN PTR p%d.example.\n' 9 "$i" 10 "$i"
		echo "p$i.example. IN A 203.0.113.9"
	done
	echo '9.2.0.192.in-addr.arpa. IN PTR ten.ptr.example.'
	echo '10.2.0.192.in-addr.arpa. IN PTR p9.example.'
	echo '10.2.0.192.in-addr.arpa. IN PTR ten.ptr.example.'
	echo 'ten.ptr.example. IN A 192.0.2.9'
	echo 'ten.ptr.example. IN A 192.0.2.10'
	txt near.example 'v=spf1 exists:%{p}.p.example -all'
	echo '11.2.0.192.in-addr.arpa. IN PTR other.example.'
	echo '11.2.0.192.in-addr.arpa. IN PTR sub.near.example.'
	echo 'other.example. IN A 192.0.2.11'
	echo 'sub.near.example. IN A 192.0.2.11'
	echo 'sub.near.example.p.example. IN A 127.0.0.2'
} >"$T/zone"
export MM_ZONE=$T/zone MM_SITE=$T
printf 'From: a@b.example\r\n\r\n' >"$T/m.eml"

why() { # IP DOMAIN [OPTION...]
	mm-verdict -r --ip "$1" --helo x --mail-from "a@$2" "${@:3}" "$T/m.eml" |
		sed -n 's/^  spf *//p' | sed 's/  */ /'
}
is "a term of the first record" "$(why 203.0.113.5 outer.example)" "pass ip4:203.0.113.0/24"
is "a term behind an include and a redirect" "$(why 198.51.100.18 outer.example)" \
	"pass include:inner.example > redirect=pool.example > a:host.example/28"
is "an include that says no for another" "$(why 192.0.2.66 outer.example)" \
	"fail -include:bad.example > ip4:192.0.2.66"
is "a neutral term of an include decides nothing" "$(why 198.51.100.1 outer.example)" \
	"softfail redirect=last.example > ~all"
is "no term at all" "$(why 192.0.2.1 empty.example)" "neutral no mechanism matches"
is "a malformed term" "$(why 192.0.2.1 typo.example)" \
	"permerror include:typo2.example > invalid mechanism: ipv4:192.0.2.1"
is "a limit" "$(why 192.0.2.1 void.example)" \
	"permerror include:voids.example > mx:c.example: more than 2 DNS lookups without an answer"
is "an include of nothing" "$(why 192.0.2.1 lost.example)" \
	"permerror include:nothing.example > no SPF record"
is "no record" "$(why 192.0.2.1 nothing.example)" "none no SPF record"
is "libspf2 gives the same result" "$(why 198.51.100.18 outer.example --spf-engine libspf2)" "pass"

is "the tenth name of a client counts" "$(why 192.0.2.9 ptr.example)" "pass ptr"
is "the eleventh does not" "$(why 192.0.2.10 ptr.example)" "fail -all"
is "of a client's names the one within the domain is p" "$(why 192.0.2.11 near.example)" \
	"pass exists:%{p}.p.example"

strict() { mm-verdict --ip 192.0.2.1 --helo x --mail-from a@strict.example "$@" "$T/m.eml"; }
is "an explanation is in the record" "$(strict --no-header | fields spf)" \
	"spf: fail domain=strict.example explanation=\"192.0.2.1 may not 'speak' for strict.example\""
is "and in the report" "$(strict -r | grep 'domain says')" \
	"           the domain says 192.0.2.1 may not \"speak\" for strict.example"
is "and kept at a queue's second attempt" \
	"$(strict --no-header --field attempt=2 --field 'spf=fail domain=x.example explanation="go away"' |
		fields spf)" 'spf: fail domain=x.example explanation="go away"'
is "Authentication-Results says which term" "$(strict | tr -d '\r' | grep -a 'spf=')" \
	'	spf=fail reason=-all smtp.mailfrom=a@strict.example;'
check() { # IP MAIL-FROM HELO [OPTION...]
	mm-verdict --no-header --ip "$1" --mail-from "$2" --helo "$3" "${@:4}" "$T/m.eml" |
		fields 'spf|spf-helo|dmarc'
}
is "HELO is checked beside MAIL FROM" \
	"$(check 203.0.113.1 a@strict.example empty.example --field 'spf-helo=pass domain=x.example')" \
	"spf: fail domain=strict.example explanation=\"203.0.113.1 may not 'speak' for strict.example\"
spf-helo: pass domain=empty.example
dmarc: none d=b.example"
is "and in Authentication-Results" \
	"$(mm-verdict --ip 203.0.113.1 --mail-from a@nothing.example --helo strict.example \
		"$T/m.eml" | tr -d '\r' | grep -a 'spf=')" \
	"	spf=none smtp.mailfrom=a@nothing.example;
	spf=fail reason=-all smtp.helo=strict.example;"
is "not for the null path, whose SPF it is" \
	"$(check 203.0.113.1 '<>' empty.example --field 'spf-helo=pass domain=x.example')" \
	"spf: pass domain=empty.example
dmarc: none d=b.example"
is "not for what is no name" "$(check 203.0.113.1 a@empty.example '[203.0.113.1]')" \
	"spf: pass domain=empty.example
dmarc: none d=b.example"

printf '# forwarders\n\n192.0.2.0/24 # a network\n2001:db8::1\n' >"$T/allow"
is "a client that is allowed" "$(check 192.0.2.200 a@strict.example empty.example --spf-allow "$T/allow")" \
	"spf: pass domain=strict.example local=yes
dmarc: none d=b.example"
is "in Authentication-Results" "$(strict --spf-allow "$T/allow" | tr -d '\r' | grep -a 'spf=')" \
	'	spf=pass reason="client is in SpfAllow" smtp.mailfrom=a@strict.example;'
printf '{"Hostname": "mx.example", "SpfAllow": ["198.51.100.7", "2001:db8::/32"]}\n' >"$T/site.json"
is "SpfAllow of site.json" "$(for ip in 198.51.100.7 198.51.100.8 2001:db8:1::; do
	check $ip a@strict.example x
done | cut -d' ' -f 1,2 | uniq -c | tr -s ' ')" " 1 spf: pass
 1 dmarc: none
 1 spf: fail
 1 dmarc: none
 1 spf: pass
 1 dmarc: none"
{
	cat "$T/zone"
	txt _dmarc.strict.example 'v=DMARC1; p=reject'
} >"$T/zone2"
printf 'From: a@strict.example\r\n\r\n' >"$T/m2.eml"
is "what we allow is no domain's word to DMARC" \
	"$(MM_ZONE=$T/zone2 mm-verdict --no-header --ip 198.51.100.7 --mail-from a@strict.example \
		"$T/m2.eml" | fields 'spf|dmarc')" \
	"spf: pass domain=strict.example local=yes
dmarc: fail d=strict.example policy=reject applied=reject"
printf '192.0.2.0/24\n192.0.2.0/33\n' >"$T/allow"
exit_is "a list with a network that is none" 75 mm-verdict --spf-allow "$T/allow" "$T/m.eml"
is "says where" "$(grep -o 'allow:2: expected an IP address or a network such as 192.0.2.0/24, found 192.0.2.0/33' "$T/.err")" \
	"allow:2: expected an IP address or a network such as 192.0.2.0/24, found 192.0.2.0/33"
exit_is "an engine that is none" 75 mm-verdict --spf-engine none "$T/m.eml"
done_testing
