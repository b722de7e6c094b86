#!/bin/bash
# ARC: chains that are sealed here, what breaks them, whom one trusts.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-verdict openssl

rsa_key one 1024
rsa_key weak 512
ed25519_pem ed
mkdir "$T/dkim-keys" "$T/secrets"
cp "$T/one.pem" "$T/ed.pem" "$T/secrets"
chmod 600 "$T"/*.pem "$T"/secrets/*
for d in list.example forwarder.example; do
	printf '{"Domain": "%s", "Selector": "one", "PrivateKey": "one.pem"}\n' $d >"$T/dkim-keys/$d.json"
done
printf '{"Domain": "edwards.example", "Selector": "ed", "PrivateKey": "ed.pem"}\n' \
	>"$T/dkim-keys/ed.json"
site() { # [MEMBERS]
	printf '{"Hostname": "mx.list.example"%s}\n' "${1-}" >"$T/site.json"
}
site
{
	for d in list.example forwarder.example author.example; do
		txt one._domainkey.$d "v=DKIM1; p=$(cat "$T/one.p")"
	done
	txt ed._domainkey.edwards.example "v=DKIM1; k=ed25519; p=$(cat "$T/ed.p")"
	txt weak._domainkey.list.example "v=DKIM1; p=$(cat "$T/weak.p")"
	txt author.example 'v=spf1 ip4:192.0.2.7 -all'
	txt _dmarc.author.example 'v=DMARC1; p=reject'
} >"$T/zone"
export MM_ZONE=$T/zone MM_SITE=$T

printf '%s\r\n' 'From: Alice <alice@author.example>' 'To: list@list.example' \
	'Subject: cinnamon' 'Date: Sun, 22 Nov 2026 10:00:00 +0000' \
	'Message-ID: <1@author.example>' '' 'Twelve sacks.' >"$T/plain.eml"

message() { sed '1,/^$/d'; }
# The record that our gateway sees, and what it makes of it.
received() { mm-verdict --ip 192.0.2.7 --mail-from alice@author.example "$@"; }
arc() { mm-verdict --no-header "$@" 2>/dev/null | fields arc; }

is "no chain" "$(arc "$T/plain.eml")" "arc: none"
received "$T/plain.eml" | mm-verdict seal >"$T/1.str"
message <"$T/1.str" >"$T/1.eml"
is "the first set" "$(fields sealed <"$T/1.str")" "sealed: i=1 d=list.example s=one cv=none"
is "it passes" "$(arc "$T/1.eml")" "arc: pass d=list.example i=1"
is "it says what was found" "$(tr -d '\r' <"$T/1.eml" |
	sed -n '/^ARC-Auth/,/^Auth/p' | sed '$d')" "ARC-Authentication-Results: i=1; mx.list.example;
	spf=pass smtp.mailfrom=alice@author.example;
	dkim=none;
	dmarc=pass (p=reject) header.from=author.example;
	iprev=permerror policy.iprev=192.0.2.7"
is "the chain in Authentication-Results" \
	"$(mm-verdict "$T/1.eml" | tr -d '\r' | grep -a '^	arc')" "	arc=pass (i=1) header.d=list.example;"
is "and in the report" "$(mm-verdict -r "$T/1.eml" | grep -A1 '^  arc')" "  arc    pass
           domain list.example"

# The record is believed: what was done to the message here does not count.
mm-verdict "$T/1.eml" | sed 's/Twelve/Eleven/' | mm-verdict seal --domain forwarder.example >"$T/2.str"
message <"$T/2.str" >"$T/2.eml"
is "the second set, over a message altered here" "$(fields sealed <"$T/2.str")" \
	"sealed: i=2 d=forwarder.example s=one cv=pass"
is "passes" "$(arc "$T/2.eml")" "arc: pass d=forwarder.example i=2"
is "without a record the chain is validated" \
	"$(mm-verdict seal "$T/2.eml" | fields sealed)" "sealed: i=3 d=list.example s=one cv=pass"

mm-verdict seal --domain edwards.example "$T/2.eml" | message >"$T/3.eml"
is "ed25519" "$(arc "$T/3.eml")" "arc: pass d=edwards.example i=3"

broken() { # NAME EXPRESSION REASON
	sed "$2" "$T/2.eml" >"$T/broken.eml"
	is "$1" "$(arc "$T/broken.eml")" "arc: fail $3"
}
two='d=forwarder.example i=2'
broken "a body that was altered" 's/Eleven/Ten/' \
	"$two reason=\"message signature 2: body hash did not verify\""
broken "a header that was altered" 's/cinnamon/pepper/' \
	"$two reason=\"message signature 2: signature did not verify\""
broken "results that were altered" 's/spf=pass/spf=fail/' \
	"$two reason=\"seal 1: signature did not verify\""
broken "a set that is not whole" '/^ARC-Authentication-Results: i=1/s/ARC-/X-/' \
	'i=2 reason="a set of ARC is not whole"'
broken "a set twice" '/^ARC-Authentication-Results: i=1/s/i=1/i=2/' \
	'i=2 reason="two fields of ARC with the same i="'
broken "no instance" '/^ARC-Authentication-Results: i=1/s/i=1/i=/' \
	'i=2 reason="a field of ARC without a valid i="'
broken "instance 51" '/^ARC-Authentication-Results: i=1/s/i=1/i=51/' \
	'i=2 reason="a field of ARC without a valid i="'
broken "a gap" 's/^\(ARC-[A-Z].*\) i=2;/\1 i=3;/' 'i=3 reason="a set of ARC is not whole"'
broken "the first says cv=pass" 's/cv=none/cv=pass/' 'i=2 reason="the first seal without cv=none"'
broken "the second says cv=none" 's/cv=pass/cv=none/' 'i=2 reason="a later seal without cv=pass"'
broken "the newest says cv=fail" 's/cv=pass/cv=fail/' 'i=2 reason="the newest seal says cv=fail"'
broken "no key" '/^ARC-Seal: i=2/,/^ARC-M/s/s=one/s=none/' \
	"$two reason=\"seal 2: no key\""
broken "a key too small" '/^ARC-Seal: i=1/,/^ARC-M/s/s=one/s=weak/' \
	"$two reason=\"seal 1: key of 512 bits, expected 1024 or more\""
broken "a seal with h=" '/^ARC-Seal: i=2/s/i=2;/i=2; h=from;/' \
	"$two reason=\"seal 2: a seal with an h= tag\""
broken "a line that is no field" 's/^Subject/stray\r\n&/' \
	'i=2 reason="a line in the header is no field"'

# Section 5.1.2: a broken chain is sealed by a set that stands for itself, once.
sed 's/spf=pass/spf=fail/' "$T/2.eml" >"$T/broken.eml"
mm-verdict "$T/broken.eml" | mm-verdict seal >"$T/failed.str"
is "a broken chain is sealed as such" "$(fields sealed <"$T/failed.str")" \
	"sealed: i=3 d=list.example s=one cv=fail"
message <"$T/failed.str" >"$T/failed.eml"
is "and stays broken" "$(arc "$T/failed.eml")" 'arc: fail i=3 reason="the newest seal says cv=fail"'
mm-verdict --no-header "$T/failed.eml" >"$T/failed.str"
mm-verdict seal <"$T/failed.str" >"$T/out" 2>"$T/err"
ok "nothing more is added" cmp -s "$T/failed.str" "$T/out"
ok "the log says why" grep -q 'not sealed.*the chain says cv=fail already' "$T/err"

cp "$T/1.eml" "$T/long.eml"
for ((i = 2; i <= 50; i++)); do
	mm-verdict seal --field "arc=pass d=list.example i=$((i - 1))" "$T/long.eml" | message >"$T/longer.eml"
	mv "$T/longer.eml" "$T/long.eml"
done
is "50 sets pass" "$(arc "$T/long.eml")" "arc: pass d=list.example i=50"
is "there is no 51st" "$(mm-verdict seal "$T/long.eml" 2>&1 | grep -ac 'as long as can be')" 1

sed 's/^Received/X&/' "$T/plain.eml" | tr -d '\r' >"$T/lf.eml"
{
	printf 'mail 1 %d\nid: x\n\n' "$(stat -c %s "$T/lf.eml")"
	cat "$T/lf.eml"
} >"$T/lf"
mm-verdict seal <"$T/lf" >"$T/out" 2>"$T/err"
ok "line ends LF are not sealed" cmp -s "$T/lf" "$T/out"

# A list that breaks DMARC, from another address than the author's.
forwarded() { mm-verdict --no-header --ip 203.0.113.1 "$@" | fields 'arc|dmarc'; }
is "a sealer that is not trusted" "$(forwarded "$T/2.eml")" \
	"arc: pass d=forwarder.example i=2
dmarc: fail d=author.example policy=reject applied=reject"
site ', "ArcTrustedSealers": ["forwarder.example"]'
is "trusted, but it found DMARC to fail itself" "$(forwarded "$T/2.eml")" \
	"arc: pass d=forwarder.example i=2 trusted=yes
dmarc: fail d=author.example policy=reject applied=reject"
site ', "ArcTrustedSealers": ["forwarder.example", "LIST.example"]'
is "trusted as far as one that found it to pass" "$(forwarded "$T/2.eml")" \
	"arc: pass d=forwarder.example i=2 trusted=yes
dmarc: fail d=author.example policy=reject applied=none override=trusted_forwarder"
if command -v sqlite3 >/dev/null; then
	forwarded --dmarc-log "$T/dmarc.db" "$T/2.eml" >"$T/out"
	is "an aggregate report tells why" \
		"$(sqlite3 "$T/dmarc.db" 'SELECT disposition, overrides FROM messages')" \
		"none|trusted_forwarder sealed by forwarder.example"
fi
is "in Authentication-Results" \
	"$(mm-verdict --ip 203.0.113.1 "$T/2.eml" | tr -d '\r' | grep -a '^	dmarc=fail' | head -n 1)" \
	"	dmarc=fail (p=reject dis=none) reason=\"trusted forwarder\""
is "a record that says so is read again" \
	"$(mm-verdict --ip 203.0.113.1 --no-header "$T/2.eml" | mm-verdict --given | fields 'arc|dmarc')" \
	"$(forwarded "$T/2.eml")"
sed 's/alice@author/alice@other.author/' "$T/1.eml" >"$T/broken.eml"
is "a chain that failed is trusted by nobody" "$(forwarded "$T/broken.eml" | grep -c trusted)" 0
site ', "ArcTrustedSealers": "all"'
exit_is "a list that is none" 75 mm-verdict "$T/plain.eml"
done_testing
