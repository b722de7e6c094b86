#!/bin/bash
# mm-rules(5): the actions that Mail Manager does not have, each by the records that
# its program gets and by what becomes of the recipients.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/rule.sh"
relay='{"Relay": {"Relay": "one"}}'

# run RULESET [OPTION...]: as rule, with the other programs faked as well.
run() {
	rule "$1" -x "Hold=$fake -o $T/log" -x "Copy=$fake -o $T/log" \
		-x "SignDkim=$fake -o $T/log -b 'X-Signed: yes'" "${@:2}"
}
mapfile -t abc < <(to a@a.example b@a.example c@a.example)
only() { # ADDRESS
	printf '"Conditions": [%s]' "$(rcpt EQUALS "$1")"
}

rules stop <<END
{$(only a@a.example), "Actions": [{"Stop": {}}, {"AddHeader": {"HeaderName": "X-A", "HeaderValue": "b"}}]},
{$(only b@a.example), "Actions": [$relay, {"Stop": {}}]},
{"Name": "rest", "Actions": [{"Archive": {"TargetArchive": "keep"}}]}
END
record m1 "${abc[@]}" | run stop >"$T/out"
is "Stop: results" "$(fields result <"$T/out")" "result: <a@a.example> ok 250 2.0.0 stopped by rule 0
result: <b@a.example> ok 250 2.0.0 stopped by rule 1
result: <c@a.example> ok 250 2.0.0 taken"
is "Stop: what was done" "$(log)" "1/0 Relay one m1 <b@a.example> [X-Tag: here]
2/0 Archive keep m1 <c@a.example> [X-Tag: here]"
is "Stop: plan" "$(record m1 'rcpt-to: <a@a.example>' | mm-rule -n stop | fields plan)" \
	"plan: stop 0/0 - Stop - <a@a.example>"
record m1 "${abc[@]}" | run stop -x "Relay=$fake -s 'permfail 550 5.1.1 no'" >"$T/out"
is "Stop: who was refused before has failed" "$(fields result <"$T/out" | sed -n 2p)" \
	"result: <b@a.example> permfail 550 5.1.1 no"
like "Stop: what follows it is never done" "$(mm-rule --check stop)" \
	'Rules\[0\].Actions\[1\]: warning: never done'

# Headers.
rm -f "$T/log"
rules edit <<END
{$(only a@a.example), "Actions": [{"RemoveHeader": {"HeaderName": "x-tag"}}]},
{$(only b@a.example), "Actions": [{"ReplaceHeader": {"HeaderName": "X-Tag", "HeaderValue": "gr\u00fcn", "Pattern": "^HERE$"}},
  {"ReplaceHeader": {"HeaderName": "X-Tag", "HeaderValue": "no", "Pattern": "elsewhere"}}]},
{"Conditions": [$(header X-Tag EQUALS grün)], "Actions": [{"AddHeader": {"HeaderName": "X-Seen", "HeaderValue": "1"}}]},
{"Actions": [$relay]}
END
record m1 "${abc[@]}" | run edit >"$T/out"
is "headers: each recipient has its own, and conditions see it" "$(log | sort)" \
	"3/0 Relay one m1 <a@a.example>
3/0 Relay one m1 <b@a.example> [X-Seen: 1] [X-Tag: =?UTF-8?b?Z3LDvG4=?=]
3/0 Relay one m1 <c@a.example> [X-Tag: here]"
is "headers: the message of the record is as it came" "$(grep -ac '^X-Tag: here' "$T/out")" 1

# SubjectTag, by what the relay gets.
subject() { # SUBJECT-LINES PREFIX
	rules tag <<<"{\"Actions\": [{\"SubjectTag\": {\"Prefix\": \"$2\"}}, {\"SubjectTag\": {\"Prefix\": \"$2\"}}, $relay]}"
	printf 'From: a@b.example\r\n%bTo: x@y.example\r\n\r\nhi\r\n' "$1" >"$T/mail.eml"
	mm-rule -x "Relay=tee $T/relayed" --rcpt-to b@a.example tag "$T/mail.eml" >"$T/out"
	tr -d '\r' <"$T/relayed" | sed -n '/^Subject:/,/^[A-Z]/p' | sed '/^To:/d; /^From:/d'
}
is "SubjectTag: once" "$(subject 'Subject: hello\r\n' '[EXT]')" "Subject: [EXT] hello"
is "SubjectTag: not where it stands already" "$(subject 'Subject: Re: [EXT] hello\r\n' '[EXT]')" \
	"Subject: Re: [EXT] hello"
is "SubjectTag: nor where it stands encoded" "$(subject 'Subject: =?utf-8?q?=5BEXT=5D_hello?=\r\n' '[EXT]')" \
	"Subject: =?utf-8?q?=5BEXT=5D_hello?="
is "SubjectTag: folding stays" "$(subject 'Subject: hello\r\n  world\r\n' '[EXT]')" "Subject: [EXT] hello
  world"
is "SubjectTag: a message without one" "$(subject '' '[EXT]')" "Subject: [EXT] "
subject 'Subject: =?utf-8?q?K=C3=A4se?=\r\n' '\u00c4u\u00dferes:' >"$T/subject"
is "SubjectTag: beyond ASCII" "$(python3 -c 'import email.header, sys
print(email.header.make_header(email.header.decode_header(
	sys.stdin.read().split(":", 1)[1].strip())))' <"$T/subject")" "Äußeres: Käse"
ok "SubjectTag: its octets are ASCII" [ -z "$(LC_ALL=C tr -d '\n -~' <"$T/subject")" ]

# Hold ends; its id is the message's only when all recipients are held.
mkdir "$T/queue"
rules hold <<END
{"Conditions": [$(header X-Tag EQUALS here), $(rcpt ENDS_WITH .example)], "Unless": [$(rcpt EQUALS c@a.example)],
 "Actions": [{"Hold": {"Queue": "$T/queue", "Reason": "odd"}}]},
{"Actions": [$relay]}
END
is "Hold: --check" "$(mm-rule --check hold)" ""
record m1 "${abc[@]}" | run hold >"$T/out"
is "Hold: done for them alone" "$(log | sed 's/m1[.][0-9]-[0-9]-[0-9a-f]\{8\} /m1.SUFFIX /; s|/tmp[^ ]*/queue|QUEUE|')" \
	"0/0 Hold QUEUE m1.SUFFIX <a@a.example> <b@a.example> [X-Tag: here]
1/0 Relay one m1 <c@a.example> [X-Tag: here]"
is "Hold: results" "$(fields result <"$T/out" | uniq -f2 -c | awk '{print $1, $4, $5}')" "3 ok 250"
record m1 "${abc[@]:0:2}" | run hold >"$T/out"
is "Hold: the message's own id" "$(log | cut -d' ' -f4)" m1
record m1 "${abc[0]}" | run hold -x "Hold=$fake -s 'permfail 550 5.0.0 no'" >"$T/out"
is "Hold: what cannot be held is not relayed" "$(log)$(fields 'result' <"$T/out")" \
	"result: <a@a.example> permfail 550 5.0.0 no"
is "Hold: the program" "$(record m1 "${abc[0]}" |
	PATH=$T/none:$PATH mm-rule -n hold | fields plan)" "plan: hold 0/0 - Hold $T/queue <a@a.example>"
record m7 "${abc[@]:0:2}" | mm-rule hold >"$T/out"
like "Hold: in a queue, held, and why" "$(mm-queue list "$T/queue")" 'm7 .* held
 *.held: odd'
rules hold <<<'{"Actions": [{"Hold": {"Queue": "/nonexistent/queue"}}]}'
exit_is "Hold: no such queue" 65 mm-rule --check hold
exit_is "Hold: leniently" 0 mm-rule --check --lenient hold

# Copy: one for those that travel together, and none of the recipients' business.
rules copy <<END
{"Actions": [{"Copy": {"Recipients": ["x@c.example", "y@c.example"], "Relay": "two"}}, $relay]}
END
record m1 "${abc[@]:0:2}" | run copy >"$T/out"
is "Copy" "$(log)" "0/0 Copy two m1 <x@c.example> NOTIFY=NEVER <y@c.example> NOTIFY=NEVER [X-Tag: here]
0/1 Relay one m1 <a@a.example> <b@a.example> [X-Tag: here]"
is "Copy: the record's recipients are its own" "$(fields 'rcpt-to|result' <"$T/out")" \
	"rcpt-to: <a@a.example>
rcpt-to: <b@a.example>
result: <a@a.example> ok 250 2.0.0 taken
result: <b@a.example> ok 250 2.0.0 taken"
record m1 "${abc[0]}" | run copy -x "Copy=$fake -o $T/log -r 'y@=tempfail 451 4.0.0 later'" >"$T/out"
is "Copy: the worst of them counts, and the rest waits" "$(fields 'result' <"$T/out"; log | wc -l)" \
	"result: <a@a.example> tempfail 451 4.0.0 later
1"
record m1 "${abc[0]}" | run copy -x "Copy=$fake -s 'permfail 550 5.0.0 no'" >"$T/out"
is "Copy: a failure for good does not stop the delivery" "$(fields 'result' <"$T/out")" \
	"result: <a@a.example> ok 250 2.0.0 taken"
rm -f "$T/log"
rules copy <<<'{"Actions": [{"Copy": {"Recipients": ["x@c.example"]}}]}'
is "Copy: by MX" "$(record m1 "${abc[0]}" | mm-rule -n copy | fields plan | head -1)" \
	"plan: copy 0/0 - Copy mx <a@a.example>"
like "Copy is no delivery" "$(mm-rule --check copy)" "no action stores or delivers"

# What gives another message back.
rules sign <<END
{$(only a@a.example), "Actions": [{"SignDkim": {"Domain": "a.example"}}]},
{"Conditions": [$(header X-Signed EQUALS yes)], "Actions": [{"AddHeader": {"HeaderName": "X-Seen", "HeaderValue": "1"}}]},
{"Actions": [$relay, {"Archive": {"TargetArchive": "keep"}}]}
END
record m1 "${abc[@]:0:2}" | run sign >"$T/out"
is "SignDkim: the changed message, for those that matched" "$(log | sort | grep -v Archive)" \
	"0/0 SignDkim a.example m1 <a@a.example> [X-Tag: here]
2/0 Relay one m1 <a@a.example> [X-Seen: 1] [X-Signed: yes] [X-Tag: here]
2/0 Relay one m1 <b@a.example> [X-Tag: here]"
record m1 "${abc[0]}" | run sign -x "Archive=$fake -s 'tempfail 451 4.0.0 later'" >"$T/out"
is "SignDkim: what only changes the message is not noted as done" "$(fields 'done' <"$T/out" | cut -d' ' -f5)" Relay
rm -f "$T/log"
sed '/^status\|^reply/d' "$T/out" | run sign >"$T/out2"
is "SignDkim: but done again when the message comes again" "$(log)" \
	"0/0 SignDkim a.example m1 <a@a.example> [X-Tag: here]
2/1 Archive keep m1 <a@a.example> [X-Seen: 1] [X-Signed: yes] [X-Tag: here]"
record m1 "${abc[0]}" | run sign -x "SignDkim=$fake -e" >"$T/out"
is "SignDkim: an answer without a message is a failure" "$(fields 'result' <"$T/out")" \
	"result: <a@a.example> tempfail 451 4.3.0 SignDkim gave no message back"
rm -f "$T/log"
record m1 "${abc[0]}" | run sign -x "SignDkim=$fake -s 'permfail 550 5.0.0 no key' -b 'X-Signed: yes'" >"$T/out"
is "SignDkim: who fails keeps the old message" "$(log | head -1)" "2/0 Relay one m1 <a@a.example> [X-Tag: here]"
rules seal <<<"{\"Actions\": [{\"SealArc\": {}}, $relay]}"
record m1 "${abc[0]}" | run seal -x "SealArc=$fake -b 'X-Sealed: yes'" >"$T/out"
is "SealArc" "$(log)" "0/1 Relay one m1 <a@a.example> [X-Sealed: yes] [X-Tag: here]"

rules exec <<END
{"Actions": [{"Exec": {"Command": ["$fake", "-o", "$T/log", "-b", "X-Exec: two words"], "Message": "REPLACE"}}]},
{"Actions": [{"Exec": {"Command": ["$fake", "-o", "$T/log", "-b", "X-Lost: yes"]}}, $relay]}
END
is "Exec: --check" "$(mm-rule --check exec)" ""
record m1 "${abc[0]}" | run exec >"$T/out"
is "Exec: REPLACE and KEEP" "$(log | sed 's/Exec [^ ]*/Exec TARGET/')" \
	"0/0 Exec TARGET m1 <a@a.example> [X-Tag: here]
1/0 Exec TARGET m1 <a@a.example> [X-Exec: two words] [X-Tag: here]
1/1 Relay one m1 <a@a.example> [X-Exec: two words] [X-Tag: here]"
is "explained" "$(record m1 "${abc[0]}" | mm-rule --explain --json copy |
	jq -c '.actions[]? | [.action_name, .target, .recipients]')" '["Copy","mx",["x@c.example"]]'
exit_is "-x stands in for no header" 75 mm-rule -x SubjectTag=cat -n exec

# The twelfth of Mail Manager's.
id=0123456789abcdef0123456789abcdef0123
mkdir -p "$S/applications"
printf '{"Command": ["sh", "-c", "cat >%s"]}\n' "$T/document" >"$S/applications/$id.json"
rules q <<<"{\"Actions\": [{\"DeliverToQBusiness\": {$role, \"ApplicationId\": \"$id\", \"IndexId\": \"$id\"}}]}"
record m1 "${abc[0]}" | mm-rule q >"$T/out"
is "DeliverToQBusiness" "$(fields 'notified|result' <"$T/out")" "notified: qbusiness:$id
result: <a@a.example> ok 250 2.0.0 notified qbusiness:$id"
is "DeliverToQBusiness: the document" "$(jq -c '[.indexId, .documents[0].id]' "$T/document")" "[\"$id\",\"m1\"]"

# What is wrong with them.
rules bad <<END
{"Actions": [{"RemoveHeader": {"HeaderName": "a b"}},
{"ReplaceHeader": {"HeaderName": "X-A", "HeaderValue": "b", "Pattern": "("}},
{"Copy": {"Recipients": []}}, {"Exec": {"Command": []}}, {"Stops": {}}]}
END
mm-rule --check bad >"$T/out"
is "errors have their place" "$(cut -d: -f2- <"$T/out" | sed 's/ found.*//')" \
	'2:46: Rules[0].Actions[0].RemoveHeader.HeaderName: expected a header name (printable ASCII without spaces and colons),
4:25: Rules[0].Actions[2].Copy.Recipients: expected 1 to 100 items,
4:52: Rules[0].Actions[3].Exec.Command: expected 1 to 100 items,
4:59: Rules[0].Actions[4].Stops: unknown member; did you mean "Stop"?'
rules bad <<<'{"Actions": [{"ReplaceHeader": {"HeaderName": "X-A", "HeaderValue": "b", "Pattern": "("}}]}'
like "an expression that is none" "$(mm-rule --check bad)" 'Pattern: expected a regular expression: missing'
printf '{"Hostname": "MX.example.org"}\n' >"$S/site.json"
sed -i 's/127.0.0.1/mx.example.org./' "$S/relays/two.json"
rules loop <<<"{\"Actions\": [{\"Relay\": {\"Relay\": \"two\"}}, $relay]}"
like "a relay that leads back" "$(mm-rule --check loop)" \
	'Rules\[0\].Actions\[0\].Relay.Relay: warning: leads back to this gateway: mx.example.org. is its own name'
printf '{"ARecord": "in.example.net"}\n' >"$S/ingress-points/in.json"
sed -i 's/127.0.0.1/in.example.net/; s/25/26/' "$S/relays/one.json"
like "to one of its ingress points" "$(mm-rule --check loop)" 'Actions\[1\].Relay.Relay: warning: leads back'
sed -i 's/25/26/' "$S/relays/two.json"
is "another port of the host may be another server" "$(mm-rule --check loop | grep -c 'leads back')" 1
done_testing
