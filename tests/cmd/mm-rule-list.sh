#!/bin/bash
# mm-rule list: address lists, looked into and changed.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/rule.sh"
list=$S/address-lists/vips

exit_is "add makes a list" 0 mm-rule list add vips Alice@Example.org '*.example.net' alice@example.org
is "each entry once" "$(cat "$list")" "Alice@Example.org
*.example.net"
printf '# ours\n\nbob@a.example' >"$list"
exit_is "add to a list with comments" 0 mm-rule list -C "$S" add vips carol@a.example BOB@a.example
is "they stay" "$(cat "$list")" "# ours

bob@a.example
carol@a.example"
exit_is "del" 0 mm-rule list del vips BOB@A.example
is "del: and nothing else" "$(cat "$list")" "# ours

carol@a.example"
exit_is "del: what is not there" 1 mm-rule list del vips bob@a.example
exit_is "add: what is no entry" 65 mm-rule list add vips dave@a.example 'no entry'
like "and says so" "$(cat "$T/.err")" 'no entry: expected an address, .*, found "no entry"'
is "then nothing is added" "$(grep -c dave "$list")" 0
mm-rule list add vips 'info*@b.example'
exit_is "find: not all" 1 mm-rule list find vips CAROL@a.example info-x@b.example eve@c.example
is "find: by whatever entry" "$(cat "$T/.out")" "CAROL@a.example
info-x@b.example"
exit_is "find: all" 0 mm-rule list find arn:aws:ses:x:1:mailmanager-address-list/vips carol@a.example
exit_is "find: no such list" 65 mm-rule list find nobody carol@a.example
exit_is "a name that leads out of the folder" 65 mm-rule list add ../vips carol@a.example
exit_is "a verb that is none" 64 mm-rule list remove vips x@a.example
exit_is "nothing to add" 64 mm-rule list add vips

imported() { # FILE
	mm-rule list import --replace vips "$1" && paste -sd' ' "$list"
}
printf 'Address,CreatedTimestamp\r\na@a.example,2026-01-01\r\n"b@a.example","x, y"\r\n\r\nA@a.example\r\n' >"$T/in.csv"
is "import: CSV" "$(imported "$T/in.csv")" "a@a.example b@a.example"
printf '\357\273\277"""odd name""@a.example"\n' >"$T/in.csv"
is "import: CSV with quotes in it" "$(imported "$T/in.csv")" '"odd name"@a.example'
printf '{"Members": [{"Address": "a@a.example", "CreatedTimestamp": 1}, {"Address": "b.example"}], "NextToken": null}' >"$T/in.json"
is "import: JSON as it is listed" "$(imported "$T/in.json")" "a@a.example b.example"
printf '["a@a.example", {"Address": "c@a.example"}]' >"$T/in.json"
is "import: a list" "$(imported "$T/in.json")" "a@a.example c@a.example"
printf '{"Address": "a@a.example"}\n{"Address": "d@a.example"}\n' >"$T/in.json"
is "import: a value a line" "$(imported "$T/in.json")" "a@a.example d@a.example"
is "import: from standard input, added" "$(echo e@a.example | mm-rule list import vips - && paste -sd' ' "$list")" \
	"a@a.example d@a.example e@a.example"
printf 'a@a.example\nnobody\n' >"$T/in.csv"
exit_is "import: what is no entry" 65 mm-rule list import --replace vips "$T/in.csv"
like "and where" "$(cat "$T/.err")" 'in.csv:2:1: expected an address'
is "the list stays as it was" "$(wc -l <"$list")" 3
seq -f 'u%.0f@a.example' 100000 >"$T/in.csv"
exit_is "import: 100,000 entries" 0 mm-rule list import --replace vips "$T/in.csv"
is "all of them" "$(wc -l <"$list")" 100000
exit_is "not one more" 65 mm-rule list add vips more@a.example
like "and why" "$(cat "$T/.err")" "at most 100000 entries"
exit_is "one that is there is no more" 0 mm-rule list add vips U7@a.example

# Writers take turns.
rm "$list"
for i in {1..20}; do mm-rule list add vips "p$i@a.example" & done
wait
is "twenty at once: nothing is lost" "$(wc -l <"$list")" 20

# A running mm-rule reads it again.
rules vips <<'END'
{"Conditions": [{"BooleanExpression": {"Evaluate": {"IsInAddressList": {"Attribute": "RECIPIENT",
  "AddressLists": ["vips"]}}, "Operator": "IS_TRUE"}}], "Actions": [{"Drop": {}}]}
END
mkfifo "$T/pipe"
mm-rule -n vips <"$T/pipe" >"$T/out" &
running=$!
exec 3>"$T/pipe"
record m0 'rcpt-to: <new@a.example>' >&3
wait_for 'the first message' grep -aq 'id: m0' "$T/out"
mm-rule list add vips new@a.example
# shellcheck disable=SC2317
seen() { # a message a time, until one is dropped
	record "m$((n += 1))" 'rcpt-to: <new@a.example>' >&3
	grep -aq 'Drop - <new@' "$T/out"
}
wait_for 'the new list' seen
ok "a changed list is read by who is running" grep -aq 'Drop - <new@' "$T/out"
exec 3>&-
wait "$running"
done_testing
