#!/bin/bash
# Every operator and attribute of a traffic policy; every limit at its edge.
. "$(dirname "$0")/../lib/tap.sh"
need mm-policy python3
export MM_SITE=$T/site
mkdir -p "$T/site/address-lists" "$T/decide" "$T/limits"
printf '%s\n' vip@y.example x.example 'info*@z.example' '*.w.example' >"$T/site/address-lists/vips"

"$top/tests/tools/policy-table.py" decide "$T/decide" >"$T/decide.rows" || fail 'the table'
n=0
while IFS=$'\t' read -r name expected; do
	got=$(mm-policy -n "$T/decide/$n.json" <"$T/decide/$n.mail" | sed -n 's/^policy: \([a-z]*\) .*/\1/p')
	is "$name" "$got" "$expected"
	n=$((n + 1))
done <"$T/decide.rows"

"$top/tests/tools/policy-table.py" limits "$T/limits" >"$T/limits.rows" || fail 'the limits'
n=0
while IFS=$'\t' read -r name expected; do
	wanted=0
	[ "$expected" != bad ] || wanted=65
	exit_is "$name: $expected" "$wanted" mm-policy --check "$T/limits/$n.json"
	[ "$expected" != warning ] || like 'warns' "$(cat "$T/.out")" 'Mail Manager takes [0-9]+ at most'
	n=$((n + 1))
done <"$T/limits.rows"
done_testing
