#!/bin/bash
# SPF, DKIM, DMARC and the header field, on messages signed here.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-verdict openssl
need_python dkim

rsa_key one
rsa_key weak 512
rsa_key other
ed25519_key two
printf '{"Hostname": "mx.nutrition.example", "AuthservId": "nutrition.example"}\n' >"$T/site.json"
{
	echo 'example.org. IN A 192.0.2.1'
	echo 'mail.example.org. IN A 192.0.2.7'
	echo '7.2.0.192.in-addr.arpa. IN PTR mail.example.org.'
	txt example.org 'v=spf1 ip4:192.0.2.0/24 include:spf.example.net ~all'
	txt spf.example.net 'v=spf1 a:out.example.net exp=explain.example.net -all'
	echo 'out.example.net. IN A 198.51.100.9'
	txt one._domainkey.example.org "v=DKIM1; k=rsa; p=$(cat "$T/one.p")"
	txt two._domainkey.example.org "v=DKIM1; k=ed25519; p=$(cat "$T/two.p")"
	txt weak._domainkey.example.org "v=DKIM1; p=$(cat "$T/weak.p")"
	txt other._domainkey.example.org "v=DKIM1; p=$(cat "$T/other.p")"
	txt revoked._domainkey.example.org 'v=DKIM1; p='
	txt strict._domainkey.example.org "v=DKIM1; t=s; p=$(cat "$T/one.p")"
	txt _dmarc.example.org 'v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@example.org'
	txt _dmarc.strict.example 'v=DMARC1; p=quarantine; aspf=s; adkim=s; t=y'
	txt bounce.strict.example 'v=spf1 +all'
	txt strict.example 'v=spf1 -all'
	txt _dmarc.xn--mller-kva.example 'v=DMARC1; p=reject'
	txt xn--mller-kva.example 'v=spf1 ip4:192.0.2.7 -all'
	echo 'users.example. IN A 198.51.100.1'
	txt users.example 'v=spf1 a:%{l}.users.example -all'
	txt anyone.example 'v=spf1 a:users.example/0 -all'
} >"$T/zone"
export MM_ZONE=$T/zone MM_SITE=$T

printf '%s\r\n' 'From: Alice <alice@example.org>' 'To: bob@nutrition.example' \
	'Subject: cinnamon' 'Date: Sun, 22 Nov 2026 10:00:00 +0000' \
	'Message-ID: <1@example.org>' '' 'Twelve  sacks. ' '' '' >"$T/plain.eml"

verdict() {
	mm-verdict --ip 192.0.2.7 --helo mail.example.org --mail-from alice@example.org "$@"
}
results() {
	verdict --no-header "$@" | fields 'spf|dkim|dmarc|iprev'
}

sign one one example.org <"$T/plain.eml" >"$T/signed.eml"
is "all that can be found out, in order" "$(results "$T/signed.eml")" \
	"spf: pass domain=example.org
dkim: pass d=example.org s=one
dmarc: pass d=example.org policy=reject
iprev: pass name=mail.example.org"

is "not signed" "$(results "$T/plain.eml" | fields dkim)" "dkim: none"
sed 's/Twelve/Eleven/' "$T/signed.eml" >"$T/body.eml"
is "a body that was altered" "$(results "$T/body.eml" | fields dkim)" \
	'dkim: fail d=example.org s=one reason="body hash did not verify"'
sed 's/cinnamon/pepper/' "$T/signed.eml" >"$T/header.eml"
is "a header that was altered" "$(results "$T/header.eml" | fields dkim)" \
	'dkim: fail d=example.org s=one reason="signature did not verify"'

for canon in simple/simple simple/relaxed relaxed/simple; do
	sign one one example.org canon=$canon <"$T/plain.eml" >"$T/canon.eml"
	is "canonicalization $canon" "$(results "$T/canon.eml" | fields dkim)" \
		"dkim: pass d=example.org s=one"
done

sign two two example.org alg=ed25519-sha256 <"$T/signed.eml" >"$T/both.eml"
is "each signature has its result" "$(results "$T/both.eml" | fields dkim)" \
	"dkim: pass d=example.org s=two
dkim: pass d=example.org s=one"

{
	printf 'DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=one; h=from; bh=x; b=\r\n'
	printf 'DKIM-Signature: nonsense\r\n'
	printf 'DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=one; i=@example.org=; h=from;\r\n'
	printf ' bh=MTIzNA==; b=MTIzNA==\r\n'
	printf 'DKIM-Signature: v=1; a=rsa-sha1; d=example.org; s=one; h=from; bh=MTIz; b=MTIz\r\n'
	cat "$T/signed.eml"
} >"$T/malformed.eml"
is "malformed signatures do not spoil a good one" "$(results "$T/malformed.eml" | fields dkim)" \
	'dkim: neutral d=example.org s=one reason="invalid b= tag"
dkim: neutral reason="not a list of tags"
dkim: neutral d=example.org s=one reason="invalid i= tag"
dkim: permerror d=example.org s=one reason="rsa-sha1 is obsolete"
dkim: pass d=example.org s=one'

sign one none example.org <"$T/plain.eml" >"$T/nokey.eml"
sign one revoked example.org <"$T/nokey.eml" >"$T/nokey2.eml"
sign weak weak example.org <"$T/nokey2.eml" >"$T/nokey3.eml"
sign one other example.org <"$T/nokey3.eml" >"$T/nokey4.eml"
is "keys that do not serve" "$(results "$T/nokey4.eml" | fields dkim)" \
	'dkim: fail d=example.org s=other reason="signature did not verify"
dkim: permerror d=example.org s=weak reason="key of 512 bits, expected 1024 or more"
dkim: permerror d=example.org s=revoked reason="key revoked"
dkim: permerror d=example.org s=none reason="no key"'

sign one strict example.org identity=@sub.example.org <"$T/plain.eml" >"$T/strict.eml"
is "t=s forbids subdomains" "$(results "$T/strict.eml" | fields dkim)" \
	'dkim: permerror d=example.org s=strict reason="the key forbids subdomains in i="'

{
	printf 'From: Mallory <mallory@evil.example>\r\n'
	cat "$T/signed.eml"
} >"$T/two-from.eml"
is "a second From field" "$(results "$T/two-from.eml" | fields 'dkim|dmarc')" \
	'dkim: permerror d=example.org s=one reason="more than one From field"
dmarc: permerror'
{
	printf 'Subject: pepper\r\n'
	cat "$T/signed.eml"
} >"$T/two-subjects.eml"
is "a second Subject above the signed one" "$(results "$T/two-subjects.eml" | fields dkim)" \
	'dkim: permerror d=example.org s=one reason="more than one Subject field, not all signed"'

sed '/^Subject/i Send your password to evil.example.\r' "$T/signed.eml" >"$T/stray.eml"
is "a line that is no field among the signed ones" "$(results "$T/stray.eml" | fields dkim)" \
	'dkim: permerror d=example.org s=one reason="a line in the header is no field"'
{
	sed '/^\r$/,$d' "$T/signed.eml"
	yes $'A:\r' | head -n 10000
	printf 'From: Mallory <mallory@evil.example>\r\n'
	sed -n '/^\r$/,$p' "$T/signed.eml"
} >"$T/many-fields.eml"
is "a From field behind very many others" "$(results "$T/many-fields.eml" | fields 'dkim|dmarc')" \
	'dkim: permerror d=example.org s=one reason="too many header fields"
dmarc: permerror'

tr -d '\r' <"$T/signed.eml" >"$T/lf.eml"
is "line ends LF" "$(results "$T/lf.eml" | fields dkim)" "dkim: pass d=example.org s=one"
{
	printf 'mail 1 %d\nid: lf\n\n\n' $(($(stat -c %s "$T/lf.eml") + 1))
	cat "$T/lf.eml"
} | mm-verdict >"$T/out"
is "a message that begins with LF" "$(fields dkim <"$T/out")" "dkim: none"
sed 's/To: bob/To: \x00bob/' "$T/signed.eml" >"$T/nul.eml"
is "NUL in a signed header" "$(results "$T/nul.eml" | fields dkim)" \
	'dkim: fail d=example.org s=one reason="signature did not verify"'
for ((i = 0; i < 30; i++)); do sed -n '/^DKIM/,/^From/p' "$T/signed.eml" | sed '$d'; done |
	cat - "$T/plain.eml" >"$T/many.eml"
is "verified signatures are bounded" "$(results "$T/many.eml" | grep -c '^dkim: pass')" 5
is "reported ones too" "$(results "$T/many.eml" | grep -c '^dkim: policy')" 15
is "--max-signatures" "$(results --max-signatures 7 "$T/many.eml" | grep -c '^dkim: pass')" 7

differ=
for f in "$T"/*.eml; do
	[ "$(results "$f")" = "$(results --dkim-engine libopendkim "$f")" ] || differ+=" ${f##*/}"
done
is "both engines say the same of all these" "$differ" ""
exit_is "no such engine" 75 mm-verdict --dkim-engine none "$T/plain.eml"

spf() { # IP MAIL-FROM HELO
	printf 'mail 1 0\nid: s\nclient-ip: %s\nmail-from: <%s>\nhelo: %s\n\n' "$@" |
		mm-verdict | fields 'spf|dkim|dmarc'
}
is "an envelope alone has SPF only" "$(spf 192.0.2.9 a@example.org x.example)" \
	"spf: pass domain=example.org"
is "SPF through an include" "$(spf 198.51.100.9 a@example.org x)" "spf: pass domain=example.org"
is "SPF softfail" "$(spf 203.0.113.1 a@example.org x)" "spf: softfail domain=example.org"
is "SPF fail, its exp= leading nowhere" "$(spf 203.0.113.1 a@spf.example.net x)" \
	"spf: fail domain=spf.example.net"
is "SPF of the null path is that of HELO" "$(spf 198.51.100.9 '' spf.example.net)" \
	"spf: pass domain=spf.example.net"
is "no record" "$(spf 192.0.2.9 a@nowhere.example x)" "spf: none domain=nowhere.example"
is "SPF /0 matches any address" "$(spf 203.0.113.1 a@anyone.example x)" "spf: pass domain=anyone.example"
is "no local part plays its mark" "$(spf 203.0.113.1 mm-any-address@users.example x)" \
	"spf: fail domain=users.example"
is "loopback has no privilege" "$(spf 127.0.0.1 a@spf.example.net x)" \
	"spf: fail domain=spf.example.net"

sed 's/alice@example.org/alice@sub.example.org/' "$T/plain.eml" >"$T/sub.eml"
is "DMARC: a subdomain, aligned and relaxed" "$(results "$T/sub.eml" | fields dmarc)" \
	"dmarc: pass d=sub.example.org policy=quarantine"
is "DMARC: nothing aligned" "$(mm-verdict --no-header --ip 203.0.113.1 "$T/sub.eml" | fields dmarc)" \
	"dmarc: fail d=sub.example.org policy=quarantine applied=quarantine"
sed 's/alice@example.org/alice@strict.example/' "$T/plain.eml" >"$T/dmarc.eml"
is "DMARC: strict alignment, t=y" \
	"$(mm-verdict --no-header --ip 203.0.113.1 --mail-from x@bounce.strict.example "$T/dmarc.eml" |
		fields 'spf|dmarc')" \
	"spf: pass domain=bounce.strict.example
dmarc: fail d=strict.example policy=quarantine applied=none"
sed 's/^From: .*\r/From: a@example.org, b@evil.example\r/' "$T/plain.eml" >"$T/two-domains.eml"
is "DMARC: two domains in From" "$(results "$T/two-domains.eml" | fields dmarc)" "dmarc: permerror"

sed 's/^From: .*\r/From: <boss@example.org@evil.example>\r/' "$T/plain.eml" >"$T/two-ats.eml"
is "DMARC: two @ in From" "$(results "$T/two-ats.eml" | fields dmarc)" "dmarc: permerror"
sed 's/^From: .*\r/From: boss@Müller.example\r/' "$T/plain.eml" >"$T/idn.eml"
is "DMARC and SPF: U-labels" \
	"$(mm-verdict --no-header --ip 192.0.2.7 --mail-from 'x@müller.example' "$T/idn.eml" |
		fields 'spf|dmarc')
$(verdict --no-header "$T/idn.eml" | fields dmarc)" \
	"spf: pass domain=xn--mller-kva.example
dmarc: pass d=xn--mller-kva.example policy=reject
dmarc: fail d=xn--mller-kva.example policy=reject applied=reject"

given() {
	verdict --no-header --given --field 'dkim=pass d=example.org s=given' \
		--field 'spf=fail domain=evil.example' "$T/plain.eml" | fields 'spf|dkim|dmarc'
}
is "--given: DMARC by itself" "$(given)" \
	"spf: fail domain=evil.example
dkim: pass d=example.org s=given
dmarc: pass d=example.org policy=reject"
is "without it, what a record says is replaced" \
	"$(verdict --no-header --field 'dkim=pass d=evil.example s=x' "$T/plain.eml" | fields dkim)" \
	"dkim: none"
is "a queue's second attempt keeps the first verdict" \
	"$(verdict --no-header --field 'attempt=2' --field 'dkim=pass d=first.example s=x' \
		"$T/plain.eml" | fields dkim)" "dkim: pass d=first.example s=x"
is "in the header as at the first" \
	"$(for n in 1 2; do
		mm-verdict --mail-from '<>' --helo mail.example.org --ip 192.0.2.7 --field "attempt=$n" \
			--field 'spf=none domain=mail.example.org' "$T/plain.eml" |
			grep -a 'spf=' | sed 's/ [a-z]*$//'
	done | tr -d '\r' | uniq -c)" \
	"      2 	spf=none smtp.helo=mail.example.org;"
is "its first attempt does not" \
	"$(verdict --no-header --field 'attempt=1' --field 'dkim=pass d=first.example s=x' \
		"$T/plain.eml" | fields dkim)" "dkim: none"

message() { sed '1,/^$/d' | tr -d '\r'; }
verdict "$T/signed.eml" | message >"$T/out"
mark=$(tr -d '\r\n \t' <"$T/signed.eml" | grep -o ';b=.\{8\}' | head -n 1 | cut -c4-)
sed "s,header.b=\"*$mark\"*,header.b=MARK," "$T/out" | sed '/^DKIM/,$d' >"$T/header"
is "Authentication-Results" "$(cat "$T/header")" \
	"Authentication-Results: nutrition.example;
	spf=pass smtp.mailfrom=alice@example.org;
	spf=none smtp.helo=mail.example.org;
	dkim=pass header.d=example.org header.s=one header.b=MARK;
	dmarc=pass (p=reject) header.from=example.org;
	iprev=pass policy.iprev=192.0.2.7"
check_same "the rest is untouched" "sed '1,6d' $T/out" "tr -d '\r' <$T/signed.eml"

{
	printf 'Authentication-Results: nutrition.example; dkim=pass\r\n'
	printf 'authentication-results : (c (d)) NUTRITION.Example 1;\r\n\tspf=pass\r\n'
	printf 'Authentication-Results: "nutrition.example"; dmarc=pass\r\n'
	printf 'Authentication-Results: other.example; spf=pass\r\n'
	printf 'Authentication-Results: (open nutrition.example; spf=pass\r\n'
	printf 'Authentication-Results:\r\n nutrition.example./1; spf=pass\r\n'
	printf 'Authentication-Results: sub.nutrition.example; spf=pass\r\n'
	cat "$T/plain.eml"
} >"$T/forged.eml"
is "forged fields of our name are removed, others stay" \
	"$(verdict "$T/forged.eml" | message | grep -i '^authentication-results' | tail -n +2)" \
	"Authentication-Results: other.example; spf=pass
Authentication-Results: sub.nutrition.example; spf=pass"
is "--authserv-id" "$(verdict --authserv-id mine.example "$T/forged.eml" | message | head -n 1)" \
	"Authentication-Results: mine.example;"
check_same "--no-header leaves the message" \
	"mm-verdict --no-header $T/forged.eml | sed '1,/^\$/d'" "cat $T/forged.eml"

printf ' not a header\r\n' >"$T/headless.eml"
is "a message without a header does not become ours" \
	"$(mm-verdict "$T/headless.eml" | message | tail -n 2)" "
 not a header"

is "a report for people" "$(verdict -r --field id=x "$T/body.eml")" \
	"message x
           from Alice <alice@example.org>
           subject cinnamon
  spf    pass       ip4:192.0.2.0/24
           mail from example.org
           client 192.0.2.7
  spf    none       no SPF record
           helo mail.example.org
  dkim   fail       body hash did not verify
           domain example.org
           selector one
           differs the body; the header is as it was signed
           because no known kind of change
  dmarc  pass
           from example.org
           policy reject
  iprev  pass
           name mail.example.org"

printf 'From: a@b.example\r\nSubject: \033[2J \302\233 \233 \303\244\r\n\r\n' >"$T/controls.eml"
is "what moves a cursor is not in it" "$(verdict -r "$T/controls.eml" | grep -a subject)" \
	"           subject ?[2J ? ? ä"

exit_is "a timeout that is none" 75 mm-verdict --timeout soon "$T/plain.eml"
exit_is "a site.json that is none" 75 sh -c "printf '{' >$T/bad.json; mkdir $T/bad &&
	mv $T/bad.json $T/bad/site.json && mm-verdict -C $T/bad $T/plain.eml"
done_testing
