#!/bin/bash
# Who gets what: rules and actions as they act on each recipient.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/rule.sh"

mapfile -t four < <(to bob@a.example eve@a.example carl@b.example dan@b.example)

# Every rule is tried, in order, for every recipient; those alike travel together.
rules order <<END
{"Name": "all", "Actions": [{"Archive": {"TargetArchive": "keep"}}]},
{"Name": "a", "Conditions": [$(rcpt ENDS_WITH @a.example)], "Actions": [{"Relay": {"Relay": "one"}}]},
{"Name": "none", "Conditions": [$(rcpt ENDS_WITH @c.example)], "Actions": [{"Relay": {"Relay": "two"}}]},
{"Name": "not-a", "Unless": [$(rcpt ENDS_WITH @a.example)], "Actions": [{"Relay": {"Relay": "two"}}]},
{"Actions": [{"Send": {$role}}]}
END
record m1 "${four[@]}" | rule order >"$T/out"
is "order and grouping" "$(log)" \
	"0/0 Archive keep m1 <bob@a.example> <eve@a.example> <carl@b.example> <dan@b.example> [X-Tag: here]
1/0 Relay one m1 <bob@a.example> <eve@a.example> [X-Tag: here]
3/0 Relay two m1 <carl@b.example> <dan@b.example> [X-Tag: here]
4/0 Send mx m1 <bob@a.example> <eve@a.example> <carl@b.example> <dan@b.example> [X-Tag: here]"
is "the record comes back with its outcome" "$(tr -d '\r' <"$T/out")" "mail 1 49
id: m1
mail-from: <alice@example.org>
rcpt-to: <bob@a.example>
rcpt-to: <eve@a.example>
rcpt-to: <carl@b.example>
rcpt-to: <dan@b.example>
result: <bob@a.example> ok 250 2.0.0 taken
result: <eve@a.example> ok 250 2.0.0 taken
result: <carl@b.example> ok 250 2.0.0 taken
result: <dan@b.example> ok 250 2.0.0 taken
status: ok
reply: 250 2.0.0 taken

From: <alice@example.org>
X-Tag: here

hello"

# Conditions AND, Unless NOR.
rules logic <<END
{"Conditions": [$(rcpt STARTS_WITH b), $(rcpt ENDS_WITH @a.example)], "Actions": [{"Relay": {"Relay": "one"}}]},
{"Conditions": [$(rcpt ENDS_WITH @a.example)], "Unless": [$(rcpt STARTS_WITH b), $(rcpt STARTS_WITH c)],
 "Actions": [{"Relay": {"Relay": "two"}}]}
END
record m1 "${four[@]}" | rule logic >/dev/null
is "Conditions and, Unless nor" "$(log)" \
	"0/0 Relay one m1 <bob@a.example> [X-Tag: here]
1/0 Relay two m1 <eve@a.example> [X-Tag: here]"

# AddHeader is seen by what follows, and only for those who matched.
rules header <<END
{"Conditions": [$(rcpt ENDS_WITH @a.example)],
 "Actions": [{"AddHeader": {"HeaderName": "X-First", "HeaderValue": "1"}}]},
{"Conditions": [$(header X-First EQUALS 1), $(rcpt STARTS_WITH bob)],
 "Actions": [{"AddHeader": {"HeaderName": "X-Second", "HeaderValue": "2"}}]},
{"Conditions": [$(header X-Tag EQUALS here)], "Actions": [{"Archive": {"TargetArchive": "keep"}}]},
{"Unless": [$(header X-First EQUALS 1)], "Actions": [{"Relay": {"Relay": "one"}}]}
END
record m1 "${four[@]}" | rule header >"$T/out"
is "AddHeader is seen by later rules and actions" "$(log | sort)" \
	"2/0 Archive keep m1 <bob@a.example> [X-Second: 2] [X-First: 1] [X-Tag: here]
2/0 Archive keep m1 <carl@b.example> <dan@b.example> [X-Tag: here]
2/0 Archive keep m1 <eve@a.example> [X-First: 1] [X-Tag: here]
3/0 Relay one m1 <carl@b.example> <dan@b.example> [X-Tag: here]"
is "the message itself stays as it came" "$(tr -d '\r' <"$T/out" | sed '1,/^$/d')" \
	"From: <alice@example.org>
X-Tag: here

hello"

# ReplaceRecipient: the same.
rules replace <<END
{"Conditions": [$(rcpt ENDS_WITH @a.example)],
 "Actions": [{"ReplaceRecipient": {"ReplaceWith": ["x@test.example", "y@test.example"]}},
  {"Archive": {"TargetArchive": "keep"}}]},
{"Conditions": [$(rcpt ENDS_WITH @test.example)], "Actions": [{"Relay": {"Relay": "one"}}]},
{"Conditions": [$(rcpt EQUALS x@test.example)], "Actions": [{"Relay": {"Relay": "two"}}]},
{"Conditions": [$(rcpt ENDS_WITH @a.example)], "Actions": [{"Send": {$role}}]}
END
record m1 "${four[@]}" | rule replace -x "Relay=$fake -o $T/log -r y@='permfail 550 5.1.1 no y'" >"$T/out"
is "ReplaceRecipient is seen by what follows" "$(log)" \
	"0/1 Archive keep m1 <x@test.example> <y@test.example> [X-Tag: here]
1/0 Relay one m1 <x@test.example> <y@test.example> [X-Tag: here]
2/0 Relay two m1 <x@test.example> [X-Tag: here]"
is "the worst of the replacements is the result" "$(fields 'rcpt-to|result|status|reply' <"$T/out")" \
	"rcpt-to: <bob@a.example>
rcpt-to: <eve@a.example>
rcpt-to: <carl@b.example>
rcpt-to: <dan@b.example>
result: <bob@a.example> permfail 550 5.1.1 no y
result: <eve@a.example> permfail 550 5.1.1 no y
result: <carl@b.example> ok 250 2.0.0 accepted, no rule delivers it
result: <dan@b.example> ok 250 2.0.0 accepted, no rule delivers it
status: permfail
reply: 550 5.1.1 no y"

# A replacement that is a recipient already is asked for once.
rules twice <<END
{"Conditions": [$(rcpt STARTS_WITH bob)],
 "Actions": [{"ReplaceRecipient": {"ReplaceWith": ["carl@b.example", "carl@b.example"]}}]},
{"Actions": [{"Relay": {"Relay": "one"}}]}
END
record m1 "${four[@]}" 'rcpt-to: <dan@b.example> NOTIFY=NEVER' | rule twice >/dev/null
is "one address, one delivery" "$(log)" \
	"1/0 Relay one m1 <eve@a.example> <carl@b.example> <dan@b.example> [X-Tag: here]"

# Drop and Bounce: those who match leave, the rest goes on.
rules leave <<END
{"Name": "away", "Conditions": [$(rcpt STARTS_WITH bob)],
 "Actions": [{"Archive": {"TargetArchive": "keep"}}, {"Drop": {}}, {"Relay": {"Relay": "two"}}]},
{"Conditions": [$(rcpt STARTS_WITH eve)], "Actions": [{"Drop": {}}]},
{"Conditions": [$(rcpt STARTS_WITH carl)], "Actions": [{"Bounce": {$role, "Sender": "postmaster@b.example",
  "SmtpReplyCode": "550", "StatusCode": "5.1.1", "DiagnosticMessage": "nobody here"}}]},
{"Actions": [{"Relay": {"Relay": "one"}}]}
END
record m1 "${four[@]}" | rule leave >"$T/out"
is "who has left is out of all that follows" "$(log)" \
	"0/0 Archive keep m1 <bob@a.example> [X-Tag: here]
3/0 Relay one m1 <dan@b.example> [X-Tag: here]"
is "Drop is ok, Bounce is not" "$(fields 'result|status|reply' <"$T/out")" \
	"result: <bob@a.example> ok 250 2.0.0 dropped by rule away
result: <eve@a.example> ok 250 2.0.0 dropped by rule 1
result: <carl@b.example> permfail 550 5.1.1 nobody here
result: <dan@b.example> ok 250 2.0.0 taken
status: permfail
reply: 550 5.1.1 nobody here"

# With -x Bounce they leave as the command says, and nothing follows.
record m1 "${four[@]}" | rule leave -x "Bounce=$fake -o $T/log -r carl='permfail 550 5.2.1 moved'" >"$T/out"
is "who was bounced by a command is out of what follows" "$(log)" \
	"0/0 Archive keep m1 <bob@a.example> [X-Tag: here]
2/0 Bounce - m1 <carl@b.example> [X-Tag: here]
3/0 Relay one m1 <dan@b.example> [X-Tag: here]"
is "and has its outcome" "$(fields result <"$T/out" | grep carl)" \
	"result: <carl@b.example> permfail 550 5.2.1 moved"

# A Bounce with a 4xx is the reply to the client without a queue, and final behind one.
rules later <<END
{"Conditions": [$(rcpt STARTS_WITH bob)], "Actions": [{"Bounce": {$role, "Sender": "p@b.example",
  "SmtpReplyCode": "450", "StatusCode": "4.2.1", "DiagnosticMessage": "come later"}}]},
{"Conditions": [$(rcpt STARTS_WITH eve)], "Actions": [{"Bounce": {$role, "Sender": "p@b.example",
  "SmtpReplyCode": "550", "StatusCode": "4.2.1", "DiagnosticMessage": "never"}}]}
END
for queue in '' 'queued: 2026-11-22T10:00:00.000Z' 'attempt: 2'; do
	record m1 "${four[@]:0:2}" ${queue:+"$queue"} | rule later 2>/dev/null >"$T/out"
	bob='permfail 554 5.2.1 come later'
	[ "$queue" ] || bob='tempfail 450 4.2.1 come later'
	is "Bounce with a 4xx, ${queue:-no queue}" "$(fields 'result|status|reply' <"$T/out")" \
		"result: <bob@a.example> $bob
result: <eve@a.example> permfail 550 5.2.1 never
status: ${bob%% *}
reply: $(if [ "$queue" ]; then echo "${bob#* }"; else echo "450 4.2.1 come later"; fi)"
done
record m1 "${four[@]:0:1}" 'attempt: 1' | mm-rule --explain later 2>/dev/null >"$T/out"
is "--explain tells what it would be" "$(grep -c '554 5.2.1 come later' "$T/out")" 2
is "--check: classes that differ" "$(mm-rule --check later | grep -o 'later.json.*told.*')" \
	"later.json:5:41: Rules[1].Actions[0].Bounce.StatusCode: warning: told as 5.2.1: its class is that of SmtpReplyCode"

# Recipients: named twice, with parameters, none, no address.
rules one <<'END'
{"Actions": [{"Relay": {"Relay": "one"}}]}
END
record m1 'rcpt-to: <b@a.example> NOTIFY=NEVER' 'rcpt-to: <b@a.example>' \
	'rcpt-to: <"x y>"@a.example>' 'rcpt-to: nobody' | rule one >"$T/out"
is "each recipient once, with its parameters" "$(log)" \
	'0/0 Relay one m1 <b@a.example> NOTIFY=NEVER <"x y>"@a.example> [X-Tag: here]'
is "what is no address is refused" "$(fields 'rcpt-to|result|status' <"$T/out")" \
	'rcpt-to: <b@a.example> NOTIFY=NEVER
rcpt-to: <b@a.example>
rcpt-to: <"x y>"@a.example>
rcpt-to: nobody
result: <b@a.example> ok 250 2.0.0 taken
result: <"x y>"@a.example> ok 250 2.0.0 taken
result: nobody permfail 553 5.1.3 not an address
status: permfail'
record m1 | rule one >"$T/out"
is "no recipient at all" "$(fields 'status|reply' <"$T/out")" \
	"status: permfail
reply: 554 5.5.1 the message has no recipients"
is "and nothing is done" "$(log)" ""

# A result that is final stays; a temporary one does not.
record m1 "${four[@]}" 'result: <eve@a.example> permfail 550 5.1.1 gone' \
	'result: <dan@b.example> ok 250 2.0.0 there' \
	'result: <bob@a.example> tempfail 450 4.2.0 busy' | rule one >"$T/out"
is "who has a final result is left alone" "$(log)" \
	"0/0 Relay one m1 <bob@a.example> <carl@b.example> [X-Tag: here]"
is "and keeps it" "$(fields result <"$T/out")" \
	"result: <bob@a.example> ok 250 2.0.0 taken
result: <eve@a.example> permfail 550 5.1.1 gone
result: <carl@b.example> ok 250 2.0.0 taken
result: <dan@b.example> ok 250 2.0.0 there"

# What an action adds to its record is known of the message; its copy of the
# envelope, the message and our own fields are not.
record m1 "${four[@]}" 'x-before: 1' |
	rule order -x "Archive=$fake -f archived='keep duplicate'" >"$T/out"
is "findings of actions are kept" "$(fields 'archived|x-before|rule|action|tag' <"$T/out")" \
	"x-before: 1
archived: keep duplicate"
log >/dev/null

# A thousand recipients: fields stay within a line.
mapfile -t many < <(to $(seq -f 'recipient-number-%04.0f@some-longer-domain-name.example' 1 1000))
record m1 "${many[@]}" | rule one -x "Relay=$fake -o $T/log -r 0999@='tempfail 450 4.2.0 x'" >"$T/out"
is "a thousand recipients: results" "$(fields result <"$T/out" | cut -d' ' -f3 | sort | uniq -c | tr -s ' ')" \
	" 999 ok
 1 tempfail"
is "a thousand recipients: done" \
	"$(fields 'done' <"$T/out" | grep -o '<[^>]*>' | sort -u | wc -l)" 999
done_testing
