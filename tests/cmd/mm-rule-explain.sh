#!/bin/bash
# mm-rule --check, --explain and -n: what is said before anything is done.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/rule.sh"
printf 'a@example.org\nnot an address at all\n' >"$S/address-lists/bad"
printf '{"TopicName": "orders"}\n' >"$S/topics/orders.json"

# --check: everything that is wrong, at once, with its place.
cat >"$T/bad.json" <<END
{"RuleSetName": "bad", "Rules": [
  {"Name": "spaces in it", "Actions": [{"Relay": {"Relay": "three"}}]},
  {"Conditions": [{"BooleanExpression": {"Evaluate": {"IsInAddressList":
    {"Attribute": "RECIPIENT", "AddressLists": ["nowhere"]}}, "Operator": "IS_TRUE"}}],
   "Actions": [
    {"Archive": {"TargetArchive": "arn:aws:ses:eu-west-1:1:mailmanager-archive/a-gone"}},
    {"DeliverToQBusiness": {$role, "ApplicationId": "0123456789abcdef0123456789abcdef0123",
      "IndexId": "0123456789abcdef0123456789abcdef0123"}}]}
]}
END
exit_is "--check: errors" 65 mm-rule --check "$T/bad.json"
is "--check: a shape that is wrong" "$(sed -n "1s|$T/||p" "$T/.out")" \
	'bad.json:2:12: Rules[0].Name: expected a rule name (letters, digits, _ . and -), found "spaces in it"'
is "--check: and what the other rules refer to, in the same go" \
	"$(grep -c 'bad.json:[0-9]*:[0-9]*: Rules\[1\]\.' "$T/.out")" 3
exit_is "a filter with them waits" 75 sh -c "mm-rule '$T/bad.json' </dev/null"
sed -i 's/spaces in it/spaces/' "$T/bad.json"
exit_is "--check: more errors" 65 mm-rule --check "$T/bad.json"
is "--check: all of them" "$(sed "s|$S|SITE|; s|$T/||" "$T/.out")" \
	"bad.json:2:54: Rules[0].Actions[0].Relay.Relay: there is no relay \"three\" in the site; expected one that it has
bad.json:4:49: Rules[1].Conditions[0].BooleanExpression.Evaluate.IsInAddressList.AddressLists[0]: there is no address list \"nowhere\"; expected the file SITE/address-lists/nowhere
bad.json:6:35: Rules[1].Actions[0].Archive.TargetArchive: there is no archive \"a-gone\" in the site; expected one that it has
bad.json:7:96: Rules[1].Actions[1].DeliverToQBusiness.ApplicationId: there is no application \"0123456789abcdef0123456789abcdef0123\" in the site; expected one that it has"
exit_is "--lenient: none is an error" 0 mm-rule --check --lenient "$T/bad.json"
is "--lenient: they are warnings" "$(grep -c ': warning: ' "$T/.out")" 4
# What --lenient cannot let pass: it would write broken messages, or match everybody.
cat >"$T/broken.json" <<END
{"RuleSetName": "broken", "Rules": [
  {"Actions": [{"AddHeader": {"HeaderName": "X-A: b\r\nX-C", "HeaderValue": "d"}}]},
  {"Actions": [{"ReplaceRecipient": {"ReplaceWith": ["a..b@c.example"]}}]},
  {"Actions": [{"Bounce": {$role, "Sender": "p@b.example", "SmtpReplyCode": "no", "StatusCode": "5.1.1",
    "DiagnosticMessage": "x"}}]}
]}
END
mm-rule --check --lenient "$T/broken.json" | grep -v 'warning: expected a header\|warning: expected an SMTP\|warning: no action\|never tried' >"$T/out"
is "--lenient: errors all the same" "$(sed "s|$T/||" "$T/out")" \
	"broken.json:2:45: Rules[0].Actions[0].AddHeader.HeaderName: expected printable ASCII without spaces and colons
broken.json:3:53: Rules[1].Actions[0].ReplaceRecipient.ReplaceWith: warning: expected mail addresses, found \"a..b@c.example\"
broken.json:4:27: Rules[2].Actions[0].Bounce: expected members that make an SMTP reply such as 550 5.1.1 no such user, found \"no 5.1.1 x\""
rules nowhere <<'END'
{"Conditions": [{"IpExpression": {"Evaluate": {"Attribute": "SOURCE_IP"}, "Operator": "CIDR_MATCHES",
  "Values": ["headquarters"]}}], "Actions": [{"Drop": {}}]}
END
is "--lenient: what is no network takes nobody" \
	"$(record m1 'client-ip: 192.0.2.1' 'rcpt-to: <bob@a.example>' | mm-rule -n --lenient nowhere 2>/dev/null | fields plan)" \
	"plan: nowhere end - Nothing - <bob@a.example>"

exit_is "-x stands in for targets" 65 mm-rule --check -x Relay=cat -x Archive=cat \
	-x DeliverToQBusiness=cat "$T/bad.json"
is "-x: what is left" "$(wc -l <"$T/.out")" 1
exit_is "--check: several, one missing" 65 mm-rule --check "$T/bad.json" no-such "$T/none.json"
like "--check: names the one" "$(cat "$T/.out")" 'no rule set and no ingress point "no-such"'
like "--check: names the file" "$(cat "$T/.out")" 'none\.json: cannot read'

rules lint <<END
{"Actions": [{"ReplaceRecipient": {}}]},
{"Name": "away", "Actions": [{"Drop": {}}, {"AddHeader": {"HeaderName": "X-A", "HeaderValue": "b"}}]},
{"Actions": [{"AddHeader": {"HeaderName": "X-A", "HeaderValue": "b"}}]}
END
exit_is "--check: warnings are no errors" 0 mm-rule --check lint
is "--check: what cannot be meant" "$(sed "s|$S/rule-sets/||" "$T/.out")" \
	"lint.json:2:14: Rules[0].Actions[0]: warning: without ReplaceWith this changes nothing
lint.json:3:44: Rules[1].Actions[1]: warning: never done: the action before ends the rule set for the recipients
lint.json:4:1: Rules[2]: warning: never tried: rule away drops or bounces everything before
lint.json:1:34: Rules: warning: no action stores or delivers anything: all mail is accepted and lost"
rules control <<'END'
{"Actions": [{"AddHeader": {"HeaderName": "X-A", "HeaderValue": "a\nBcc: x@example.org"}}]}
END
exit_is "--check: a header value with a line end" 65 mm-rule --check control

# --explain and -n
rules why <<END
{"Name": "tag", "Conditions": [$(header X-Tag EQUALS here), $(rcpt ENDS_WITH @a.example)],
 "Actions": [{"AddHeader": {"HeaderName": "X-A", "HeaderValue": "b"}}, {"Archive": {"TargetArchive": "keep"}}]},
{"Name": "test", "Conditions": [$(header X-A EQUALS b)], "Unless": [$(rcpt STARTS_WITH bob)],
 "Actions": [{"ReplaceRecipient": {"ReplaceWith": ["x@t.example"]}}, {"Relay": {"Relay": "one"}}]},
{"Conditions": [$(rcpt STARTS_WITH carl)], "Actions": [{"Bounce": {$role, "Sender": "p@b.example",
  "SmtpReplyCode": "550", "StatusCode": "5.1.1", "DiagnosticMessage": "nobody here"}}]}
END
mapfile -t four < <(to bob@a.example eve@a.example carl@b.example dan@b.example)
record m1 "${four[@]}" >"$T/in"
mm-rule --explain why <"$T/in" >"$T/out"
is "--explain" "$(cat "$T/out")" "message m1 from <alice@example.org>, rule set why

recipient <bob@a.example>
  RULE  CONDITION                         FOUND          RESULT
  tag   X-Tag EQUALS here                 here           yes
        RECIPIENT ENDS_WITH @a.example    bob@a.example  yes
        => matches
        -> AddHeader X-A
        -> Archive keep
  test  X-A EQUALS b                      b              yes
        unless RECIPIENT STARTS_WITH bob  bob@a.example  NO
        => does not match
  2     RECIPIENT STARTS_WITH carl        bob@a.example  NO
        => does not match
  end   <bob@a.example>                   250 2.0.0 ok   ok

recipient <eve@a.example>
  RULE  CONDITION                          FOUND          RESULT
  tag   X-Tag EQUALS here                  here           yes
        RECIPIENT ENDS_WITH @a.example     eve@a.example  yes
        => matches
        -> AddHeader X-A
        -> Archive keep
  test  X-A EQUALS b                       b              yes
        unless RECIPIENT STARTS_WITH bob   eve@a.example  yes
        => matches
        -> ReplaceRecipient <x@t.example>
        -> Relay one
  2     RECIPIENT STARTS_WITH carl         x@t.example    NO
        => does not match                  <x@t.example>
  end   <x@t.example>                      250 2.0.0 ok   ok

recipient <carl@b.example>
  RULE  CONDITION                         FOUND                  RESULT
  tag   X-Tag EQUALS here                 here                   yes
        RECIPIENT ENDS_WITH @a.example    carl@b.example         NO
        => does not match
  test  X-A EQUALS b                      absent                 NO
        unless RECIPIENT STARTS_WITH bob  carl@b.example         yes
        => does not match
  2     RECIPIENT STARTS_WITH carl        carl@b.example         yes
        => matches
        -> Bounce 550 5.1.1 nobody here
  end   <carl@b.example>                  550 5.1.1 nobody here  permfail

recipient <dan@b.example>
  RULE  CONDITION                         FOUND                 RESULT
  tag   X-Tag EQUALS here                 here                  yes
        RECIPIENT ENDS_WITH @a.example    dan@b.example         NO
        => does not match
  test  X-A EQUALS b                      absent                NO
        unless RECIPIENT STARTS_WITH bob  dan@b.example         yes
        => does not match
  2     RECIPIENT STARTS_WITH carl        dan@b.example         NO
        => does not match
  end   <dan@b.example>                   no delivering action  ok"
mm-rule --explain --json why <"$T/in" >"$T/out"
is "--explain --json: a whole line" "$(head -n 1 "$T/out")" \
	'{"id":"m1","rule_set":"why","recipient":"bob@a.example","as":null,"rule_index":0,"rule_name":"tag","conditions":[{"unless":false,"condition":"X-Tag EQUALS here","found":"here","result":true},{"unless":false,"condition":"RECIPIENT ENDS_WITH @a.example","found":"bob@a.example","result":true}],"matches":true,"actions":[{"action_index":0,"action_name":"AddHeader","target":"X-A"},{"action_index":1,"action_name":"Archive","target":"keep"}]}'
is "--explain --json: all that happens" \
	"$(jq -rc 'if .status then [.recipient, .as, .status, .reply, .no_delivering_action]
		else [.recipient, .as, .rule_index, .rule_name, .matches, ([.conditions[].result] | map(if . then 1 else 0 end | tostring) | add),
		(.actions[] | [.action_name, .target, .recipients, .reply])] end' "$T/out")" \
	'["bob@a.example",null,0,"tag",true,"11",["AddHeader","X-A",null,null],["Archive","keep",null,null]]
["bob@a.example",null,1,"test",false,"10"]
["bob@a.example",null,2,null,false,"0"]
["bob@a.example",null,"ok","250 2.0.0 ok",false]
["eve@a.example",null,0,"tag",true,"11",["AddHeader","X-A",null,null],["Archive","keep",null,null]]
["eve@a.example",null,1,"test",true,"11",["ReplaceRecipient",null,["x@t.example"],null],["Relay","one",null,null]]
["eve@a.example","x@t.example",2,null,false,"0"]
["eve@a.example","x@t.example","ok","250 2.0.0 ok",false]
["carl@b.example",null,0,"tag",false,"10"]
["carl@b.example",null,1,"test",false,"01"]
["carl@b.example",null,2,null,true,"1",["Bounce",null,null,"550 5.1.1 nobody here"]]
["carl@b.example",null,"permfail","550 5.1.1 nobody here",false]
["dan@b.example",null,0,"tag",false,"10"]
["dan@b.example",null,1,"test",false,"01"]
["dan@b.example",null,2,null,false,"0"]
["dan@b.example",null,"ok","250 2.0.0 accepted, no rule delivers it",true]'
is "--explain --json: no recipients, no address" \
	"$({ record m2; record m3 'rcpt-to: nobody'; } | mm-rule --explain --json why)" \
	'{"id":"m2","rule_set":"why","recipient":null,"as":null,"status":"permfail","reply":"554 5.5.1 the message has no recipients","no_delivering_action":false}
{"id":"m3","rule_set":"why","recipient":"nobody","as":null,"status":"permfail","reply":"553 5.1.3 not an address","no_delivering_action":false}'
printf 'X-Tag: caf\351 \033[31m\n\nx\n' >"$T/latin.eml"
is "--explain --json: what is no UTF-8" \
	"$(mm-rule --explain --json --rcpt-to bob@a.example why "$T/latin.eml" | head -n 1 | jq -c '.conditions[0].found')" \
	'"café \u001b[31m"'
exit_is "--json alone" 75 mm-rule --json why
exit_is "--explain --json: a full disk" 75 sh -c "mm-rule --explain --json why <'$T/in' >/dev/full"
mm-rule -n why <"$T/in" >"$T/out"
is "-n" "$(fields 'plan|result|status|reply' <"$T/out")" \
	"plan: why 0/0 tag AddHeader X-A <bob@a.example> <eve@a.example>
plan: why 0/1 tag Archive keep <bob@a.example> <eve@a.example>
plan: why 1/0 test ReplaceRecipient - <eve@a.example>
plan: why 1/1 test Relay one <eve@a.example> as <x@t.example>
plan: why 2/0 - Bounce - <carl@b.example>
plan: why end - Nothing - <dan@b.example>"
is "-n again replaces the plan" "$(mm-rule -n why <"$T/out")" "$(cat "$T/out")"
{
	printf 'mail 1 0\nid: m2\nrcpt-to: <bob@a.example>\nstatus: tempfail\n\n'
	record m3
} | mm-rule --explain why >"$T/out"
is "--explain: one that failed, an envelope alone, no recipients" "$(grep -c '^message' "$T/out")/$(tail -n 4 "$T/out")" \
	"2/message m3 from <alice@example.org>, rule set why

no recipients"
printf 'From: a@b.example\nTo: bob@a.example\nX-Tag: \033[31mred\n\nx\n' >"$T/m.eml"
exit_is "--explain: a file" 0 mm-rule --explain why "$T/m.eml"
unlike "--explain: nothing that a terminal obeys" "$(cat "$T/.out")" $'\033'
exit_is "--explain: a malformed stream" 65 sh -c "echo x | mm-rule --explain why"
exit_is "--explain: a full disk" 75 sh -c "mm-rule --explain why <'$T/in' >/dev/full"
done_testing
