#!/bin/bash
# mm-search and mm-archive: outputs that end early or were never there, what a terminal may
# see, months and sites that cannot be read.
. "$(dirname "$0")/../lib/tap.sh"
need python3 sqlite3 jq

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

long=$(printf 'word %.0s' $(seq 30))
is "of a long query, what is around the place is shown" "$(mm-search "$long colour:red $long" 2>&1 |
	tail -n 2)" "  ...ord word word word word word word word word word  colour:red word word w...
                                                       ^"
is "nothing of a query reaches a terminal as it is" "$(mm-search $'in:\e[31m' 2>&1 | head -n 1)" \
	'mm-search: query, column 4: no archive " [31m" is searched; expected Many'
add() { # ID HEADER-LINES
	printf 'mail 1 %d\nid: %s\nreceived: 2026-03-05T10:00:00Z\nmail-from: <%s>\n\n%b' \
		"$(printf '%b' "$3" | wc -c)" "$1" "$2" "$3" | mm-archive add Odd >/dev/null
}
mm-archive create Odd --retention PERMANENT >/dev/null
add bounce '' 'From: MAILER-DAEMON\r\nSubject: failed\r\n\r\nx\r\n'
add other a@x.example 'From: Alice\r\nSubject: also failed\r\n\r\nBob\r\n'
odd() {
	mm-search -a Odd --ids -- "$@" 2>&1 | paste -sd' '
}
is "mail without a sender" "$(odd 'mail-from:<>')" bounce
is "a field before a parenthesis" "$(odd 'from:(bob OR alice)') $(odd 'from:(bob OR subject:failed)')" \
	"other other bounce"

add c1 a@x.example 'From: =?utf-8?Q?=C2=9B31m=E2=80=AEA?=\r\nSubject: caf\0303\0251 \0033[31m\r\n\r\nx\r\n'
is "JSON has no controls as they are" "$(mm-search -a Odd id:c1 --json | jq -c '[.From, .Subject]')$(
	mm-search -a Odd id:c1 --json | grep -o '"From":"[^"]*","Subject":"[^"]*"')" \
	$'["\u009b31m\u202eA","café  [31m"]"From":"\\u009b31m\\u202eA","Subject":"café  [31m"'
done_testing
