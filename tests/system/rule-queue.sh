#!/bin/bash
# mm-rule as the worker of a queue: an interrupted rule set is taken up where it
# ended, by the progress that the queue keeps.
. "$(dirname "$0")/../lib/tap.sh"
need mm-queue mm-rule mm-archive
. "$top/tests/lib/rule.sh"
export MM_ARCHIVE_ROOT=$T/archives

printf '{"ArchiveName": "keep", "Retention": {"RetentionPeriod": "THREE_MONTHS"}}\n' >"$S/archives/keep.json"
ok "an archive" mm-archive create keep
rules inbound <<END
{"Name": "keep", "Actions": [{"Archive": {"TargetArchive": "keep"}},
  {"AddHeader": {"HeaderName": "X-Kept", "HeaderValue": "yes"}}]},
{"Name": "a", "Conditions": [$(rcpt ENDS_WITH @a.example)], "Actions": [{"Relay": {"Relay": "one"}}]},
{"Name": "rest", "Actions": [{"Relay": {"Relay": "two"}}]}
END
mapfile -t two < <(to bob@a.example eve@b.example)
record m1 "${two[@]}" | mm-queue add "$T/queue" >"$T/out"
is "queued" "$(fields status <"$T/out")" "status: ok"

# Relay one answers with a temporary failure until it is opened.
relay="[ \$MM_TARGET = one ] && ! [ -e $T/open ] && exec $fake -o $T/log -s 'tempfail 451 4.2.0 later'
	exec $fake -o $T/log"
start run mm-queue run --retry-min 1s --time-scale 10 "$T/queue" -- mm-rule -x "Relay=$relay" inbound
wait_for "a second attempt" sh -c "[ \$(grep -c '^1/0' $T/log) -ge 2 ]"
touch "$T/open"
stop run
start run mm-queue run --retry-min 1s --time-scale 10 "$T/queue" -- mm-rule -x "Relay=$relay" inbound
wait_for "the end" sh -c "[ -z \"\$(mm-queue list --json $T/queue)\" ]"
stop run
is "each relay was asked until it took the message, no further" \
	"$(grep -v '^1/0' "$T/log"; grep '^1/0' "$T/log" | tail -n 1)" \
	"2/0 Relay two m1 <eve@b.example> [X-Kept: yes] [X-Tag: here]
2/0 Relay two m1 <bob@a.example> [X-Kept: yes] [X-Tag: here]
1/0 Relay one m1 <bob@a.example> [X-Kept: yes] [X-Tag: here]"
is "archived once, as it came" "$(mm-archive get keep m1 | tr -d '\r')" "From: <alice@example.org>
X-Tag: here

hello"
unlike "never archived again" "$(cat "$T/run.log")" duplicate
done_testing
