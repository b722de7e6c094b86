#!/bin/bash
# mm-rule --diff: whom two rule sets treat differently.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/rule.sh"
relay='{"Relay": {"Relay": "one"}}'

rules old <<END
{"Name": "all", "Actions": [{"Archive": {"TargetArchive": "keep"}}, $relay]}
END
rules new <<END
{"Name": "bob", "Conditions": [$(rcpt STARTS_WITH bob)], "Actions": [{"Drop": {}}]},
{"Name": "moved", "Conditions": [$(rcpt STARTS_WITH carol)],
 "Actions": [{"ReplaceRecipient": {"ReplaceWith": ["x@a.example"]}}]},
{"Name": "first", "Actions": [{"Archive": {"TargetArchive": "keep"}}]},
{"Name": "second", "Actions": [$relay]}
END
rules away <<END
{"Name": "all", "Conditions": [$(rcpt STARTS_WITH bob)], "Actions": [{"Archive": {"TargetArchive": "keep"}}, $relay]}
END
{
	record m1 'rcpt-to: <alice@a.example>' 'rcpt-to: <bob@a.example>' 'rcpt-to: <bob@b.example>'
	record m2 'rcpt-to: <bob@a.example>' 'status: permfail' 'reply: 550 5.0.0 no'
	record m3 'rcpt-to: <carol@a.example>' 'result: <carol@a.example> ok 250 2.0.0 ok'
} >"$T/in"

exit_is "the same rules" 0 sh -c "mm-rule --diff old old <'$T/in'"
is "the same rules: nothing to say" "$(cat "$T/.out")" "0 of 3 messages, 0 of 5 recipients are treated differently"
exit_is "other rules" 1 sh -c "mm-rule --diff --examples 2 old new <'$T/in'"
is "other rules: counts and examples" "$(sed 's/^  //' "$T/.out")" \
	"MESSAGES  RECIPIENTS       RULES                 ACTIONS
2         3           old  all                   Archive keep, Relay one
                      new  bob                   Drop
                      as   m1                    <bob@a.example>
                      as   m1                    <bob@b.example>
1         1           old  all                   Archive keep, Relay one
                      new  moved, first, second  ReplaceRecipient <x@a.example>, Archive keep, Relay one
                      as   m3                    <carol@a.example>

3 of 3 messages, 4 of 5 recipients are treated differently"
is "as JSON" "$(mm-rule --diff --json --examples 1 old new <"$T/in" | jq -c '[.messages, .old.rules, .new.actions, .examples[0].id // .different_recipients]')" \
	'[2,"all","Drop","m1"]
[1,"all","ReplaceRecipient <x@a.example>, Archive keep, Relay one","m3"]
[null,null,null,4]'
like "what comes to nothing" "$(mm-rule --diff --examples 0 old away <"$T/in")" \
	'new  -      no delivery'
rules policy <<END
{"Name": "all", "Actions": [{"Archive": {"TargetArchive": "keep"}}, {"Relay": {"Relay": "one", "ActionFailurePolicy": "DROP"}}]}
END
exit_is "a member of an action" 1 sh -c "mm-rule --diff old policy <'$T/in'"
like "a member of an action is told" "$(cat "$T/.out")" 'new  all    Archive keep, Relay one else Drop'
exit_is "one that does not exist" 75 sh -c "mm-rule --diff old nothing <'$T/in'"
exit_is "only one" 75 sh -c "mm-rule --diff old <'$T/in'"
printf 'mail 1 x\n' >"$T/bad"
exit_is "no stream" 65 sh -c "mm-rule --diff old new <'$T/bad'"
exit_is "a bare message" 1 mm-rule --diff old new --rcpt-to bob@a.example /dev/null
done_testing
