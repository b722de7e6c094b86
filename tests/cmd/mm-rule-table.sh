#!/bin/bash
# Every attribute and operator of a rule set's conditions at every edge.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/rule.sh"
need python3 jq

mkdir "$T/table"
"$top/tests/tools/rule-table.py" "$T/table" >"$T/names" || fail 'the table'
cp "$T/table/vips" "$S/address-lists/vips"
n=0
while read -r name; do
	mm-rule --explain --json --lenient "$T/table/$n.json" <"$T/table/$n.mail" 2>"$T/err" |
		jq -r 'select(has("rule_index")) | .matches' >"$T/got"
	is "$name" "$(sed 's/: [a-z]*$//' "$T/table/$n.rows" | paste -d: - "$T/got")" \
		"$(sed 's/: \([a-z]*\)$/:\1/' "$T/table/$n.rows")"
	n=$((n + 1))
done <"$T/names"
ok "the table was there" test "$n" -gt 60
done_testing
