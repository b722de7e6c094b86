#!/bin/bash
# mm-rule: SignDkim, SealArc and Send with mm-verdict, mm-relay and real keys: what the
# next server gets verifies, and nothing that was to be signed leaves unsigned.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/smtp.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-rule mm-verdict mm-relay openssl
need_python dkim authres
. "$top/tests/lib/rule.sh"

smtp_sink sink --listen 127.0.0.2
sed -i "s/127.0.0.1/127.0.0.2/; s/: 25,/: $port,/" "$S/relays/one.json"
printf '{"Hostname": "gw.example.org"}\n' >"$S/site.json"
rsa_key one 1024
{
	printf '. 3600 IN SOA a. b. 1 3600 600 86400 60\nthere.example. IN MX 1 mx.there.example.\n'
	printf 'mx.there.example. IN A 127.0.0.2\n'
	txt one._domainkey.example.org "v=DKIM1; p=$(cat "$T/one.p")"
} >"$T/zone"
export MM_ZONE=$T/zone
printf 'one._domainkey.example.org v=DKIM1; p=%s\n' "$(cat "$T/one.p")" >"$T/oracle.zone"
relay='{"Relay": {"Relay": "one"}}'
rules sign <<<"{\"Actions\": [{\"SignDkim\": {\"Domain\": \"example.org\"}}, $relay]}"
rules seal <<<"{\"Actions\": [{\"SealArc\": {}}, $relay]}"
rules any <<<"{\"Actions\": [{\"SignDkim\": {}}, $relay]}"
rules drop <<<"{\"Actions\": [{\"SignDkim\": {\"ActionFailurePolicy\": \"DROP\"}}, $relay]}"
rules send <<<"{\"Actions\": [{\"Send\": {$role}}]}"

message() { # FROM
	printf 'From: Alice <%s>\r\nTo: bob@there.example\r\nSubject: cinnamon\r\nMessage-ID: <1@example.org>\r\n\r\nTwelve sacks.\r\n' \
		"$1" >"$T/mail.eml"
}
try() { # RULESET [OPTION...]: the result; what arrived is left in $T/got.eml
	rm -f "$T"/sink/*.eml "$T/got.eml"
	MM_LOG=info "${mm_rule:-mm-rule}" "${@:2}" --mail-from alice@example.org --rcpt-to bob@there.example \
		"$1" "$T/mail.eml" 2>"$T/err" | fields result | sed 's/ stored as.*//'
	cat "$T"/sink/*.eml >"$T/got.eml" 2>/dev/null
}
arrived() { # what both verifiers say of $T/got.eml
	mm-verdict --no-header "$T/got.eml" 2>/dev/null | fields 'dkim|arc'
	printf 'mail 1 %d\nid: x\n\n' "$(stat -c %s "$T/got.eml")" | cat - "$T/got.eml" |
		"$python" "$top/tests/tools/dkim-oracle.py" verify "$T/oracle.zone"
}
ok250="result: <bob@there.example> ok 250 2.0.0"
tempfail="result: <bob@there.example> tempfail 451 4.3.5 not signed:"

message alice@example.org
is "SignDkim without a key: the mail waits" "$(try sign)" "$tempfail there is no key for this domain"
ok "and nothing has left" test ! -s "$T/got.eml"
like "the log says so" "$(cat "$T/err")" 'msg="not signed".*there is no key'
is "SealArc without a key: the mail waits" "$(try seal)" "$tempfail there is no key for our domain"
is "Send without keys at all" "$(mm-rule -n send --rcpt-to b@there.example "$T/mail.eml" | fields plan)" \
	"plan: send 0/0 - Send mx <b@there.example>"

mkdir "$S/dkim-keys" "$S/secrets"
cp "$T/one.pem" "$S/secrets"
chmod 600 "$S/secrets/one.pem"
printf '{"Domain": "example.org", "Selector": "one", "PrivateKey": "one.pem"}\n' >"$S/dkim-keys/one.json"
is "SignDkim" "$(try sign)" "$ok250"
is "it verifies" "$(arrived)" "dkim: pass d=example.org s=one
arc: none
x dkim=pass arc=none"
is "SealArc" "$(try seal)" "$ok250"
is "it verifies" "$(arrived)" "dkim: none
arc: pass d=example.org i=1
x dkim= arc=pass"
is "SignDkim for the domain in From" "$(try any)" "$ok250"
like "it verifies" "$(arrived)" "dkim: pass d=example.org s=one"

message alice@else.example
is "From without a key: for good, and CONTINUE" "$(try any)" "$ok250"
like "the log warns" "$(cat "$T/err")" "554 5.7.0 not signed"
is "From without a key: DROP" "$(try drop)" "$ok250 dropped by rule 0: SignDkim failed"
ok "and nothing has left" test ! -s "$T/got.eml"

# Send: beside mm-rule stands an mm-relay that uses another port than 25.
mkdir "$T/bin"
cp "$(command -v mm-rule)" "$(command -v mm-verdict)" "$T/bin"
printf '#!/bin/sh\nexec "%s" --port %d "$@"\n' "$(command -v mm-relay)" "$port" >"$T/bin/mm-relay"
chmod +x "$T/bin/mm-relay"
mm_rule=$T/bin/mm-rule
message alice@example.org
is "Send" "$(try send)" "$ok250"
is "it is signed" "$(arrived | grep -a dkim)" "dkim: pass d=example.org s=one
x dkim=pass arc=none"
message alice@else.example
is "Send of what there is no key for" "$(try send)" "$ok250"
is "it is not" "$(arrived | sed -n 1p)" "dkim: none"
message alice@example.org
is "Send by -x" "$(try send -x 'Send=mm-relay --mx')" "$ok250"
is "it is not signed" "$(arrived | sed -n 1p)" "dkim: none"
exit_is "--check finds the keys" 0 mm-rule --check sign seal any
rules other <<<"{\"Actions\": [{\"SignDkim\": {\"Domain\": \"ample.org\"}}, $relay]}"
is "--check: a domain without a key" "$(mm-rule --check other | cut -d: -f2-)" \
	"$(printf '%s' "$(mm-rule --check --lenient other | cut -d: -f2- | sed 's/warning: //')")"
exit_is "is an error" 65 mm-rule --check other
exit_is "and with --lenient a warning" 0 mm-rule --check --lenient other
exit_is "what -x does needs none" 0 mm-rule --check -x SignDkim=cat other
printf '{' >"$S/dkim-keys/one.json"
like "Send with broken keys: the mail waits" "$(try send --timeout 20s)" "tempfail 451"
rm -r "$S/dkim-keys"
is "Send without a folder of keys" "$(try send)" "$ok250"
is "it is not signed" "$(arrived | sed -n 1p)" "dkim: none"
is "--check: none of them has a key" "$(mm-rule --check sign seal any | cut -d: -f4- | sed 's/ in .*//')" \
	" Rules[0].Actions[0].SignDkim: there is no key for example.org; expected a file
 Rules[0].Actions[0].SealArc: there is no key for gw.example.org; expected a file
 Rules[0].Actions[0].SignDkim: there is no key for any domain; expected a file"
done_testing
