#!/bin/bash
# Actions as coprocesses: started once, many messages under way, deaths, time-outs,
# programs of the user's own; reloading; the log.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/rule.sh"

rules one <<'END'
{"Name": "keep", "Actions": [{"Archive": {"TargetArchive": "keep"}}]},
{"Name": "pass", "Actions": [{"Relay": {"Relay": "one"}}]}
END

stream() { # COUNT: records r1 ...
	local i
	for ((i = 1; i <= $1; i++)); do
		record "r$i" "rcpt-to: <bob@a.example>"
	done
}

# One child an action, however many messages.
stream 500 >"$T/in"
rule one -x "Archive=echo started >>$T/starts; exec $fake -o $T/log" <"$T/in" >"$T/out"
is "one child for all messages" "$(cat "$T/starts")" started
is "every record once" "$(fields id <"$T/out" | sort | uniq -c | wc -l)" 500
is "every action once" "$(log | sort | uniq -c | grep -vc ' 1 ')/$(fields status <"$T/out" | sort | uniq -c | tr -s ' ')" \
	"0/ 500 status: ok"

# Many in flight: the relay answers nothing before it has seen the last archive.
stream 200 >"$T/in"
rule one -x "Relay=until [ \"\$(wc -l <$T/log)\" -ge 200 ]; do sleep 0.01; done; exec $fake" \
	<"$T/in" >"$T/out"
is "messages do not wait for each other" "$(fields status <"$T/out" | uniq -c | tr -s ' ')" " 200 status: ok"
log >/dev/null

# A child that dies is started again and given what it had.
record m1 "rcpt-to: <bob@a.example>" | rule one -x "Archive=$fake -o $T/log -d $T/died" >"$T/out" 2>"$T/err"
is "after a death: once each" "$(log)" \
	"0/0 Archive keep m1 <bob@a.example> [X-Tag: here]
1/0 Relay one m1 <bob@a.example> [X-Tag: here]"
is "after a death: done" "$(fields status <"$T/out")" "status: ok"
record m1 "rcpt-to: <bob@a.example>" | rule one -x "Archive=exit 3" >"$T/out" 2>"$T/err"
like "always dying: waits" "$(fields 'status|reply' <"$T/out")" \
	$'^status: tempfail\nreply: 451 4\\.3\\.0 Archive '
is "always dying: nothing further is done" "$(log)" ""
record m1 "rcpt-to: <bob@a.example>" |
	rule one --timeout 200ms -x "Archive=exec sleep 60" >"$T/out" 2>"$T/err"
like "hanging: waits" "$(fields 'status|reply' <"$T/out")" \
	$'^status: tempfail\nreply: 451 4\\.3\\.0 Archive '

# -x: the parameters of the action are in the environment.
rules param <<END
{"Name": "sns", "Actions": [{"PublishToSns": {$role, "Encoding": "BASE64",
  "TopicArn": "arn:aws:sns:eu-west-1:123456789012:orders"}}]}
END
record m1 "rcpt-to: <bob@a.example>" | rule param -x "PublishToSns=env | grep -E '^MM_(ACTION|PARAM|RULE|SITE|TARGET)' | sort >$T/env; exec cat" >"$T/out"
is "-x: environment" "$(cat "$T/env")" "MM_ACTION=PublishToSns
MM_PARAMETERS={\"Encoding\":\"BASE64\",\"RoleArn\":\"arn:aws:iam::123456789012:role/mail\",\"TopicArn\":\"arn:aws:sns:eu-west-1:123456789012:orders\"}
MM_RULE=sns
MM_RULE_SET=param
MM_SITE=$S
MM_TARGET=orders"
is "-x: an answer without outcome means done" "$(fields status <"$T/out")" "status: ok"

# Exit statuses of a message file.
printf 'From: <a@a.example>\r\nTo: <bob@a.example>\r\n\r\nhello\r\n' >"$T/m.eml"
single() { # NAME CODE OPTION...
	local name=$1 code=$2
	shift 2
	exit_is "$name" "$code" mm-rule -x "Archive=cat" "$@" one "$T/m.eml"
}
single "one message: done" 0 -x "Relay=cat"
single "one message: refused" 69 -x "Relay=$fake -s 'permfail 550 5.1.1 no'"
single "one message: not allowed" 77 -x "Relay=$fake -s 'permfail 550 5.7.1 no'"
single "one message: try again" 75 -x "Relay=$fake -s 'tempfail 450 4.2.0 x'"
single "an action unknown" 75 -x "Teleport=cat"
single "an action that cannot be replaced" 75 -x "Drop=cat"
exit_is "no rule set" 75 mm-rule
exit_is "no such option" 75 mm-rule --nothing one
exit_is "help" 0 mm-rule -h

# The rule set is read again when it changes, a broken one is not.
mkfifo "$T/fifo"
MM_LOG=info start reload sh -c "exec mm-rule -n one <$T/fifo 3>&1 >$T/plans 2>&3"
exec 9>"$T/fifo"
planned() { # ID LINE...: that is planned for it
	fields 'id|plan' <"$T/plans" | sed -n "/^id: $1$/,\$p" | sed 1d
}
try() { # ID
	record "$1" "rcpt-to: <bob@a.example>" >&9
	wait_for "$1" grep -q "^id: $1$" "$T/plans"
}
# a change is seen within a second: ask until it shows
# shellcheck disable=SC2317
until_log() { # REGEX
	local n=0
	until grep -qE "$1" "$T/reload.log"; do
		[ $((n += 1)) -lt 100 ] || return 1
		try "until-$1-$n" >/dev/null
		sleep 0.05
	done
}
try r1
is "before" "$(planned r1)" "plan: one 0/0 keep Archive keep <bob@a.example>
plan: one 1/0 pass Relay one <bob@a.example>"
printf '{"RuleSetName": "one", "Rules": [' >"$S/rule-sets/one.json"
ok "a broken file is told loudly" until_log 'level=error.*old rules stay in force'
try r2
is "and the old rules stay" "$(planned r2)" "$(planned r1 | head -n 2)"
rules one.new <<'END'
{"Name": "new", "Actions": [{"Relay": {"Relay": "two"}}]}
END
sed -i 's/one.new/one/' "$S/rule-sets/one.new.json"
mv "$S/rule-sets/one.new.json" "$S/rule-sets/one.json"
ok "a good one is read" until_log 'level=info.*read again'
try r3
is "and in force" "$(planned r3)" "plan: one 0/0 new Relay two <bob@a.example>"
exec 9>&-

# By the name of an ingress point.
cat >"$S/ingress-points/front.json" <<'END'
{"IngressPointName": "front", "Type": "OPEN", "RuleSetId": "param", "TrafficPolicyId": "x"}
END
record m1 "rcpt-to: <bob@a.example>" >"$T/in"
is "an ingress point stands for its rule set" \
	"$(mm-rule -n --lenient front 2>/dev/null <"$T/in" | fields plan | head -n 1)" \
	"plan: param 0/0 sns PublishToSns orders <bob@a.example>"

# The log.
rules logged <<END
{"Name": "bob", "Conditions": [$(header X-Tag EQUALS here), $(rcpt STARTS_WITH bob)],
 "Actions": [{"AddHeader": {"HeaderName": "X-A", "HeaderValue": "b"}}, {"Relay": {"Relay": "one"}}]},
{"Name": "signed", "Conditions": [{"VerdictExpression": {"Evaluate": {"Attribute": "DKIM"},
  "Operator": "EQUALS", "Values": ["PASS"]}}], "Actions": [{"Archive": {"TargetArchive": "keep"}}]},
{"Unless": [$(rcpt CONTAINS example)], "Actions": [{"Relay": {"Relay": "two"}}]}
END
record m1 "rcpt-to: <bob@a.example>" "rcpt-to: <eve@a.example>" "dkim: none" |
	MM_LOG=info rule logged -x "Relay=$fake -r bob='permfail 550 5.1.1 no'" >/dev/null 2>"$T/err"
is "the log, with what failed and why" "$(cat "$T/err")" \
	"level=info prog=mm-rule msg=action id=m1 rule_set_name=logged rule_name=bob rule_index=0 recipients_matched=<bob@a.example> action_name=ADD_HEADER action_index=0 action_status=SUCCESS target=X-A
level=warn prog=mm-rule msg=action id=m1 rule_set_name=logged rule_name=bob rule_index=0 recipients_matched=<bob@a.example> action_name=RELAY action_index=1 action_status=FAILURE action_failure=\"550 5.1.1 no\" target=one
level=info prog=mm-rule msg=\"rule not matched\" id=m1 rule_set_name=logged rule_name=signed rule_index=1 recipients_matched=\"\" condition=\"DKIM EQUALS PASS\" found=\"none -> GRAY\"
level=info prog=mm-rule msg=\"rule not matched\" id=m1 rule_set_name=logged rule_index=2 recipients_matched=\"\" unless=\"RECIPIENT CONTAINS example\" found=bob@a.example rcpt=<bob@a.example>
level=warn prog=mm-rule msg=\"no delivering action\" id=m1 rule_set_name=logged recipients=<eve@a.example>"
done_testing
