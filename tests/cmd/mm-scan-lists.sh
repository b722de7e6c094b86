#!/bin/bash
# mm-scan dnsbl and dbl: lists served by a DNS server on loopback.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-scan mm-policy mm-rule
need_python dns
start dns "$python" "$top/tests/tools/list-dns.py" "$T/asked" \
	2.0.0.127.zen.test=127.0.0.2,127.0.0.10 3.0.0.127.zen.test=127.0.0.11 \
	9.0.0.127.zen.test=127.255.255.254 8.0.0.127.zen.test=127.0.0.99,127.0.0.2 \
	2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen.test=127.0.0.4 \
	2.0.0.127.white.test=127.0.5.1 2.0.0.127.other.test=127.0.0.2 \
	5.0.0.127.usual.test=127.0.0.1 6.0.0.127.usual.test=127.0.1.255 7.0.0.127.usual.test=127.0.0.7 \
	evil.example.dbl.test=127.0.1.2 '*.bad.example.dbl.test=127.0.1.4' \
	xn--bcher-kva.example.dbl.test=127.0.1.5 co.uk.dbl.test=127.0.1.2 shop.co.uk.dbl.test=127.0.1.2
wait_for "the DNS server" test -s "$T/dns.log"
MM_RESOLVER=127.0.0.1@$(cat "$T/dns.log")
export MM_RESOLVER

envelope() { # FIELD...
	printf 'mail 1 0\n'
	printf '%s\n' "$@" ''
}
scan() { mm-scan "$@" 2>"$T/err" | sed -n 's/^analysis: //p'; }
zen=(--list 'zen.test=127.0.0.2..11*3')

is "listed" "$(envelope 'client-ip: 127.0.0.2' | scan dnsbl "${zen[@]}")" \
	"dnsbl listed_on zen.test
dnsbl score 3
dnsbl is_listed TRUE
dnsbl verdict FAIL
dnsbl is_passed FALSE"
is "not listed" "$(envelope 'client-ip: 127.0.0.4' | scan dnsbl "${zen[@]}")" \
	"dnsbl score 0
dnsbl is_listed FALSE
dnsbl verdict PASS
dnsbl is_passed TRUE"
is "IPv6, by its nibbles" "$(envelope 'client-ip: 2001:db8::2' | scan dnsbl "${zen[@]}" | head -n 2)" \
	"dnsbl listed_on zen.test
dnsbl score 3"
is "IPv4 in IPv6 clothes" \
	"$(envelope 'client-ip: ::ffff:127.0.0.2' | scan dnsbl "${zen[@]}" | head -n 1)" \
	"dnsbl listed_on zen.test"
is "a list that refuses to answer does not list" \
	"$(envelope 'client-ip: 127.0.0.9' | scan dnsbl "${zen[@]}")" \
	"dnsbl score 0
dnsbl is_listed FALSE
dnsbl verdict PROCESSING_FAILED
dnsbl reason zen.test: answered 127.255.255.254, by which it lists nothing"
is "one answer beside others" "$(envelope 'client-ip: 127.0.0.8' | scan dnsbl "${zen[@]}" | sed -n 3,4p)" \
	"dnsbl is_listed TRUE
dnsbl verdict FAIL"
is "no address" "$(envelope 'id: a' | scan dnsbl "${zen[@]}")" \
	"dnsbl verdict PROCESSING_FAILED
dnsbl reason the client's address is not known"
for n in 5 6; do
	like "by default 127.0.0.1 and 127.0.1.255 list nothing ($n)" \
		"$(envelope "client-ip: 127.0.0.$n" | scan dnsbl --list usual.test)" \
		'reason usual.test: answered 127'
done
is "by default other answers list" \
	"$(envelope 'client-ip: 127.0.0.7' | scan dnsbl --list usual.test | head -n 1)" \
	"dnsbl listed_on usual.test"
is "an allow list weighs against" \
	"$(envelope 'client-ip: 127.0.0.2' | scan dnsbl "${zen[@]}" --list 'white.test=127.0.5.0..255*-5')" \
	"dnsbl listed_on zen.test
dnsbl allowed_on white.test
dnsbl score -2
dnsbl is_listed FALSE
dnsbl verdict PASS
dnsbl is_passed TRUE"
is "two lists below the threshold" \
	"$(envelope 'client-ip: 127.0.0.2' | scan dnsbl --threshold 5 "${zen[@]}" --list other.test)" \
	"dnsbl listed_on zen.test
dnsbl listed_on other.test
dnsbl score 4
dnsbl is_listed FALSE
dnsbl verdict GRAY
dnsbl is_passed TRUE"
is "why" "$(envelope 'client-ip: 127.0.0.2' | scan --name why dnsbl --txt "${zen[@]}" | head -n 2)" \
	"why listed_on zen.test
why text why 2.0.0.127.zen.test"

is "a list that never answers" \
	"$(envelope 'client-ip: 127.0.0.4' | scan dnsbl --timeout 200ms --list slow.test --list zen.test)" \
	"dnsbl score 0
dnsbl is_listed FALSE
dnsbl verdict PROCESSING_FAILED
dnsbl reason slow.test: timeout"
is "does not hide what others list" \
	"$(envelope 'client-ip: 127.0.0.2' | scan dnsbl --timeout 200ms --list slow.test "${zen[@]}" |
		tail -n 3)" \
	"dnsbl is_listed TRUE
dnsbl verdict FAIL
dnsbl is_passed FALSE"
is "a list that is broken" \
	"$(envelope 'client-ip: 127.0.0.4' | scan dnsbl --list broken.test | tail -n 1)" \
	"dnsbl reason broken.test: SERVFAIL"

for ((i = 0; i < 500; i++)); do
	envelope "id: m$i" "client-ip: 127.0.$((i % 2 * 77)).2"
done >"$T/many"
: >"$T/asked"
is "many at once, each with its own answer" \
	"$(mm-scan dnsbl "${zen[@]}" <"$T/many" | awk '/^client-ip/{ip=$2} / is_listed /{print ip, $4}' |
		sort | uniq -c | sed 's/^ *//')" \
	"250 127.0.0.2 TRUE
250 127.0.77.2 FALSE"
is "what is known is not asked again, that there is nothing neither" \
	"$(sort -u "$T/asked" | grep -c zen.test)/$(grep -c zen.test "$T/asked")" 2/2

# --- domains
printf '%s\r\n' 'From: x <a@deep.sub.evil.example>' 'Subject: x' '' 'hello' >"$T/from.eml"
is "From, by what is registered" "$(scan dbl --list dbl.test --mail-from '<a@ok.example>' "$T/from.eml")" \
	"dbl listed_on dbl.test
dbl listed evil.example zone=dbl.test where=from
dbl score 1
dbl is_listed TRUE
dbl verdict FAIL
dbl is_passed FALSE"
where() { # MESSAGE OPTION...
	scan "${@:2}" dbl --list dbl.test "$1" | sed -n 's/^dbl listed \([^ ]*\) .*where=/\1 /p'
}
is "MAIL FROM, HELO and the client's name" \
	"$(envelope 'mail-from: <a@evil.example>' 'helo: mail.x.bad.example' \
		'client-name: shop.co.uk' | scan dbl --list dbl.test |
		sed -n 's/^dbl listed \([^ ]*\) .*where=/\1 /p')" \
	"evil.example mail-from
mail.x.bad.example helo
shop.co.uk client-name"
printf '%s\r\n' 'From: <a@ok.example>' 'Reply-To: g: <b@Bücher.Example>;' '' 'hello' >"$T/reply.eml"
is "Reply-To, names that are not ASCII" "$(where "$T/reply.eml")" "xn--bcher-kva.example reply-to"
printf '%s\r\n' 'From: <a@ok.example>' 'Content-Type: text/html; charset=utf-8' \
	'Content-Transfer-Encoding: base64' '' >"$T/html.eml"
printf '%s' '<p>Dear</p><A class=x HREF = "https&#58;//you@www.evil&#46;example&#x3a;80/?x=1">here</A>' |
	base64 >>"$T/html.eml"
is "a link in HTML, encoded twice" "$(where "$T/html.eml")" "evil.example body"
printf '%s\r\n' 'From: <a@ok.example>' '' 'see http://10.0.0.1/ or www.shop.co.uk.' >"$T/text.eml"
is "a link in text" "$(where "$T/text.eml")" "shop.co.uk body"
: >"$T/asked"
where "$T/text.eml" >/dev/null
is "lists of domains are asked about domains, not about suffixes or addresses" \
	"$(sort -u "$T/asked" | grep dbl.test)" \
	"A ok.example.dbl.test
A shop.co.uk.dbl.test
A www.shop.co.uk.dbl.test"
{
	printf 'From: <a@ok.example>\r\n\r\n'
	for ((i = 0; i < 3000; i++)); do printf 'http://h%d.example/ ' $i; done
} >"$T/links.eml"
: >"$T/asked"
where "$T/links.eml" >/dev/null
is "a limit on what one message asks" "$(grep '^A h[0-9]*\.example' "$T/asked" | sort -u | wc -l)" 99
is "a message that is too large is judged by its header" \
	"$(scan dbl --max-size 10 --list dbl.test "$T/from.eml" | head -n 1)" "dbl listed_on dbl.test"

# --- the site: lists under names of their own, and AWS's words in conditions
mkdir -p "$T/site"/{addons,traffic-policies,rule-sets}
export MM_SITE=$T/site
cat >"$T/site/addons/spamhaus.json" <<'JSON'
{ "AddonName": "SPAMHAUS_DBL", "AddonInstanceId": "ai-1a2b3c", "Analyzer": "spamhaus",
  "Lists": [ { "Zone": "dbl.test", "Codes": { "127.0.1.2": "spam", "127.0.1.4..6": "phish" } } ] }
JSON
cat >"$T/site/addons/abusix.json" <<'JSON'
{ "AddonName": "ABUSIX_MAIL_INTELLIGENCE", "AddonInstanceId": "ai-4d5e6f", "Analyzer": "abusix",
  "Threshold": 3,
  "Lists": [ { "Zone": "zen.test", "Name": "abusix", "Weight": 3,
               "Codes": { "127.0.0.2": "sbl", "127.0.0.10..11": "pbl" } } ] }
JSON
cat >"$T/site/traffic-policies/listed.json" <<'JSON'
{ "TrafficPolicyName": "listed", "DefaultAction": "ALLOW", "PolicyStatements": [
  { "Action": "DENY", "Conditions": [ { "BooleanExpression": { "Operator": "IS_TRUE",
    "Evaluate": { "Analysis": { "ResultField": "addon.Is listed",
      "Analyzer": "arn:aws:ses:eu-west-1:123456789012:mailmanager-addon-instance/ai-4d5e6f" } } } },
    { "StringExpression": { "Operator": "CONTAINS", "Values": [ "sbl" ],
    "Evaluate": { "Analysis": { "ResultField": "addon.Listed on",
      "Analyzer": "arn:aws:ses:eu-west-1:123456789012:mailmanager-addon-instance/ai-4d5e6f" } } } } ] } ] }
JSON
cat >"$T/site/rule-sets/listed.json" <<'JSON'
{ "RuleSetName": "listed", "Rules": [ { "Name": "spam",
  "Conditions": [ { "BooleanExpression": { "Operator": "IS_TRUE", "Evaluate": { "Analysis": {
      "Analyzer": "arn:aws:ses:eu-west-1:123456789012:mailmanager-addon-instance/ai-1a2b3c",
      "ResultField": "addon.Is listed" } } } },
    { "VerdictExpression": { "Operator": "EQUALS", "Values": [ "FAIL" ], "Evaluate": { "Analysis": {
      "Analyzer": "SPAMHAUS_DBL", "ResultField": "verdict" } } } } ],
  "Actions": [ { "Drop": {} } ] } ] }
JSON
ok "mm-policy takes the site" mm-policy --check listed
ok "mm-rule takes it" mm-rule --check listed
is "lists of the site, meanings, a name in place of the zone" \
	"$(envelope 'client-ip: 127.0.0.2' | scan --name abusix dnsbl | sed 's/sbl, pbl/pbl, sbl/')" \
	"abusix listed_on abusix (pbl, sbl)
abusix score 3
abusix is_listed TRUE
abusix verdict FAIL
abusix is_passed FALSE"
is "meanings of domains" \
	"$(envelope 'mail-from: <a@x.bad.example>' | scan --name spamhaus dbl | sed -n 2p)" \
	'spamhaus listed x.bad.example zone=dbl.test where=mail-from meaning="phish"'
probe="mm-scan --name spamhaus dbl | mm-scan --name abusix dnsbl | mm-policy listed"
is "the policy probe: refused" \
	"$(envelope 'client-ip: 127.0.0.2' 'rcpt-to: <b@x.example>' | sh -c "$probe" | grep '^policy:')" \
	"policy: deny policy=listed statement=0"
is "the policy probe: listed, but not as that" \
	"$(envelope 'client-ip: 127.0.0.3' 'rcpt-to: <b@x.example>' | sh -c "$probe" | grep '^policy:')" \
	"policy: allow policy=listed default"
is "a rule" "$(mm-scan --name spamhaus --rcpt-to '<b@x.example>' dbl "$T/from.eml" |
	mm-rule -n listed | grep -a '^plan:')" "plan: listed 0/0 spam Drop - <b@x.example>"

printf '{ "Lists": [ { "Zone": "a..b", "Codes": { "1.2": "x", "127.0.0.2": 3 } }, { "Zone": "c.d", "Codes": [] } ] }' \
	>"$T/site/addons/bad.json"
mm-scan --name bad dnsbl "$T/from.eml" 2>"$T/err" >/dev/null
is "every fault of an add-on is told" "$(sed 's/.*json:1:[0-9]*: \([^:]*\):.*/\1/' "$T/err" | sort)" \
	'Lists[0].Codes.1.2
Lists[0].Codes.127.0.0.2
Lists[0].Zone
Lists[1].Codes'
exit_is "no lists" 75 mm-scan dnsbl "$T/from.eml"
exit_is "a list that is none" 75 mm-scan dnsbl --list 'zen.test=127.0.0.300' "$T/from.eml"
like "and what was expected" "$(cat "$T/.err")" 'expected answers such as 127.0.0.2'
exit_is "a weight that is none" 75 mm-scan dnsbl --list 'zen.test*x' "$T/from.eml"
exit_is "a range the wrong way round" 75 mm-scan dnsbl --list 'zen.test=127.0.0.9..2' "$T/from.eml"
done_testing
