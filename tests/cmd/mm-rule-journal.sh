#!/bin/bash
# mm-rule --journal: killed at every point between actions, what is finished is not
# repeated when the messages come again.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/rule.sh"

rules four <<END
{"Actions": [{"Archive": {"TargetArchive": "keep"}}, {"AddHeader": {"HeaderName": "X-A", "HeaderValue": "b"}},
 {"Relay": {"Relay": "one"}}]},
{"Conditions": [$(rcpt STARTS_WITH a)], "Actions": [{"PublishToSns": {$role, "TopicArn": "arn:aws:sns:eu-west-1:123456789012:mail"}}]},
{"Actions": [{"Send": {$role}}]}
END
mapfile -t two < <(to a@a.example b@a.example)
record m1 "${two[@]}" >"$T/in"
record m2 "${two[0]}" >>"$T/in"
undisturbed=$(rule four <"$T/in" >"$T/undisturbed" && log | sort)
ok "an undisturbed run does something" [ "$(wc -l <<<"$undisturbed")" -eq 8 ]

# run ACTION OPTION: with that action's helper killing mm-rule, once; then again, as
# a queue does, until all is answered.
run() {
	for _ in 1 2 3; do
		rule four --journal "$T/journal" -x "$1=exec $fake -o $T/log $2 $T/once" <"$T/in" >"$T/out" 2>/dev/null && return
	done
	return 1
}
for action in Archive Relay PublishToSns Send; do
	rm -rf "$T/journal" "$T/once"
	ok "killed when $action begins: recovers" run "$action" -k
	ok "killed when $action begins: it was killed" [ -e "$T/once" ]
	is "killed when $action begins: the effects are those of an undisturbed run" "$(log | sort)" "$undisturbed"
	is "killed when $action begins: the results too" "$(fields 'id|result|status' <"$T/out" | sort)" \
		"$(fields 'id|result|status' <"$T/undisturbed" | sort)"
done

# Without a journal it is another matter: the test can fail.
rm -f "$T/once"
for _ in 1 2; do
	rule four -x "Send=exec $fake -o $T/log -k $T/once" <"$T/in" >"$T/out" 2>/dev/null
done
ok "without a journal actions are repeated" [ "$(log | wc -l)" -gt 8 ]

# Killed once the last action is done: only what was in flight may be done twice.
rm -rf "$T/journal" "$T/once"
run Send -K
is "killed behind the last: what is before is not repeated" "$(log | sort -u)" "$undisturbed"

# A whole crash: who gave the messages has not read the answers.
rm -rf "$T/journal"
rule four --journal "$T/journal" <"$T/in" >/dev/null
log >/dev/null
rule four --journal "$T/journal" <"$T/in" >"$T/out"
is "answered and come again: nothing is repeated" "$(log)" ""
is "answered and come again: the same results" "$(fields 'id|result|status' <"$T/out" | sort)" \
	"$(fields 'id|result|status' <"$T/undisturbed" | sort)"

# A child that dies takes nothing with it, with a journal too.
for action in Archive Relay PublishToSns Send; do
	rm -rf "$T/journal" "$T/died"
	rule four --journal "$T/journal" -x "$action=exec $fake -o $T/log -d $T/died" <"$T/in" >"$T/out" 2>/dev/null
	is "$action's child dies: the effects are those of an undisturbed run" "$(log | sort)" "$undisturbed"
done

# The file.
printf '+m9 four 0/0 - Archive keep ok <a@a.example> 250 2.0.0 taken\n+m1 four 0/0 - Archive keep ok <a@a.exam' \
	>"$T/journal/journal"
rule four --journal "$T/journal" <"$T/in" >"$T/out"
is "a line that was cut short does not count" "$(log | grep -c Archive)" 2
like "the others are kept" "$(cat "$T/journal/journal")" '^\+m9 four'
mkfifo "$T/pipe"
rule four --journal "$T/journal" <"$T/pipe" >"$T/out" &
running=$!
exec 3>"$T/pipe"
record m3 "${two[0]}" >&3
wait_for "the first has it" grep -aq 'id: m3' "$T/out"
exit_is "one process a directory" 75 rule four --journal "$T/journal" <"$T/in"
like "and says so" "$(cat "$T/.err")" "another process has it"
exec 3>&-
wait "$running"
done_testing
