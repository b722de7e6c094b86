#!/bin/bash
# mm-search and mm-archive: outputs that end early or were never there, what a terminal may
# see, months and sites that cannot be read.
. "$(dirname "$0")/../lib/tap.sh"
need python3 sqlite3

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n COLUMNS=80
mm-archive create Many --retention PERMANENT >/dev/null
for month in 1 2; do
	python3 "$top/tests/tools/archive_corpus.py" 700 $month 2026-0$month-05
done | mm-archive add Many >/dev/null

subject='{"Include":[{"StringExpression":{"Evaluate":{"Attribute":"SUBJECT"},"Operator":"CONTAINS","Values":["e"]}}]}'
few() { # what is said, and how it ends, when months are left in the middle
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		{ mm-search --limit 3 "$@" >/dev/null; } 2>&1 || echo "exit $?"
	done
}
is "who reads enough is not told of damage" "$(few --json)" ""
is "nor by filters that read messages" "$(few --ids --filters "$subject")" ""

is "a closed output is no other file" "$(printf 'mail 1 2\nid: one\nreceived: 2026-01-01T00:00:00Z\n\nhi' |
	mm-archive add Many 2>&1 >&-)" \
	'level=error prog=mm-archive msg="cannot write standard output: Bad file descriptor"'
exit_is "nor is a closed input" 75 bash -c 'mm-archive add Many <&-'
is "nor an output of errors" "$(mm-search --ids id:one 2>&-)" one
done_testing
