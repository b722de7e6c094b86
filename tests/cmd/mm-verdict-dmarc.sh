#!/bin/bash
# DMARC by itself, over results that are given (--given): thousands of cases beside a plain
# reading of the RFCs, whose policy is whose, and how much of the DNS is asked.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-verdict python3
printf '{"Hostname": "mx.example"}\n' >"$T/site.json"
export MM_SITE=$T

for mode in rfc9989 rfc7489; do
	for seed in 1 2 3; do
		mkdir "$T/$mode-$seed"
		python3 "$top/tests/tools/dmarc_oracle.py" $mode $seed 1000 "$T/$mode-$seed"
		MM_ZONE=$T/$mode-$seed/zone mm-verdict --given --no-header --dmarc $mode \
			<"$T/$mode-$seed/stream" >"$T/out"
		is "$mode: 1000 messages as the RFC has it ($seed)" \
			"$(awk '/^id: /{id=$2} sub("^dmarc: ", ""){print id, $0}' "$T/out" | sort)" \
			"$(sort "$T/$mode-$seed/expected")"
	done
done
for word in 'pass' 'fail' 'none'; do
	ok "among them some $word" grep -q " $word " "$T/rfc9989-1/expected"
done

cat >"$T/zone" <<'END'
_dmarc.example.com. TXT "v=DMARC1; p=reject; rua=mailto:r@example.com"
_dmarc.strict.example. TXT "v=DMARC1; p=quarantine; aspf=s; adkim=s"
_dmarc.half.example. TXT "v=DMARC1; p=reject; pct=0"
_dmarc.xn--bcher-kva.example. TXT "v=DMARC1; p=quarantine"
_dmarc.faults.example. TXT "v=DMARC1;; p=reject; junk; x-y=z; adkim = s ;"
END
export MM_ZONE=$T/zone
dmarc() { # FROM-FIELDS OPTION...
	printf '%b\r\nSubject: x\r\n\r\nhi\r\n' "$1" >"$T/m.eml"
	mm-verdict --given --no-header "${@:2}" "$T/m.eml" | sed -n 's/^dmarc: //p'
}
pass=(--field 'spf=pass domain=example.com' --field dkim=none)
is "no client, no envelope: DMARC alone" "$(dmarc 'From: <a@example.com>' "${pass[@]}")" \
	"pass d=example.com policy=reject"
is "From: a name in quotes, a comment, a fold" \
	"$(dmarc 'From: "b@evil.example" (c@evil.example)\r\n <a@EXAMPLE.com>' "${pass[@]}")" \
	"pass d=example.com policy=reject"
is "From: a group" "$(dmarc 'From: friends: a@example.com, b@example.com;' "${pass[@]}")" \
	"pass d=example.com policy=reject"
is "From: an empty group" "$(dmarc 'From: nobody:;' "${pass[@]}")" "permerror"
is "From: two addresses of two domains" "$(dmarc 'From: a@example.com, b@x.example' "${pass[@]}")" permerror
is "From: twice" "$(dmarc 'From: a@example.com\r\nFrom: a@example.com' "${pass[@]}")" permerror
is "From: not there" "$(dmarc 'To: a@example.com' "${pass[@]}")" none
is "From: no domain" "$(dmarc 'From: root' "${pass[@]}")" permerror
is "From: an address literal" "$(dmarc 'From: a@[192.0.2.1]' "${pass[@]}")" permerror
is "From: a name that is not ASCII" "$(dmarc 'From: <a@B\xc3\x9cCHER.example>' \
	--field dkim=none --field spf=none)" \
	"fail d=xn--bcher-kva.example policy=quarantine applied=quarantine"
is "and an identity that is not" "$(dmarc 'From: <a@xn--bcher-kva.example>' \
	--field $'dkim=pass d=B\u00dccher.Example s=s' --field 'spf=none')" \
	"pass d=xn--bcher-kva.example policy=quarantine"
is "spf without domain=: that of the envelope" "$(dmarc 'From: <a@example.com>' --field spf=pass \
	--mail-from '<b@mail.example.com>' --field dkim=none)" "pass d=example.com policy=reject"
is "and of HELO for the null path" "$(dmarc 'From: <a@example.com>' --field spf=pass \
	--mail-from '<>' --helo mail.example.com --field dkim=none)" "pass d=example.com policy=reject"
is "a dot at the end, quotes" "$(dmarc 'From: <a@example.com>' --field 'spf=fail domain=x.example' \
	--field 'dkim=pass d="example.com." s=s')" "pass d=example.com policy=reject"
is "strict: a subdomain is not aligned" "$(dmarc 'From: <a@strict.example>' \
	--field 'spf=pass domain=x.strict.example' --field 'dkim=pass d=y.strict.example s=s')" \
	"fail d=strict.example policy=quarantine applied=quarantine"
is "faults in a record are passed over (RFC 9989 section 4.8)" "$(dmarc 'From: <a@faults.example>' \
	--field 'spf=none' --field 'dkim=pass d=x.faults.example s=s')" \
	"fail d=faults.example policy=reject applied=reject"
is "a DMARC result that is given stays" "$(dmarc 'From: <a@example.com>' "${pass[@]}" \
	--field 'dmarc=fail d=x.example policy=none applied=none')" "fail d=x.example policy=none applied=none"
is "what is not given is found out: no signature" "$(dmarc 'From: <a@example.com>' \
	--field 'spf=fail domain=x.example')" "fail d=example.com policy=reject applied=reject"
is "RFC 9989 has no pct=" "$(dmarc 'From: <a@half.example>' --field spf=none --field dkim=none)" \
	"fail d=half.example policy=reject applied=reject"
is "RFC 7489 has" "$(dmarc 'From: <a@half.example>' --dmarc rfc7489 --field spf=none --field dkim=none)" \
	"fail d=half.example policy=reject applied=quarantine"
override() { # VALUE
	dmarc 'From: <a@example.com>' --field spf=none --field dkim=none --field "dmarc-override=$1"
}
is "an override" "$(override 'trusted_forwarder the list of the club')" \
	"fail d=example.com policy=reject applied=none"
is "one of no known type" "$(override 'because')" "fail d=example.com policy=reject applied=reject"
exit_is "a mode that there is not" 75 mm-verdict --dmarc rfc1 "$T/m.eml"

need_python dns
start dns "$python" "$top/tests/tools/list-dns.py" "$T/asked"
wait_for "the DNS server" test -s "$T/dns.log"
unset MM_ZONE
MM_RESOLVER=127.0.0.1@$(cat "$T/dns.log")
export MM_RESOLVER
is "a long name: no policy" "$(dmarc 'From: <a@a.b.c.d.e.f.g.h.i.j.mail.example.com>' "${pass[@]}")" \
	"none d=a.b.c.d.e.f.g.h.i.j.mail.example.com"
is "and eight questions (RFC 9989 section 4.10)" "$(sort -u "$T/asked")" "$(sort <<'END'
TXT _dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com
TXT _dmarc.g.h.i.j.mail.example.com
TXT _dmarc.h.i.j.mail.example.com
TXT _dmarc.i.j.mail.example.com
TXT _dmarc.j.mail.example.com
TXT _dmarc.mail.example.com
TXT _dmarc.example.com
TXT _dmarc.com
END
)"
done_testing
