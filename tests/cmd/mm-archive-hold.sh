#!/bin/bash
# Legal holds: what is under one outlives its retention, everywhere, until it is let go.
. "$(dirname "$0")/../lib/tap.sh"

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n
mm-archive create Quarter --retention THREE_MONTHS >/dev/null
mm-archive create Other >/dev/null
D=$T/root/Quarter
LATE=(--now 2027-06-01)
add() { # ID RECEIVED FROM
	printf 'Subject: kept\r\nFrom: %s\r\n\r\nabout %s\r\n' "$3" "$1" >"$T/message"
	{
		printf 'mail 1 %s\nid: %s\nreceived: %s\n\n' "$(stat -c %s "$T/message")" "$1" "$2"
		cat "$T/message"
	} | mm-archive add Quarter >/dev/null
}
shown() { # QUERY...
	mm-search -a Quarter "${LATE[@]}" --ids "$@" | sort | paste -sd' '
}
add a1 2026-11-05T10:00:00Z alice@example.org
add a2 2026-11-06T10:00:00Z alice@example.org
add b1 2026-11-06T11:00:00Z bob@example.org
add b2 2026-11-07T10:00:00Z bob@example.org
add c1 2026-12-01T10:00:00Z carol@example.org
add z1 2027-05-20T10:00:00Z zoe@example.org

is "without holds the expired are not shown" "$(shown)" z1
exit_is "hold add -n" 0 mm-archive hold add -n Quarter case-17 --reason 'Doe v. Roe' --query from:alice
is "says how many" "$(cat "$T/.out")" "case-17 would hold 2 messages, 104 octets, of Quarter"
not_ok "and does nothing" test -e "$D/holds"
exit_is "hold add" 0 mm-archive hold add Quarter case-17 --reason 'Doe v. Roe' --query from:alice
is "says the same" "$(cat "$T/.out" "$T/.err")" "case-17 holds 2 messages, 104 octets, of Quarter"
is "the document" "$(sed -E 's/"Created": "2[^"]*Z"/"Created": "T"/; s/"By": ".+"/"By": "U"/' "$D/holds/case-17.json")" \
	'{
  "Name": "case-17",
  "Reason": "Doe v. Roe",
  "Query": "from:alice",
  "Created": "T",
  "By": "U"
}'
exit_is "by ids" 0 mm-archive hold add Quarter list_2 --reason ids --ids <<<$'b2\n\n a1 \nb2'
is "each once" "$(cat "$T/.out")" "list_2 holds 2 messages, 102 octets, of Quarter"

is "the held are shown after their time" "$(shown)" "a1 a2 b2 z1"
is "also by a query" "$(shown about from:bob)" b2
is "counted" "$(mm-search -a Quarter "${LATE[@]}" --count)" 4
is "sorted" "$(mm-search -a Quarter "${LATE[@]}" --ids --sort from | paste -sd' ')" "a2 a1 b2 z1"
is "grouped" "$(mm-search -a Quarter "${LATE[@]}" --group-by month --json | grep -o '"Count":[0-9]*' | paste -sd' ')" \
	'"Count":3 "Count":1'
exit_is "got" 0 mm-archive get Quarter a1 "${LATE[@]}"
exit_is "what is not held is not" 66 mm-archive get Quarter b1 "${LATE[@]}"
mm-archive export Quarter - --to mbox --all "${LATE[@]}" >"$T/mbox"
is "exported" "$(grep -ao '^about .*' "$T/mbox" | tr -d '\r' | paste -sd' ')" "about a1 about a2 about b2 about z1"
mm-archive export Quarter - --to mbox --query 'from:alice OR from:carol' "${LATE[@]}" >"$T/mbox"
is "exported by a query" "$(grep -ao '^about .*' "$T/mbox" | tr -d '\r' | paste -sd' ')" "about a1 about a2"
is "got by a query" "$(mm-archive get Quarter --query -from:alice "${LATE[@]}" | grep -a '^about' | tr -d '\r' | paste -sd' ')" \
	"about b2 about z1"
exit_is "hold find" 0 mm-archive hold find Quarter a1 "${LATE[@]}"
is "tells all holds of a message" "$(cat "$T/.out")" $'case-17\nlist_2'
exit_is "which may be none" 1 mm-archive hold find Quarter z1 "${LATE[@]}"
exit_is "or no message" 66 mm-archive hold find Quarter b1 "${LATE[@]}"

user=$(id -un)
day=$(date -u +%F)
is "hold list" "$(mm-archive hold list Quarter)" \
	"archive              hold                  messages         octets  since
Quarter              case-17                      2            104  $day
    reason  Doe v. Roe
    query   from:alice
    by      $user
Quarter              list_2                       2            102  $day
    reason  ids
    ids     2
    by      $user"
is "hold list --json, of all archives" "$(mm-archive hold list --json | sed -E 's/"Created":"[^"]*"/"Created":"T"/')" \
	'{"Archive":"Quarter","Name":"case-17","Reason":"Doe v. Roe","Query":"from:alice","Created":"T","By":"'"$user"'","Messages":2,"Octets":104}
{"Archive":"Quarter","Name":"list_2","Reason":"ids","Ids":["a1","b2"],"Created":"T","By":"'"$user"'","Messages":2,"Octets":102}'

exit_is "prune -n" 0 mm-archive prune -n "${LATE[@]}" Quarter
is "names what would go" "$(cat "$T/.out")" "$D/2026-12"
is "and what stays, and why" "$(sort "$T/.err")" \
	"level=info prog=mm-archive msg=\"stays: under a hold\" file=$D/2026-11/05-n-0001.tar.zst hold=case-17 messages=1
level=info prog=mm-archive msg=\"stays: under a hold\" file=$D/2026-11/05-n-0001.tar.zst hold=list_2 messages=1
level=info prog=mm-archive msg=\"stays: under a hold\" file=$D/2026-11/06-n-0001.tar.zst hold=case-17 messages=1
level=info prog=mm-archive msg=\"stays: under a hold\" file=$D/2026-11/07-n-0001.tar.zst hold=list_2 messages=1"
exit_is "prune" 0 mm-archive prune "${LATE[@]}" Quarter
is "is quiet" "$(cat "$T/.out" "$T/.err")" ""
is "and leaves them" "$(cd "$D" && echo 20*/*.zst)" \
	"2026-11/05-n-0001.tar.zst 2026-11/06-n-0001.tar.zst 2026-11/07-n-0001.tar.zst 2027-05/20-n-0001.tar.zst"
is "they are shown still" "$(shown)" "a1 a2 b2 z1"

exit_is "hold remove" 0 mm-archive hold remove Quarter list_2 --reason settled
is "says so" "$(cat "$T/.out")" "list_2 of Quarter is no more"
is "it lets go at once" "$(shown)" "a1 a2 z1"
mm-archive prune "${LATE[@]}" Quarter
is "and of the files" "$(cd "$D" && echo 20*/*.zst)" \
	"2026-11/05-n-0001.tar.zst 2026-11/06-n-0001.tar.zst 2027-05/20-n-0001.tar.zst"
add a3 2026-11-08T10:00:00Z alice@example.org
add b3 2026-11-08T10:00:00Z bob@example.org
is "a hold stands: what comes later is under it" "$(shown)" "a1 a2 a3 z1"
is "and listed" "$(mm-archive hold list Quarter | grep -c 'case-17  *3 ')" 1
is "the log of holds" "$(sed -E 's/"Time":"[^"]*"/"Time":"T"/; s/"Created":"[^"]*"/"Created":"T"/; s/"By":"[^"]*"/"By":"U"/' "$D/holds/log.jsonl")" \
	'{"Time":"T","Action":"add","Name":"case-17","Reason":"Doe v. Roe","Query":"from:alice","Created":"T","By":"U"}
{"Time":"T","Action":"add","Name":"list_2","Reason":"ids","Ids":["a1","b2"],"Created":"T","By":"U"}
{"Time":"T","Action":"remove","Name":"list_2","Reason":"settled","By":"U"}'

refused() { # NAME CODE ERROR CMD...
	local name=$1 code=$2 error=$3
	shift 3
	exit_is "$name" "$code" "$@"
	is "$name: says why" "$(cat "$T/.out" "$T/.err")" "$error"
}
refused "a name twice" 73 'level=error prog=mm-archive msg="archive Quarter has a hold case-17 already; remove that first, or give this one another name"' \
	mm-archive hold add Quarter case-17 --reason x --query y
refused "a bad query" 64 'mm-archive: query, column 6: expected a closing parenthesis to this one
  from:(a
       ^' mm-archive hold add Quarter case-18 --reason x --query 'from:(a'
refused "a date that moves" 64 'mm-archive: query, column 9: expected a date such as 2026, 2026-11, 2026-11-22, 2026-11-22T10:00:00Z; one that always means the same
  x since:7d
          ^' mm-archive hold add Quarter case-18 --reason x --query 'x since:7d'
refused "another archive" 64 'mm-archive: query, column 4: a hold is of one archive; expected no in:
  in:Other
     ^' mm-archive hold add Quarter case-18 --reason x --query in:Other
refused "no reason" 64 'mm-archive: expected --reason with a text
try: mm-archive -h' mm-archive hold add Quarter case-18 --query x
refused "an id that is not there" 66 'level=error prog=mm-archive msg="archive Quarter has no message with the id \"nope\""' \
	mm-archive hold add Quarter case-18 --reason x --ids <<<$'a1\nnope'
refused "what is no id" 65 'level=error prog=mm-archive msg="standard input, line 2: expected an id"' \
	mm-archive hold add Quarter case-18 --reason x --ids <<<$'a1\n../x'
refused "a hold that is not there" 66 'level=error prog=mm-archive msg="archive Quarter has no hold case-18"' \
	mm-archive hold remove Quarter case-18 --reason x
refused "a command that is none" 64 'mm-archive: expected hold add, remove, list or find
try: mm-archive -h' mm-archive hold keep Quarter
is "none of them left anything" "$(cd "$D/holds" && echo *)" "case-17.json lock log.jsonl"

cp "$D/holds/case-17.json" "$T/hold"
sed -i 's/from:alice/from:(alice/' "$D/holds/case-17.json"
before=$(cd "$D" && find . -name '*.zst' | sort)
broken="level=error prog=mm-archive msg=\"$D/holds/case-17.json:4:12: Query: column 6: expected a closing parenthesis to this one\""
refused "a broken hold stops prune" 75 "$broken" mm-archive prune --now 2037-01-01 Quarter
is "which removes nothing" "$(cd "$D" && find . -name '*.zst' | sort)" "$before"
exit_is "a search tells of it" 65 mm-search -a Quarter "${LATE[@]}" --ids
is "and shows what has not expired" "$(cat "$T/.out")" z1
cp "$T/hold" "$D/holds/case-17.json"
mv "$D/2026-11/index.db" "$D/2026-11/index.db-wal" "$T" 2>/dev/null
rm -f "$D/2026-11/index.db-shm"
exit_is "a month without an index stays" 75 mm-archive prune "${LATE[@]}" Quarter
like "and says why" "$(cat "$T/.err")" 'has no index that could tell what is under a hold'
exit_is "until it is made anew" 0 mm-archive reindex Quarter
exit_is "prune with it" 0 mm-archive prune "${LATE[@]}" Quarter
is "keeps what is held" "$(shown)" "a1 a2 a3 z1"
exit_is "what is left is whole" 0 mm-archive verify Quarter

waits() { # PID
	grep -Eq -- "-> FLOCK +ADVISORY +(READ|WRITE) +$1 " /proc/locks
}
exec 9<"$D/holds/lock"
flock -s 9
start add mm-archive hold add Quarter waits --reason x --query from:zoe
wait_for "hold add asks for the lock" waits "$pid"
not_ok "it waits for a prune that runs" test -e "$D/holds/waits.json"
flock -u 9
wait_for "and goes on" test -e "$D/holds/waits.json"
wait "$pid"

exit_is "the last hold of the month goes" 0 mm-archive hold remove Quarter case-17 --reason settled
flock -x 9
start prune mm-archive prune "${LATE[@]}" Quarter
wait_for "prune asks for the lock" waits "$pid"
ok "it waits for a hold that is made" test -e "$D/2026-11"
flock -u 9
wait "$pid"
is "and removes the month" "$(cd "$D" && echo 20*)" 2027-05
done_testing
