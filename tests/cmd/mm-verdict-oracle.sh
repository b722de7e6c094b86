#!/bin/bash
# DKIM and ARC against two independent implementations, on messages of many shapes:
# what we sign and seal they verify, and what they sign and seal we verify.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-verdict openssl perl
need_python dkim nacl authres
oracle() { "$python" "$top/tests/tools/dkim-oracle.py" "$@"; }
other() { perl "$top/tests/tools/dkim-oracle.pl" "$@"; }

messages=${MESSAGES:-150}
rsa_key rsa 1024
ed25519_pem ed
chmod 600 "$T"/*.pem
mkdir "$T/dkim-keys"
printf '{"Hostname": "mx.example.org"}\n' >"$T/site.json"
for k in rsa ed; do
	printf '{"Domain": "example.org", "Selector": "%s", "PrivateKey": "%s"}\n' $k "$T/$k.pem" \
		>"$T/dkim-keys/$k.json"
done
{
	echo "rsa._domainkey.example.org v=DKIM1; k=rsa; p=$(cat "$T/rsa.p")"
	echo "ed._domainkey.example.org v=DKIM1; k=ed25519; p=$(cat "$T/ed.p")"
} >"$T/names"
while read -r name text; do
	txt "$name" "$text"
done <"$T/names" >"$T/zone"
export MM_ZONE=$T/zone MM_SITE=$T

oracle messages "$messages" 1 >"$T/plain"
mm-verdict sign <"$T/plain" >"$T/signed" 2>"$T/err"
is "every message is signed twice" "$(grep -ac '^signed: ' "$T/signed")" $((2 * messages))
oracle verify "$T/names" <"$T/signed" >"$T/verified"
is "dkimpy verifies what we sign" "$(cut -d' ' -f2- "$T/verified" | sort | uniq -c | sed 's/^ *//')" \
	"$messages dkim=pass,pass arc=none"
mm-verdict --no-header <"$T/signed" | grep -a '^dkim: ' | cut -d' ' -f2 | sort | uniq -c >"$T/out"
is "so do we" "$(sed 's/^ *//' "$T/out")" "$((2 * messages)) pass"

for canon in simple/simple simple/relaxed relaxed/simple; do
	sed -i "s,{\|{\"Canonicalization\": [^ ]* ,{\"Canonicalization\": \"$canon\"\, ," "$T/dkim-keys/rsa.json"
	mm-verdict sign <"$T/plain" 2>/dev/null | oracle verify "$T/names" >"$T/verified"
	is "dkimpy verifies $canon" "$(cut -d' ' -f2- "$T/verified" | sort | uniq -c | sed 's/^ *//')" \
		"$messages dkim=pass,pass arc=none"
done

oracle sign "$T/rsa.pem" rsa example.org <"$T/plain" >"$T/theirs"
for engine in native libopendkim; do
	is "$engine verifies what dkimpy signs" \
		"$(mm-verdict --no-header --dkim-engine $engine <"$T/theirs" | grep -a '^dkim: ' |
			sort | uniq -c | sed 's/^ *//')" "$messages dkim: pass d=example.org s=rsa"
done

mm-verdict <"$T/signed" | mm-verdict seal >"$T/sealed"
is "every message is sealed" "$(grep -ac '^sealed: i=1 d=example.org s=rsa cv=none$' "$T/sealed")" \
	"$messages"
is "dkimpy validates what we seal" \
	"$(oracle verify "$T/names" <"$T/sealed" | cut -d' ' -f2- | sort | uniq -c | sed 's/^ *//')" \
	"$messages dkim=pass,pass arc=pass"
mm-verdict <"$T/sealed" | mm-verdict seal >"$T/sealed2"
is "sealed twice" \
	"$(oracle verify "$T/names" <"$T/sealed2" | cut -d' ' -f2- | sort | uniq -c | sed 's/^ *//')" \
	"$messages dkim=pass,pass arc=pass"
oracle seal "$T/rsa.pem" rsa example.org mx.example.org <"$T/plain" >"$T/theirs"
is "we validate what dkimpy seals" \
	"$(mm-verdict --no-header <"$T/theirs" | grep -a '^arc: ' | sort | uniq -c | sed 's/^ *//')" \
	"$messages arc: pass d=example.org i=1"

if perl -MMail::DKIM::ARC::Signer -e 1 2>/dev/null; then
	# Mail::DKIM of Debian 12 knows no ed25519
	is "Mail::DKIM verifies what we sign and seal" \
		"$(other verify "$T/names" <"$T/sealed2" | cut -d' ' -f2- | sed 's/,invalid /,pass /' |
			sort | uniq -c | sed 's/^ *//')" "$messages dkim=pass,pass arc=pass"
	other sign "$T/rsa.pem" rsa example.org <"$T/plain" >"$T/theirs"
	is "we verify what Mail::DKIM signs" \
		"$(mm-verdict --no-header <"$T/theirs" | grep -a '^dkim: ' | sort | uniq -c |
			sed 's/^ *//')" "$messages dkim: pass d=example.org s=rsa"
	other seal "$T/rsa.pem" rsa example.org mx.example.org <"$T/plain" >"$T/theirs"
	is "we validate what Mail::DKIM seals" \
		"$(mm-verdict --no-header <"$T/theirs" | grep -a '^arc: ' | sort | uniq -c |
			sed 's/^ *//')" "$messages arc: pass d=example.org i=1"
else
	pass "Mail::DKIM # SKIP libmail-dkim-perl is not installed"
fi
done_testing
