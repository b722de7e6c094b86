#!/bin/bash
# DNS lists where each recipient is judged: mm-smtpd asks mm-scan and mm-policy.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
. "$top/tests/lib/verdict.sh"
need openssl mm-smtpd mm-scan mm-policy
need_python dns
start dns "$python" "$top/tests/tools/list-dns.py" "$T/asked" evil.example.dbl.test=127.0.1.2 \
	1.0.0.127.zen.test=127.0.0.11
wait_for "the DNS server" test -s "$T/dns.log"
MM_RESOLVER=127.0.0.1@$(cat "$T/dns.log")
export MM_RESOLVER MM_SITE=$T/site
mkdir -p "$T/site"/{addons,traffic-policies}
cat >"$T/site/addons/dbl.json" <<'JSON'
{ "AddonName": "SPAMHAUS_DBL", "Lists": [ { "Zone": "dbl.test" } ] }
JSON
cat >"$T/site/addons/zen.json" <<'JSON'
{ "AddonName": "ABUSIX_MAIL_INTELLIGENCE", "Analyzer": "zen",
  "Lists": [ { "Zone": "zen.test", "Codes": { "127.0.0.10..11": "dynamic" } } ] }
JSON
cat >"$T/site/traffic-policies/lists.json" <<'JSON'
{ "TrafficPolicyName": "lists", "DefaultAction": "ALLOW", "PolicyStatements": [
  { "Action": "DENY", "Conditions": [ { "BooleanExpression": { "Operator": "IS_TRUE",
    "Evaluate": { "Analysis": { "Analyzer": "dbl", "ResultField": "Is listed" } } } } ] },
  { "Action": "DENY", "Conditions": [
    { "StringExpression": { "Operator": "EQUALS", "Values": [ "zen.test (dynamic)" ],
      "Evaluate": { "Analysis": { "Analyzer": "zen", "ResultField": "addon.Listed on" } } } },
    { "StringExpression": { "Operator": "STARTS_WITH", "Values": [ "strict" ],
      "Evaluate": { "Attribute": "RECIPIENT" } } } ] } ] }
JSON
certificate
smtpd main --policy 'mm-scan --name zen dnsbl | mm-scan --name dbl dbl | mm-policy lists' -- \
	"$answer" "$T/stored"
is "each recipient is judged" "$(talk <<'END' | grep -v ^250- | tail -n 6
EHLO me.example
MAIL FROM:<a@good.example>
RCPT TO:<bob@x.example>
RCPT TO:<strict@x.example>
RSET
MAIL FROM:<a@mail.evil.example>
RCPT TO:<bob@x.example>
END
)" '250 2.1.0 sender ok
250 2.1.5 recipient ok
550 5.7.1 refused by policy
250 2.0.0 ok
250 2.1.0 sender ok
550 5.7.1 refused by policy'
done_testing
