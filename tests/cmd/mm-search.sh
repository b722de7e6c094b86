#!/bin/bash
# mm-search: forms of output, errors, archives that cannot be written.
. "$(dirname "$0")/../lib/tap.sh"
need python3

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n COLUMNS=80
mm-archive create Box --retention PERMANENT >/dev/null
mm-archive create Second --retention PERMANENT >/dev/null
add() { # ARCHIVE ID RECEIVED MESSAGE
	local length
	length=$(printf '%b' "$4" | wc -c)
	printf 'mail 1 %d\nid: %s\nreceived: %s\nclient-ip: 192.0.2.7\nhelo: mx\nmail-from: <a@x.example>\nrcpt-to: <b@y.example>\nspf: pass domain=x\ningress: inbound\nstatus: ok\ntag: 4\n\n%b' \
		"$length" "$2" "$3" "$4" | mm-archive add "$1" >/dev/null
}
add Box one 2026-01-15T10:00:00.123Z 'From: Alice <alice@example.org>\r\nTo: b@y.example\r\nSubject: =?utf-8?Q?Caf=C3=A9?= order\r\nMessage-ID: <m1@x>\r\nReceived: by a\r\nReceived: by b\r\n\r\nthe quick brown fox\r\n'
add Box two 2026-02-15T10:00:00Z 'From: Bob\r\nSubject: \033]0;evil\007 title\r\n\r\nslow fox 東京都\r\n'
add Box three 2026-02-16T10:00:00Z 'From: Eve\r\nSubject: third\r\n\r\ndog\r\n'
add Second four 2026-02-01T10:00:00Z 'From: Zoe\r\nSubject: fourth\r\n\r\nfox\r\n'

ids() {
	mm-search -a Box --ids -- "$@" 2>&1 | paste -sd' '
}
is "newest first" "$(ids '')" "three two one"
is "a word" "$(ids fox)" "two one"
is "accents and case" "$(ids CAFE)" one
is "a phrase" "$(ids '"quick brown"')" one
is "not in that order" "$(ids '"brown quick"')" ""
is "a beginning" "$(ids 'bro*')" one
is "without" "$(ids -fox)" three
is "one or the other" "$(ids 'dog OR brown')" "three one"
is "in a place" "$(ids 'from:fox')" ""
is "an address is its words" "$(ids 'from:alice@example.org')" one
is "ideographs, within a word" "$(ids 京都)" two
is "in their order" "$(ids 都京)" ""
is "by Message-ID" "$(ids 'id:m1@x')" one
is "by id" "$(ids 'id:two')" two
is "by date" "$(ids 'date:2026-02-15')" two
is "since" "$(ids 'since:2026-02-16')" three
is "until" "$(ids 'until:2026-01')" one
is "by network" "$(ids 'ip:192.0.2.0/29 fox')" "two one"
is "by recipient" "$(ids 'rcpt:@Y.example fox')" "two one"
is "of all archives" "$(mm-search fox --ids | paste -sd' ')" "two four one"
is "no more than" "$(mm-search fox --ids --limit 1)" two
is "count" "$(mm-search fox --count)" 3
is "count no more than" "$(mm-search fox --count --limit 1)" 1
exit_is "AND wants another term" 64 mm-search 'fox AND'

is "a table in a pipe is whole and harmless" "$(mm-search -a Box fox)" \
	"2026-02-15 10:00  two                         Bob                           ]0;evil  title
2026-01-15 10:00  one                         Alice <alice@example.org>     Café order"
mm-archive create A-name-of-more-than-eighteen-letters --retention PERMANENT >/dev/null
printf 'mail 1 65\nid: long\nreceived: 2026-03-01T10:00:00Z\n\nFrom: A sender of more than 28 columns <a@long.example>\r\n\r\ncat\r\n\r\n' |
	mm-archive add A-name-of-more-than-eighteen-letters >/dev/null
is "nothing is cut in a pipe" "$(mm-search -a Box -a A-name-of-more-than-eighteen-letters cat)" \
	"2026-03-01 10:00  long                        A-name-of-more-than-eighteen-letters  A sender of more than 28 columns <a@long.example>  "
rm -r "$T/root/A-name-of-more-than-eighteen-letters" "$T/site/archives/A-name-of-more-than-eighteen-letters.json"
is "JSON is Mail Manager's Row" "$(mm-search -a Box id:one --json)" \
	'{"ArchivedMessageId":"one","ReceivedTimestamp":"2026-01-15T10:00:00.123Z","To":"b@y.example","From":"Alice <alice@example.org>","Subject":"Café order","MessageId":"<m1@x>","HasAttachments":false,"ReceivedHeaders":["by a","by b"],"IngressPointId":"inbound","SenderIpAddress":"192.0.2.7","Envelope":{"Helo":"mx","From":"a@x.example","To":["b@y.example"]},"Archive":"Box","Size":163}'
ok "each line of it is JSON" python3 -c '
import json, subprocess
lines = subprocess.check_output(["mm-search", "--json"]).decode().splitlines()
assert len(lines) == 4
[json.loads(l) for l in lines]'
is "a stream is what was archived" "$(mm-search -a Box id:three --stream)" \
	"$(printf 'mail 1 34\nid: three\nreceived: 2026-02-16T10:00:00Z\nclient-ip: 192.0.2.7\nhelo: mx\nmail-from: <a@x.example>\nrcpt-to: <b@y.example>\nspf: pass domain=x\ningress: inbound\n\nFrom: Eve\r\nSubject: third\r\n\r\ndog\r')"
if script -qec true /dev/null >/dev/null 2>&1; then
	like "a terminal gets what fits" "$(COLUMNS='' script -qec \
		"stty cols 80 2>/dev/null; mm-search -a Box id:one" /dev/null | tr -d '\r')" \
		'one.*Alice <ali  Café order'
	like "a narrow one has no ids and times" "$(NO_COLOR=1 script -qec \
		"stty cols 30; mm-search --no-pager -a Box -a Second id:one" /dev/null | tr -d '\r')" \
		$'^DAY \\(UTC\\)   FROM   SUBJECT\n2026-01-15  Alice  Café order$'
	like "nor octets of groups" "$(NO_COLOR=1 script -qec \
		"stty cols 30; mm-search --no-pager -a Box --group-by from id:one" /dev/null | tr -d '\r')" \
		$'^MESSAGES  FROM\n       1  alice@example.org$'
else
	skip "a terminal gets what fits" "there are no terminals here"
fi

is "a terminal's pager gets it, with marks" "$(MM_PAGER='sed s/^/page:/' script -qec \
	"mm-search -a Box Café" /dev/null | tr -d '\r' | tail -n 1)" \
	$'page:\033[36m2026-01-15 10:00  \033[2;39mone                       \033[0m  Alice <ali  \033[1;31mCafé\033[0m order'
is "or it does not" "$(MM_PAGER='sed s/^/page:/' script -qec \
	"mm-search --no-pager -a Box Café" /dev/null | grep -c page:)" 0

exit_is "nothing found" 1 mm-search nosuchword
exit_is "an error in the query" 64 mm-search 'café colour:red'
is "points at it" "$(sed -n '2,3p' "$T/.err")" "  café colour:red
       ^"
exit_is "no such archive" 66 mm-search -a Nowhere fox

is "the caret stands below a wide character" "$(mm-search '東京 colour:red' 2>&1 | tail -n 1)" "       ^"

list() {
	mm-search "$@" --ids 2>&1 | paste -sd' '
}
is "sorted by size" "$(list --sort size fox)" "$(mm-search --json fox |
	jq -r '"\(.Size) \(.ArchivedMessageId)"' | sort -n | cut -d' ' -f2 | paste -sd' ')"
is "by subject, the other way round" "$(list --sort -subject)" "three four one two"
is "by sender, some of them" "$(list --sort from --offset 1 --limit 2)" "two three"
is "by time, over archives" "$(list --sort received)" "one four two three"
is "not the first" "$(list --offset 2)" "four one"
is "counted without the first" "$(mm-search --count --offset 1)" 3
exit_is "a key for sorting" 64 mm-search --sort colour
is "in an archive" "$(mm-search -a Box -a Second --ids in:second)" four
exit_is "in one that is not searched" 64 mm-search -a Box -a Second --ids fox NOT in:Thrid
is "is an error that names the others" "$(cat "$T/.out" "$T/.err")" \
	'mm-search: query, column 12: no archive "thrid" is searched; expected Box or Second
  fox NOT in:Thrid
             ^'
is "in one of all" "$(list 'in:second OR dog')" "three four"
is "grouped by archive" "$(mm-search --group-by archive | sed 's/  */ /g')" \
	" 3 $(mm-search -a Box --json | jq -s 'map(.Size) | add') 2026-02-16 10:00 Box
 1 $(mm-search -a Second --json | jq .Size) 2026-02-01 10:00 Second"
is "grouped by month, as JSON" "$(mm-search --group-by month --json | jq -r '.Value, .Count' |
	paste -sd' ')" "2026-01 1 2026-02 3"
is "grouped by recipient, what is found" "$(mm-search --group-by to fox --json |
	jq -c '[.Value, .Count, .LastReceivedTimestamp]')" '["b@y.example",3,"2026-02-15T10:00:00.000Z"]'
is "a mailbox" "$(mm-search -a Box id:one --mbox)" "$(printf '%s\n' \
	'From a@x.example Thu Jan 15 10:00:00 2026' 'From: Alice <alice@example.org>' 'To: b@y.example' \
	'Subject: =?utf-8?Q?Caf=C3=A9?= order' 'Message-ID: <m1@x>' 'Received: by a' 'Received: by b' '' \
	'the quick brown fox')"

filter() { # JSON CONDITION...
	mm-search --filters "$1" --ids 2>&1 | paste -sd' '
}
string='{"StringExpression":{"Evaluate":{"Attribute":"%s"},"Operator":"CONTAINS","Values":["%s"]}}'
condition() {
	# shellcheck disable=SC2059
	printf "$string" "$@"
}
is "filters: part of a word of the decoded subject" \
	"$(filter "{\"Include\":[$(condition SUBJECT 'FÉ or')]}")" one
is "filters: all of Include" \
	"$(filter "{\"Include\":[$(condition SUBJECT t),$(condition FROM e)]}")" "three four"
is "filters: none of Unless" \
	"$(filter "{\"Include\":[$(condition ENVELOPE_FROM @x)],\"Unless\":[$(condition FROM bob),$(condition FROM zoe)]}")" \
	"three one"
is "filters: nothing asked for" "$(filter '{"Include":[]}')" "three two four one"
is "filters: a request" "$(filter '{"ArchiveId":"Box","FromTimestamp":"2026-02-01T00:00:00Z",
	"ToTimestamp":1771236000,"MaxResults":1,"Filters":{}}')" three
is "filters: an export may have more than a search" "$(filter '{"ArchiveId":"Box","MaxResults":250000,
	"ExportDestinationConfiguration":{"S3":{"S3Location":"s3://bucket"}},"Filters":{}}')" "three two one"
exit_is "filters: which has 1000 at most" 65 mm-search --filters '{"ArchiveId":"Box","MaxResults":1001}'
exit_is "filters: an unknown attribute" 65 mm-search --filters "{\"Include\":[$(condition BODY x)]}"
like "is pointed at" "$(cat "$T/.err")" '^--filters:1:[0-9]+: Include\[0\]'

mm-archive create Lists --retention PERMANENT >/dev/null
add Lists five 2026-03-01T10:00:00Z 'List-Id: Talk about it\r\n <Talk.Lists.Example>\r\n\r\nfox\r\n'
is "by List-Id" "$(mm-search -a Lists list:lists.example --ids)" five
is "grouped by it" "$(mm-search -a Lists --group-by list --json | jq -r .Value)" talk.lists.example
index=$T/root/Lists/2026-03/index.db
sqlite3 "$index" 'ALTER TABLE message DROP COLUMN list_id; ALTER TABLE message DROP COLUMN arc;
	PRAGMA user_version = 1'
is "an index of version 1 is read" "$(mm-search -a Lists --ids -- fox -list:x -arc:none)" five
add Lists six 2026-03-02T10:00:00Z 'List-Id: <b.example>\r\n\r\nfox\r\n'
is "and written" "$(mm-search -a Lists list:b.example --ids; sqlite3 "$index" 'PRAGMA user_version')" \
	"six
2"
rm "$index"*
mm-archive reindex Lists >/dev/null 2>&1
is "and made anew" "$(mm-search -a Lists list:example --ids | paste -sd' ')" "six five"
rm -r "$T/root/Lists" "$T/site/archives/Lists.json"

chmod -R a-w "$T/root"
is "an archive that cannot be written is read" "$(ids fox)" "two one"
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	chmod -R a+rX "$T" "$T/root"
	is "by somebody who may only read" "$(setpriv --reuid 65534 --clear-groups --regid 65534 \
		"$B/mm-search" -a "$T/root/Box" --ids fox 2>&1 | paste -sd' ')" "two one"
fi
chmod -R u+w "$T/root"
done_testing
