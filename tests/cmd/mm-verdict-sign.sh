#!/bin/bash
# mm-verdict sign: which keys sign, what they sign, what is not signed.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-verdict openssl

for k in old new wide; do rsa_key $k 1024; done
ed25519_pem ed
mkdir "$T/dkim-keys" "$T/secrets"
cp "$T"/*.pem "$T/secrets"
chmod 600 "$T"/secrets/*
printf '{"Hostname": "mx.example.org"}\n' >"$T/site.json"
{
	for k in old new wide; do txt $k._domainkey.example.org "v=DKIM1; p=$(cat "$T/$k.p")"; done
	txt ed._domainkey.example.org "v=DKIM1; k=ed25519; p=$(cat "$T/ed.p")"
	txt new._domainkey.other.example "v=DKIM1; p=$(cat "$T/new.p")"
} >"$T/zone"
export MM_ZONE=$T/zone MM_SITE=$T

key() { # NAME SELECTOR DOMAIN FILE [MEMBERS]
	printf '{"Selector": "%s", "Domain": "%s", "PrivateKey": "%s"%s}\n' "$2" "$3" "$4" "${5-}" \
		>"$T/dkim-keys/$1.json"
}
printf '%s\r\n' 'From: Alice <alice@example.org>' 'To: bob@nutrition.example' \
	'Subject: cinnamon' 'X-Own: 1' '' 'Twelve sacks.' >"$T/plain.eml"
signed() {
	mm-verdict sign "$@" 2>"$T/err" | fields signed
}
checked() { # MESSAGE...: signed and checked again, by both engines
	local engine
	mm-verdict sign "$@" 2>/dev/null >"$T/out.str"
	for engine in native libopendkim; do
		mm-verdict --dkim-engine $engine <"$T/out.str" | fields dkim
	done | sort | uniq -c | sed 's/^ *//'
}

check_same "without keys a message stays as it is" "mm-verdict sign - <$T/plain.eml 2>$T/err |
	sed '1,/^\$/d'" "cat $T/plain.eml"
ok "the log says so" grep -q 'msg="not signed".*why="there is no key for this domain"' "$T/err"
required() { mm-verdict sign --required "$@" 2>/dev/null | fields 'status|reply|signed'; }
is "--required: From without a key" "$(required "$T/plain.eml")" "status: permfail
reply: 554 5.7.0 not signed: there is no key for this domain"
is "--required: a domain without a key" "$(required --domain example.org "$T/plain.eml")" "status: tempfail
reply: 451 4.3.5 not signed: there is no key for this domain"

key a old example.org old.pem ', "NotBefore": "2020-01-01T00:00:00Z"'
is "the key of the domain in From" "$(signed "$T/plain.eml")" "signed: d=example.org s=old a=rsa-sha256"
is "verified" "$(checked "$T/plain.eml")" "2 dkim: pass d=example.org s=old"
key b new example.org new.pem ', "NotBefore": "2024-01-01T00:00:00Z"'
is "of two the one that has become valid last" "$(signed "$T/plain.eml")" \
	"signed: d=example.org s=new a=rsa-sha256"
key b new example.org new.pem ', "NotBefore": "2124-01-01T00:00:00Z"'
is "not yet" "$(signed "$T/plain.eml")" "signed: d=example.org s=old a=rsa-sha256"
key b new example.org new.pem ', "NotBefore": "2024-01-01T00:00:00Z", "NotAfter": "2025-01-01T00:00:00Z"'
is "no more" "$(signed "$T/plain.eml")" "signed: d=example.org s=old a=rsa-sha256"
key c ed example.org ed.pem
is "one of each algorithm" "$(checked "$T/plain.eml")" \
	"2 dkim: pass d=example.org s=ed
2 dkim: pass d=example.org s=old"
key a old example.org old.pem ', "ExpireAfter": "7d", "Headers": ["X-Own"], "Canonicalization": "simple/simple"'
mm-verdict sign "$T/plain.eml" | tr -d '\r\n\t' >"$T/out"
is "the settings of a key" "$(grep -ao 'c=[a-z/]*;.*s=old;t=[0-9]*; x=[0-9]*;h=[^;]*' "$T/out" |
	sed 's/[0-9][0-9]*/N/g')" "c=simple/simple;d=example.org; s=old;t=N; x=N;h=From:From:X-Own:X-Own"
is "verified" "$(checked "$T/plain.eml" | grep old)" "2 dkim: pass d=example.org s=old"

sed 's/@example.org/@sub.deep.example.org/' "$T/plain.eml" >"$T/sub.eml"
is "a subdomain has the keys of its parent" "$(signed "$T/sub.eml" | head -n 1)" \
	"signed: d=example.org s=old a=rsa-sha256"
sed 's/@example.org/@other.example/' "$T/plain.eml" >"$T/other.eml"
is "another domain has none" "$(signed "$T/other.eml")" ""
is "--required with a key" "$(required "$T/plain.eml" | grep -v signed)" ""
is "--domain" "$(signed --domain example.org "$T/other.eml" | head -n 1)" \
	"signed: d=example.org s=old a=rsa-sha256"
is "--key" "$(signed --selector new --key "$T/secrets/new.pem" "$T/other.eml")" \
	"signed: d=other.example s=new a=rsa-sha256"
is "verified" "$(checked --selector new --key "$T/secrets/new.pem" "$T/other.eml")" \
	"2 dkim: pass d=other.example s=new"

mm-verdict sign --selector wide --domain example.org --key "$T/secrets/wide.pem" - <"$T/plain.eml" |
	sed '1,/^$/d' >"$T/signed.eml"
for f in Subject From To Cc Date; do
	{
		printf '%s: another\r\n' $f
		cat "$T/signed.eml"
	} >"$T/more.eml"
	like "no $f can be added" "$(mm-verdict --no-header "$T/more.eml" | fields dkim)" "dkim: (fail|permerror)"
done
{
	printf 'Received: by x\r\n'
	cat "$T/signed.eml"
} >"$T/more.eml"
is "a trace field can" "$(mm-verdict --no-header "$T/more.eml" | fields dkim)" \
	"dkim: pass d=example.org s=wide"

unsigned() { # NAME STREAM WHY
	mm-verdict sign <"$2" >"$T/out" 2>"$T/err"
	ok "$1: unchanged" cmp -s "$2" "$T/out"
	ok "$1: the log says why" grep -q "why=\"*$3" "$T/err"
}
record() { # MESSAGE
	printf 'mail 1 %d\nid: x\n\n' "$(stat -c %s "$1")"
	cat "$1"
}
tr -d '\r' <"$T/plain.eml" >"$T/lf.eml"
record "$T/lf.eml" >"$T/lf"
unsigned "line ends LF" "$T/lf" "not all lines end in CRLF"
sed 's/^Subject/stray\r\n&/' "$T/plain.eml" >"$T/stray.eml"
record "$T/stray.eml" >"$T/stray"
unsigned "a stray line" "$T/stray" "a line in the header is no field"
{
	head -n 1 "$T/plain.eml"
	cat "$T/plain.eml"
} >"$T/two.eml"
record "$T/two.eml" >"$T/two"
unsigned "two From fields" "$T/two" "more than one From field"
{
	yes 'To: a@example.org' | head -n 600 | sed 's/$/\r/'
	cat "$T/plain.eml"
} >"$T/many.eml"
record "$T/many.eml" >"$T/many"
rm "$T/dkim-keys/a.json"
unsigned "very many fields" "$T/many" "too many header fields to sign"
printf 'mail 1 0\nid: x\n\n' >"$T/none"
mm-verdict sign <"$T/none" >"$T/out"
ok "an envelope alone" cmp -s "$T/none" "$T/out"

# As a coprocess: the keys change under it.
mkfifo "$T/in"
key a old example.org old.pem
mm-verdict sign <"$T/in" >"$T/changing" 2>"$T/err" &
exec 3>"$T/in"
record "$T/plain.eml" >&3
wait_for "the first answer" grep -aq 's=old a=rsa' "$T/changing"
rm "$T/dkim-keys/c.json"
key a wide example.org wide.pem
resigned() {
	record "$T/plain.eml" >&3
	grep -aq 's=wide a=rsa' "$T/changing"
}
wait_for "a key that was changed signs without a restart" resigned
printf '{' >"$T/dkim-keys/z.json"
complained() {
	record "$T/plain.eml" >&3
	grep -q 'z.json' "$T/err"
}
wait_for "a broken file is told of" complained
exec 3>&-
wait
is "and the keys stay" "$(fields signed <"$T/changing" | tail -n 1)" \
	"signed: d=example.org s=wide a=rsa-sha256"

fault() { # NAME WORDS
	mm-verdict sign "$T/plain.eml" >/dev/null 2>"$T/err"
	is "$1: exit status" $? 75
	ok "$1: the log says what was expected" grep -q "$2" "$T/err"
}
fault "no JSON" 'z.json'
rm "$T/dkim-keys/z.json"
key z x example.org nothing.pem
fault "no such secret" 'dkim-keys/z.json.*PrivateKey.*expected the name of a file in secrets/'
cp "$T/secrets/new.pem" "$T/secrets/open.pem"
chmod 644 "$T/secrets/open.pem"
key z x example.org open.pem
fault "a key that others can read" 'open.pem.*expected mode 0600'
openssl ecparam -name prime256v1 -genkey -noout -out "$T/secrets/ec.pem"
chmod 600 "$T/secrets/ec.pem"
key z x example.org ec.pem
fault "a key of another kind" 'expected an RSA or ed25519 key'
openssl rsa -aes128 -passout pass:x -in "$T/new.pem" -out "$T/secrets/pass.pem" 2>/dev/null
chmod 600 "$T/secrets/pass.pem"
key z x example.org pass.pem
fault "a key with a passphrase" 'without a passphrase'
key z x example.org new.pem ', "NotBefore": "soon"'
fault "a time that is none" 'NotBefore.*expected a time'
key z x example.org new.pem ', "ExpireAfter": "soon"'
fault "a duration that is none" 'ExpireAfter.*expected a duration'
key z x example.org new.pem ', "Expire": "7d"'
fault "a member that is not known" 'Expire'
exit_is "--key without --selector" 75 mm-verdict sign --key "$T/secrets/new.pem" "$T/plain.eml"
done_testing
