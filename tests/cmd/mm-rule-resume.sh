#!/bin/bash
# Failures: ActionFailurePolicy, what is retried and what is never repeated.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/rule.sh"

mapfile -t three < <(to bob@a.example eve@a.example carl@b.example)
later='451 4.2.0 later'

# again FILE: the record of FILE as a queue gives it to its worker once more.
again() {
	grep -avE '^(status|reply): ' "$1"
}

rules policy <<END
{"Name": "go-on", "Conditions": [$(rcpt STARTS_WITH bob)],
 "Actions": [{"Relay": {"Relay": "one"}}, {"Archive": {"TargetArchive": "keep"}}]},
{"Name": "give-up", "Conditions": [$(rcpt STARTS_WITH eve)],
 "Actions": [{"Relay": {"Relay": "one", "ActionFailurePolicy": "DROP"}}, {"Archive": {"TargetArchive": "keep"}}]},
{"Name": "all", "Conditions": [$(rcpt ENDS_WITH @a.example)], "Actions": [{"PublishToSns":
  {$role, "TopicArn": "arn:aws:sns:eu-west-1:123456789012:mail"}}]}
END
record m1 "${three[@]}" | rule policy -x "Relay=$fake -o $T/log -r @='permfail 550 5.7.1 no'" >"$T/out"
is "CONTINUE goes on, DROP does not" "$(log)" \
	"0/0 Relay one m1 <bob@a.example> [X-Tag: here]
0/1 Archive keep m1 <bob@a.example> [X-Tag: here]
1/0 Relay one m1 <eve@a.example> [X-Tag: here]
2/0 PublishToSns mail m1 <bob@a.example> [X-Tag: here]"
is "a refused delivery is not made good by a copy kept" "$(fields 'result|done' <"$T/out")" \
	"result: <bob@a.example> permfail 550 5.7.1 no
result: <eve@a.example> ok 250 2.0.0 dropped by rule give-up: Relay failed
result: <carl@b.example> ok 250 2.0.0 accepted, no rule delivers it"

rules second <<'END'
{"Actions": [{"Relay": {"Relay": "one"}}, {"Relay": {"Relay": "two"}}]}
END
record m1 "${three[@]}" |
	rule second -x "Relay=$fake -s \"\$([ \$MM_TARGET = two ] || echo permfail 550 5.7.1 no)\"" >"$T/out"
is "but it is by a second delivery" "$(fields 'result' <"$T/out")" \
	"result: <bob@a.example> ok 250 2.0.0 ok
result: <eve@a.example> ok 250 2.0.0 ok
result: <carl@b.example> ok 250 2.0.0 ok"
record m1 "${three[@]}" | rule order-missing >/dev/null 2>"$T/err"
is "a rule set that is not there: nothing is taken" "$?" 75

# A temporary failure ends it for those concerned; the others go on.
rules resume <<END
{"Name": "keep", "Actions": [{"Archive": {"TargetArchive": "keep"}},
  {"AddHeader": {"HeaderName": "X-Kept", "HeaderValue": "yes"}}]},
{"Name": "a", "Conditions": [$(rcpt ENDS_WITH @a.example)], "Actions": [{"Relay": {"Relay": "one"}}]},
{"Actions": [{"Relay": {"Relay": "two"}}]}
END
record m1 x-unknown:\ 1 "${three[@]}" |
	rule resume -x "Relay=$fake -o $T/log -r eve@='tempfail $later'" >"$T/out"
is "others go on" "$(log)" \
	"0/0 Archive keep m1 <bob@a.example> <eve@a.example> <carl@b.example> [X-Tag: here]
1/0 Relay one m1 <bob@a.example> <eve@a.example> [X-Kept: yes] [X-Tag: here]
2/0 Relay two m1 <bob@a.example> <carl@b.example> [X-Kept: yes] [X-Tag: here]"
is "what was done is noted" "$(fields 'x-unknown|done|result|status|reply' <"$T/out")" \
	"x-unknown: 1
done: resume 0/0 keep Archive keep ok <bob@a.example> <eve@a.example> <carl@b.example> 250 2.0.0 taken
done: resume 1/0 a Relay one ok <bob@a.example> 250 2.0.0 taken
done: resume 2/0 - Relay two ok <bob@a.example> <carl@b.example> 250 2.0.0 taken
result: <bob@a.example> ok 250 2.0.0 taken
result: <eve@a.example> tempfail $later
result: <carl@b.example> ok 250 2.0.0 taken
status: tempfail
reply: $later"
rule resume <"$T/out" >"$T/out2"
is "with its status it passes" "$(cat "$T/out2"; log)" "$(cat "$T/out")"
again "$T/out" | rule resume -n >"$T/out2"
is "what remains can be seen" "$(fields plan <"$T/out2")" \
	"plan: resume 0/1 keep AddHeader X-Kept <eve@a.example>
plan: resume 1/0 a Relay one <eve@a.example>
plan: resume 2/0 - Relay two <eve@a.example>"
again "$T/out" | rule resume -x "Relay=$fake -o $T/log -s 'tempfail $later'" >"$T/out2"
is "taken up where it ended, pure actions done again" "$(log)" \
	"1/0 Relay one m1 <eve@a.example> [X-Kept: yes] [X-Tag: here]"
again "$T/out2" | rule resume >"$T/out3"
is "and again, to the end" "$(log)" \
	"1/0 Relay one m1 <eve@a.example> [X-Kept: yes] [X-Tag: here]
2/0 Relay two m1 <eve@a.example> [X-Kept: yes] [X-Tag: here]"
is "then progress is forgotten" "$(fields 'x-unknown|done|result|status|reply' <"$T/out3")" \
	"x-unknown: 1
result: <bob@a.example> ok 250 2.0.0 taken
result: <eve@a.example> ok 250 2.0.0 taken
result: <carl@b.example> ok 250 2.0.0 taken
status: ok
reply: 250 2.0.0 taken"

# A failure for good is a finished action too.
record m1 "${three[@]}" | rule resume -x "Archive=$fake -o $T/log -s 'permfail 554 5.3.0 broken'" \
	-x "Relay=$fake -o $T/log -s 'tempfail $later'" >"$T/out"
log >/dev/null
again "$T/out" | rule resume >"$T/out2"
is "a refusal is not tried again" "$(log | cut -d' ' -f1 | sort -u)" "1/0
2/0"
is "and remembered, though the relays made it good" "$(fields status <"$T/out2")" "status: ok"

# RetryTimeMinutes: from then on it has failed for good.
printf '{"FunctionName": "sort"}\n' >"$S/functions/sort.json"
rules retry <<END
{"Actions": [{"InvokeLambda": {$role, "FunctionArn": "arn:aws:lambda:eu-west-1:1:function:sort",
  "InvocationType": "EVENT", "RetryTimeMinutes": 5}}, {"Relay": {"Relay": "one"}}]}
END
for minutes in 2 6; do
	record m1 "received: $(date -u -d "-$minutes minutes" +%FT%TZ)" "${three[0]}" |
		rule retry -x "InvokeLambda=$fake -s 'tempfail $later'" | fields 'result|done'
done >"$T/out"
is "RetryTimeMinutes" "$(cat "$T/out"; log)" "result: <bob@a.example> tempfail $later
result: <bob@a.example> ok 250 2.0.0 taken
0/1 Relay one m1 <bob@a.example> [X-Tag: here]"

# Replaced recipients: progress is that of a pair of original and replacement.
rules pair <<END
{"Conditions": [$(rcpt ENDS_WITH @a.example)],
 "Actions": [{"ReplaceRecipient": {"ReplaceWith": ["x@t.example", "y@t.example"]}}]},
{"Actions": [{"Relay": {"Relay": "one"}}]}
END
record m1 "${three[@]}" | rule pair -x "Relay=$fake -o $T/log -r y@='tempfail $later'" >"$T/out"
is "replacements: noted for whom and as whom" "$(log; fields 'done' <"$T/out")" \
	"1/0 Relay one m1 <carl@b.example> <x@t.example> <y@t.example> [X-Tag: here]
done: pair 1/0 - Relay one ok <carl@b.example> 250 2.0.0 taken
done: pair 1/0 - Relay one ok <bob@a.example> <eve@a.example> as <x@t.example> 250 2.0.0 taken"
again "$T/out" | rule pair >"$T/out2"
is "replacements: only the missing one" "$(log; fields result <"$T/out2")" \
	"1/0 Relay one m1 <y@t.example> [X-Tag: here]
result: <bob@a.example> ok 250 2.0.0 taken
result: <eve@a.example> ok 250 2.0.0 taken
result: <carl@b.example> ok 250 2.0.0 taken"

# The rules were edited in between: the same action on the same target counts, once.
record m1 "${three[@]}" | rule resume -x "Relay=$fake -s 'tempfail $later'" >"$T/out"
log >/dev/null
rules resume <<END
{"Name": "new", "Actions": [{"Relay": {"Relay": "two"}}]},
{"Name": "keep", "Actions": [{"Archive": {"TargetArchive": "keep"}}]},
{"Name": "twice", "Actions": [{"Archive": {"TargetArchive": "keep"}}]}
END
again "$T/out" | rule resume >"$T/out2"
is "edited rules: what moved is not repeated" "$(log | cut -d' ' -f1-3)" \
	"0/0 Relay two
2/0 Archive keep"

# Fields that are not ours do no harm.
record m1 "${three[@]}" 'done: ' 'done: x' 'done: resume 0/0' 'done: resume 1/0 keep Archive keep ok' \
	'done: resume 99999999999999999999/0 keep Archive keep ok <bob@a.example>' \
	'done: resume 9/9 keep Archive other ok <bob@a.example> as' \
	'done: resume 1/0 keep Archive keep ok <bob@a.example <' 'result: ' 'result: <bob@a.example>' \
	'result: <bob@a.example> maybe' | rule resume >"$T/out"
is "odd progress is no progress" "$(log | cut -d' ' -f1-3)" \
	"0/0 Relay two
1/0 Archive keep
2/0 Archive keep"
# A function that is asked may end the rule or the rule set, once and for all.
lambda() { # TYPE
	printf '{"InvokeLambda": {%s, "FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:f", "InvocationType": "%s"}}' \
		"$role" "$1"
}
rules ask <<END
{"Name": "ask", "Conditions": [$(rcpt ENDS_WITH @a.example)],
 "Actions": [$(lambda REQUEST_RESPONSE), {"Archive": {"TargetArchive": "keep"}}]},
{"Name": "pass", "Actions": [{"Relay": {"Relay": "one"}}]}
END
ask() { # DISPOSITION [OPTION...]: the outcome, then what was asked
	local d=$1
	shift
	rule ask -x "InvokeLambda=$fake -o $T/log -f disposition=$d" "$@" <"$T/in" >"$T/out"
	fields 'disposition|done|result|status|reply' <"$T/out"
	log
}
record m1 "${three[@]}" 'disposition: STOP_RULE' >"$T/in"
is "STOP_RULE" "$(ask STOP_RULE | grep -v ^result)" "disposition: STOP_RULE
status: ok
reply: 250 2.0.0 taken
0/0 InvokeLambda f m1 <bob@a.example> <eve@a.example> [X-Tag: here]
1/0 Relay one m1 <bob@a.example> <eve@a.example> <carl@b.example> [X-Tag: here]"
record m1 "${three[@]}" >"$T/in"
is "STOP_RULE_SET" "$(ask STOP_RULE_SET)" \
	"disposition: STOP_RULE_SET
result: <bob@a.example> ok 250 2.0.0 function f ended the rule set in rule ask
result: <eve@a.example> ok 250 2.0.0 function f ended the rule set in rule ask
result: <carl@b.example> ok 250 2.0.0 taken
status: ok
reply: 250 2.0.0 function f ended the rule set in rule ask
0/0 InvokeLambda f m1 <bob@a.example> <eve@a.example> [X-Tag: here]
1/0 Relay one m1 <carl@b.example> [X-Tag: here]"
for d in CONTINUE nonsense; do
	is "disposition $d" "$(ask $d | grep '^[01]/')" \
		"0/0 InvokeLambda f m1 <bob@a.example> <eve@a.example> [X-Tag: here]
0/1 Archive keep m1 <bob@a.example> <eve@a.example> [X-Tag: here]
1/0 Relay one m1 <bob@a.example> <eve@a.example> <carl@b.example> [X-Tag: here]"
done
record m1 "${three[@]}" 'disposition: STOP_RULE_SET' | rule ask -x "InvokeLambda=$fake" >/dev/null
is "an answer of another time does not count" "$(log | wc -l)" 2
is "only where the function succeeded" \
	"$(ask STOP_RULE_SET -x "InvokeLambda=$fake -o $T/log -f disposition=STOP_RULE_SET -r eve='permfail 554 5.3.0 no' -r bob='ok 250 2.0.0 ok'" | grep '^[01]/')" \
	"0/0 InvokeLambda f m1 <bob@a.example> <eve@a.example> [X-Tag: here]
0/1 Archive keep m1 <eve@a.example> [X-Tag: here]
1/0 Relay one m1 <eve@a.example> <carl@b.example> [X-Tag: here]"
MM_LOG=info rule ask -x "InvokeLambda=$fake -f disposition=STOP_RULE_SET" <"$T/in" 2>"$T/err" >/dev/null
like "it is in the log" "$(cat "$T/err")" \
	'action_name=INVOKE_LAMBDA action_index=0 action_status=SUCCESS disposition=STOP_RULE_SET target=f'
like "--explain says that it may" "$(mm-rule --lenient -x InvokeLambda=cat --explain ask <"$T/in" 2>/dev/null)" \
	'-> InvokeLambda f +may end the rule or the rule set'

# It is remembered when the message comes again.
for d in STOP_RULE STOP_RULE_SET; do
	record m1 "${three[@]}" >"$T/in"
	ask $d -x "Relay=$fake -s 'tempfail $later'" >/dev/null
	is "$d is noted" "$(fields 'done' <"$T/out")" \
		"done: ask 0/0 ask InvokeLambda f $d <bob@a.example> <eve@a.example> 250 2.0.0 taken"
	again "$T/out" >"$T/in"
	ask CONTINUE >"$T/results"
	relayed='<bob@a.example> <eve@a.example> <carl@b.example>'
	[ $d = STOP_RULE ] || relayed='<carl@b.example>'
	is "$d again: not asked, and obeyed" "$(grep '^[01]/' "$T/results")" \
		"1/0 Relay one m1 $relayed [X-Tag: here]"
done

# By mm-notify, of a program.
printf '#!/bin/sh\ncat >/dev/null\necho '\''{"disposition": "STOP_RULE_SET"}'\''\n' >"$T/function"
chmod +x "$T/function"
echo "{\"FunctionName\": \"f\", \"Command\": [\"$T/function\"]}" >"$S/functions/f.json"
record m1 "${three[@]}" | rule ask >"$T/out"
is "asked by mm-notify" "$(fields result <"$T/out"; log)" \
	"result: <bob@a.example> ok 250 2.0.0 function f ended the rule set in rule ask
result: <eve@a.example> ok 250 2.0.0 function f ended the rule set in rule ask
result: <carl@b.example> ok 250 2.0.0 taken
1/0 Relay one m1 <carl@b.example> [X-Tag: here]"

# Failed before: it has failed.
rules refused <<END
{"Actions": [{"Relay": {"Relay": "one"}}, $(lambda REQUEST_RESPONSE)]}
END
is "what was refused before stays refused" \
	"$(record m1 "${three[@]:0:1}" | rule refused -x "Relay=$fake -s 'permfail 550 5.1.1 no'" -x "InvokeLambda=$fake -f disposition=STOP_RULE_SET" | fields result)" \
	"result: <bob@a.example> permfail 550 5.1.1 no"

# Nobody asks a function that is only told.
rules told <<END
{"Actions": [$(lambda EVENT), {"Relay": {"Relay": "one"}}]}
END
is "EVENT: no disposition" \
	"$(record m1 "${three[@]:0:1}" | rule told -x "InvokeLambda=$fake -f disposition=STOP_RULE_SET" | fields result)" \
	"result: <bob@a.example> ok 250 2.0.0 taken"
done_testing
