#!/bin/bash
# mm-archive export --metadata and import --metadata: envelopes, times and ids survive.
. "$(dirname "$0")/../lib/tap.sh"
need python3 tar zip bsdtar

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=mx1
cd "$T" || exit 1
box() { # NAME: a fresh archive
	rm -rf "$T/root/$1"
	mm-archive create "$1" --retention PERMANENT >/dev/null
}
stream() { # NAME: what the archive has, without the field that names it
	mm-search -a "$1" --stream --sort received | grep -av '^archived: '
}
record() { # ID SUBJECT [FIELD...]
	local body
	body=$(printf 'From: x@y.example\r\nSubject: %s\r\n\r\nbody of %s\r\n.' "$2" "$2")
	body=${body%.}
	printf 'mail 1 %d\nid: %s\n' ${#body} "$1"
	printf '%s\n' "${@:3}"
	printf '\n%s' "$body"
}
box From
{
	record one first 'ingress: inbound' 'client-name: mx.example' 'client-ip: 192.0.2.7' \
		'helo: h.example' 'mail-from: <s@e.example>' 'rcpt-to: <r1@e.example>' \
		'rcpt-to: <r2@e.example>' 'received: 2026-01-22T10:00:00.123Z'
	record two second 'helo: h.example' 'mail-from: <>' 'rcpt-to: <r1@e.example>' \
		'received: 2026-02-22T10:00:00.000Z'
} | mm-archive add From >/dev/null
stream From >want

for form in tar tar.gz tar.zst zip; do
	is "export to $form" "$(mm-archive export From --metadata --all "out.$form")" \
		"2 exported to out.$form"
	box To
	is "import of it" "$(mm-archive import --metadata To "out.$form")" \
		"2 imported  0 duplicates  0 bad  2 passed over"
	stream To >got
	is "all envelopes, times and ids are there" "$(cat got)" "$(cat want)"
done
mm-archive export From --metadata --all --to eml dir >/dev/null
is "a directory" "$(cd dir && echo *)" "one.eml one.json two.eml two.json"
mm-search -a From --json subject:first | python3 -c '
import json, sys
sys.exit(json.load(sys.stdin) != json.load(open("dir/one.json")))'
is "says what mm-search --json does" $? 0
box To
mm-archive import --metadata To dir >/dev/null
stream To >got
is "comes back" "$(cat got)" "$(cat want)"
box To
mm-archive export From - --to tar --metadata --all | mm-archive import --metadata To >/dev/null
stream To >got
is "through a pipe" "$(cat got)" "$(cat want)"

# --- metadata behind its message, and NAME.json of NAME
tar -cf behind.tar -C dir one.eml two.eml two.json one.json
(cd dir && zip -q ../behind.zip one.eml two.eml one.json two.json)
mkdir bare && for i in one two; do cp "dir/$i.eml" "bare/$i" && cp "dir/$i.json" bare; done
for from in behind.tar behind.zip bare; do
	box To
	mm-archive import --metadata To "$from" >/dev/null
	stream To >got
	is "$from" "$(cat got)" "$(cat want)"
done

# --- without the option, and what is wrong
box To
is "without the option" "$(mm-archive import To dir)" "2 imported  0 duplicates  0 bad  2 passed over"
unlike "no id is taken" "$(mm-search -a To --ids)" '^(one|two)$'
printf '{"Envelope":\n {"To": "x"}}' >dir/two.json
rm dir/one.json
box To
mm-archive import --metadata To dir >out 2>err
is "damaged metadata: exit 65" $? 65
is "its message is not imported, one without is" "$(cat out)" \
	"1 imported  0 duplicates  1 bad  1 passed over"
like "it is told where and what" "$(cat err)" \
	'dir/two.eml: metadata:2:9: Envelope.To: expected a list of addresses'
(cd bare && zip -q0 ../stored.zip one one.json two two.json)
LC_ALL=C sed '0,/ArchivedMessageId/s//ArchivedMassageId/' stored.zip >damaged.zip
box To
exit_is "a zip with damaged metadata" 66 mm-archive import --metadata To damaged.zip
is "nothing of it is imported" "$(mm-search -a To --count)" 0
exit_is "an mbox has no place for it" 64 mm-archive export From --metadata --all all.mbox
done_testing
