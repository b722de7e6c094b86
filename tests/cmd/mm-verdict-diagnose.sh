#!/bin/bash
# mm-verdict -r: what became of a message whose signature fails.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-verdict openssl

rsa_key one 1024
rsa_key other 1024
ed25519_pem ed
chmod 600 "$T"/*.pem
mkdir "$T/dkim-keys"
printf '{"Hostname": "mx.example"}\n' >"$T/site.json"
{
	txt one._domainkey.example.org "v=DKIM1; p=$(cat "$T/one.p")"
	txt other._domainkey.example.org "v=DKIM1; p=$(cat "$T/other.p")"
	txt ed._domainkey.example.org "v=DKIM1; k=ed25519; p=$(cat "$T/ed.p")"
} >"$T/zone"
export MM_ZONE=$T/zone MM_SITE=$T

printf '%s\r\n' 'From: Alice <alice@example.org>' 'To: list@nutrition.example,' \
	'    bob@nutrition.example' 'Subject: Re: cinnamon' 'MIME-Version: 1.0' \
	'Content-Transfer-Encoding: 8bit' '' 'Twelve  sacks,' '' 'naïve as ever.' \
	'.hidden and a line that is long enough to be folded by an encoder, as they do at 76' \
	'From the ship.' '' '' >"$T/plain.eml"
signed() { # CANON [SELECTOR [KEY]]: $T/signed.eml
	printf '{"Domain": "example.org", "Selector": "%s", "PrivateKey": "%s", "Canonicalization": "%s"}\n' \
		"${2:-one}" "$T/${3:-${2:-one}}.pem" "$1" >"$T/dkim-keys/k.json"
	mm-verdict sign "$T/plain.eml" 2>/dev/null | sed '1,/^$/d' >"$T/signed.eml"
}
diagnosis() { # MESSAGE
	mm-verdict -r "$1" | sed -n 's/^           \(differs\|because\|fix\) /\1 /p'
}
body='the body; the header is as it was signed'
header='the header; the body is as it was signed'
# says NAME DIFFERS BECAUSE FIX: of $T/altered.eml
says() {
	is "$1" "$(diagnosis "$T/altered.eml")" "differs $2
because $3${4:+
fix $4}"
}

signed relaxed/relaxed
is "nothing to say of one that passes" "$(diagnosis "$T/signed.eml")" ""
{
	cat "$T/signed.eml"
	printf -- '-- \r\nTo leave the list, write to leave@list.example\r\n'
} >"$T/altered.eml"
says "a footer" "$body" '2 lines were added at the end of the body, from line 8: "--"' \
	"let the list add no footer, or seal by ARC what it sends on"
sed 's/^Subject: /&[cooks] /' "$T/signed.eml" >"$T/tagged.eml"
cp "$T/tagged.eml" "$T/altered.eml"
says "a tag" "$header" "a tag in brackets was put into Subject" \
	"let the list leave subjects alone, or seal by ARC what it sends on"
sed 's/Re: /&[cooks] /' "$T/signed.eml" >"$T/altered.eml"
says "a tag after Re:" "$header" "a tag in brackets was put into Subject" \
		"let the list leave subjects alone, or seal by ARC what it sends on"
{
	cat "$T/tagged.eml"
	printf 'x\r\n'
} >"$T/altered.eml"
says "both" "the header and the body" \
	'1 line was added at the end of the body, from line 8: "x"; a tag in brackets was put into Subject' \
	"let the list add no footer, or seal by ARC what it sends on"
sed 's/Twelve/Eleven/' "$T/signed.eml" >"$T/altered.eml"
says "another body" "$body" "no known kind of change"
sed 's/cinnamon/pepper/' "$T/signed.eml" >"$T/altered.eml"
says "another header" "$header" "no known kind of change"
sed 's/^From the/>&/' "$T/signed.eml" >"$T/altered.eml"
says "mbox quoting" "$body" '"From " at the beginning of a line was made ">From "' \
		"do not deliver to mboxes, or encode the F; sign after that is done"
sed 's/^\.hidden/.&/' "$T/signed.eml" >"$T/altered.eml"
says "two dots" "$body" "lines that begin with a dot have a second one" \
		"find out who does not take away what SMTP puts before a dot"
sed 's/^\.hidden/hidden/' "$T/signed.eml" >"$T/altered.eml"
says "no dot" "$body" "no known kind of change"
sed '/^\r$/,$s/\r$/\r\r/' "$T/signed.eml" | sed '0,/^\r\r$/s/^\r\r$/\r/' >"$T/altered.eml"
says "CR CR LF" "$body" "carriage returns were put into lines" \
		"find out who writes CRLF where there was CRLF already"
sed '1,/^\r$/!s/$/\n\r/' "$T/signed.eml" >"$T/altered.eml"
says "two line ends" "$body" "every line end was made two" "find out who writes CRLF as two line ends"
encode='send text in 7 bits (quoted-printable, base64), which nobody has to encode'
recode() { # ENCODING PYTHON
	sed '/^\r$/,$d; s/^\(Content-Transfer-Encoding: \).*\r/\1'"$1"'\r/' "$T/signed.eml"
	printf '\r\n'
	sed '1,/^\r$/d' "$T/signed.eml" | python3 -c "import sys, quopri, base64
b = sys.stdin.buffer.read()
sys.stdout.buffer.write($2)"
}
recode quoted-printable 'b"\r\n".join(quopri.encodestring(l) for l in b.split(b"\r\n")).replace(b"=\n", b"=\r\n")' >"$T/altered.eml"
says "8bit made quoted-printable" "the header and the body" \
		"the body was encoded as quoted-printable on its way" "$encode"
recode base64 'base64.encodebytes(b).replace(b"\n", b"\r\n")' >"$T/altered.eml"
says "8bit made base64" "the header and the body" "the body was encoded as base64 on its way" "$encode"
{
	printf 'Cc: eve@nutrition.example\r\n'
	cat "$T/signed.eml"
} >"$T/altered.eml"
says "a field that was added" "$header" \
	"a field Cc was added, which was not there when it was signed" \
	"let nobody on the way add such a field"

signed simple/simple
sed 's/^Twelve  sacks,/Twelve sacks, /' "$T/signed.eml" >"$T/altered.eml"
says "white space, simple" "$body" "no known kind of change"
sed 's/Twelve  /Twelve /' "$T/plain.eml" >"$T/single.eml"
mm-verdict sign "$T/single.eml" 2>/dev/null | sed '1,/^$/d; s/sacks,/& /' >"$T/altered.eml"
says "white space, simple, of what was regular" "$body" \
		"white space in the body was changed, which c=simple does not allow" "sign with c=relaxed/relaxed"
sed 's/^To: .*,\r/To: list@nutrition.example, bob@nutrition.example\r/; /^    bob/d' "$T/plain.eml" >"$T/flat.eml"
mm-verdict sign "$T/flat.eml" 2>/dev/null | sed '1,/^$/d; s/^To: \(.*\), bob/To: \1,\r\n\tbob/' >"$T/altered.eml"
says "folded anew" "$header" "the field To was folded anew" "sign with c=relaxed/relaxed, which allows for it"

signed relaxed/relaxed one other
cp "$T/signed.eml" "$T/altered.eml"
says "another key" "the key: that of the DNS did not make this signature" "no known kind of change" \
	"publish the key that signs, or give the new key a selector of its own"
signed relaxed/relaxed ed
sed 's/^Subject: /&[cooks] /' "$T/signed.eml" >"$T/altered.eml"
says "ed25519" "$header" "a tag in brackets was put into Subject" \
		"let the list leave subjects alone, or seal by ARC what it sends on"
done_testing
