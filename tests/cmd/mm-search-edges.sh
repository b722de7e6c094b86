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

# more than a month may have waiting
alone() {
	env "LD_PRELOAD=$B/tools/alone.so" ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 "$@"
}
exit_is "without threads" 0 alone timeout 60 mm-search -a Many --json
is "all is found, too" "$(jq -r .ArchivedMessageId "$T/.out" | sort -u | wc -l)" 1400

# files that are cut anew while what they had is waited for: more than may be waiting
mkdir "$T/moved"
for day in 1 2 3 4; do
	python3 "$top/tests/tools/archive_corpus.py" 500 $day 2025-03-0$day
done | mm-archive add "$T/moved" >/dev/null
mkfifo "$T/fifo"
mm-search -a "$T/moved" --json >"$T/fifo" 2>"$T/told" &
searching=$!
exec 3<"$T/fifo"
read -r line <&3
mm-archive compact "$T/moved" &
compacting=$!
wait_for "files that have gone" eval '! ls "$T"/moved/2025-03/0?-n-0001.tar.zst'
{
	printf '%s\n' "$line"
	cat
} <&3 >"$T/all"
exec 3<&-
exit_is "files that are cut anew meanwhile" 0 wait $searching
wait $compacting
is "are found again" "$(jq -r .ArchivedMessageId "$T/all" | sort -u | wc -l)" 2000
is "and nothing is told" "$(cat "$T/told")" ""

cp -r "$T/root/Many" "$T/torn"
tar=$(echo "$T"/torn/2026-01/*.zst)
printf '%064d' 0 | dd of="$tar" bs=1 seek=1000 conv=notrunc 2>/dev/null
none='{"Include":[{"StringExpression":{"Evaluate":{"Attribute":"SUBJECT"},"Operator":"CONTAINS","Values":["zzzz"]}}]}'
exit_is "a message that cannot be read may be one of those" 65 mm-search -a "$T/torn" --ids --filters "$none"
printf '%04096d' 0 >"$T/torn/2026-02/index.db"
rm -f "$T/torn"/2026-02/index.db-*
exit_is "nor is one missing whose month cannot be read" 65 mm-archive get "$T/torn" one two
is "as is told of each" "$(grep -c 'shows no message' "$T/.err")" 0

is "a closed output is no other file" "$(printf 'mail 1 2\nid: one\nreceived: 2026-01-01T00:00:00Z\n\nhi' |
	mm-archive add Many 2>&1 >&-)" \
	'level=error prog=mm-archive msg="cannot write standard output: Bad file descriptor"'
exit_is "nor is a closed input" 75 bash -c 'mm-archive add Many <&-'
exit_is "ids that cannot be read" 65 bash -c 'mm-archive get Many <&-'
is "are told" "$(cat "$T/.err")" \
	'level=error prog=mm-archive msg="cannot read standard input: Bad file descriptor"'
exit_is "an option that is none" 64 mm-archive get Many --none
is "is told with the command" "$(head -n 1 "$T/.err")" "mm-archive: get: unrecognized option '--none'"
is "nor an output of errors" "$(mm-search --ids id:one 2>&-)" one

unlike "a dumb terminal gets no colours" "$(TERM=dumb script -qec "mm-search --no-pager --limit 1" /dev/null)" \
	$'\e'

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

mm-archive create Twin --retention PERMANENT >/dev/null
for hour in 09 11; do
	printf 'mail 1 2\nid: at-%s\nreceived: 2026-03-05T%s:00:00Z\n\nhi' $hour $hour
done | mm-archive add Twin >/dev/null
is "archives of a month are one list, newest first" "$(mm-search -a Twin -a Odd --ids | paste -sd' ')" \
	"at-11 c1 other bounce at-09"

is "an archive that is named twice is searched once" \
	"$(mm-search -a Odd -a "$T/root/Odd" -a Odd --count)" 3
exit_is "a site that is not there" 66 mm-search -C "$T/nowhere"
is "is named" "$(cat "$T/.out" "$T/.err")" "level=error prog=mm-search msg=\"cannot read $T/nowhere/archives: No such file or directory; the site's directory is what -C or MM_SITE say, else /etc/mm\""
exit_is "nor is it to mm-archive list" 66 mm-archive list -C "$T/nowhere"
mkdir "$T/bare"
exit_is "a site without archives" 66 mm-search -C "$T/bare"
is "is told what it needs" "$(cat "$T/.err")" \
	"level=error prog=mm-search msg=\"$T/bare has no archives; expected -a with one, or mm-archive create\""

mkdir "$T/saved"
mv "$T/root/Many/2026-01"/index.db* "$T/saved/"
exit_is "a month whose index was lost" 65 mm-search -a Many --count
is "is told, and the others are searched" "$(cat "$T/.err" "$T/.out")" \
	"level=error prog=mm-search msg=\"$T/root/Many/2026-01 has no index; mm-archive reindex makes it\"
700"
exit_is "also by mm-archive stat" 65 mm-archive stat Many
like "and what it takes" "$(grep 2026-01 "$T/.out")" '^2026-01 +0 +0 +[1-9][0-9]+ +0$'
exit_is "and list" 65 mm-archive list
echo nonsense >"$T/root/Many/2026-01/index.db"
is "one that is damaged is named" "$(mm-search -a Many --count 2>&1 >/dev/null)" \
	"level=error prog=mm-search msg=\"cannot open the index; mm-archive reindex makes another when this one is removed\" error=\"file is not a database\" index=$T/root/Many/2026-01/index.db"
mv "$T/saved"/* "$T/root/Many/2026-01/"
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	other() {
		{ setpriv --reuid 65534 --clear-groups --regid 65534 "$@" >/dev/null; } 2>&1
		echo "exit $?"
	}
	chmod a+rx "$T" "$T/root" "$T/site" "$T/site/archives"
	chmod 700 "$T/root/Odd"
	is "a folder that may not be read" "$(other "$B/mm-archive" stat Odd)" \
		"level=error prog=mm-archive msg=\"cannot read $T/root/Odd: Permission denied\"
exit 65"
	chmod 755 "$T/root/Odd"
	is "a site that may not be written" "$(other "$B/mm-archive" create Third)" \
		"level=error prog=mm-archive msg=\"cannot write $T/site/archives/Third.json: Permission denied\"
exit 73"
	is "an archive that may not be" "$(other "$B/mm-archive" seal Odd)" \
		"level=error prog=mm-archive msg=\"cannot open $T/root/Odd/chain.jsonl: Permission denied\"
exit 75"
	chmod 700 "$T/root"
	is "nor be reached" "$(other "$B/mm-search" -a Odd)" \
		"level=error prog=mm-search msg=\"cannot open the archive's directory $T/root/Odd: Permission denied\"
exit 66"
fi
done_testing
