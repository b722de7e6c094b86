#!/bin/bash
# mm-archive add: several writers, and what happens around one that stays for long.
. "$(dirname "$0")/../lib/tap.sh"
need python3 tar zstd flock

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n
N=$T/root/Box/2026-10
cd "$T" || exit 1

record() { # ID RECEIVED RECIPIENT
	printf 'mail 1 14\nid: %s\nreceived: %s\nrcpt-to: <%s@x.example>\nrule: s 1 r\naction: 1 Archive x\n\nSubject: fox\r\n' \
		"$1" "$2" "${3-a}"
}
writer() { # NAME: one that stays, fed through a pipe
	mkfifo "$1"
	start "$1" sh -c "exec mm-archive add Box <$1 >$1.out 2>$1.err"
}
answered() { # NAME ID
	wait_for "$1 to answer $2" grep -aqx "id: $2" "$1.out"
}
grown() { # FILE OCTETS
	wait_for "octets in $1" sh -c "test \$(stat -c %s $1) -gt $2"
}
entries() { # ID: how often its message is in the tars
	cat "$T"/root/Box/*/*.tar.zst | zstd -dcq | tar -tf - | grep -cx "$1.eml"
}
ids() {
	mm-search -a Box fox --ids --now 2026-10-26 | sort | paste -sd' '
}

mm-archive create Box --retention THREE_MONTHS >/dev/null

# --- the same id at the same instant
writer one
exec 5>one
record first 2026-10-22T10:00:00Z >&5
ok "a writer" answered one first
writer two
exec 6>two
record second 2026-10-22T10:00:00Z >&6
ok "another" answered two second
is "each has its file" "$(cd "$N" && echo ./*.zst)" "./22-n-0001.tar.zst ./22-n-0002.tar.zst"
size1=$(stat -c %s "$N/22-n-0001.tar.zst") size2=$(stat -c %s "$N/22-n-0002.tar.zst")
exec 8>>"$N/lock"
flock 8
record same 2026-10-22T10:00:00Z a >&5
record same 2026-10-22T10:00:00Z b >&6
ok "both write the message" grown "$N/22-n-0001.tar.zst" "$size1"
ok "before either can index it" grown "$N/22-n-0002.tar.zst" "$size2"
exec 8>&-
answered one same && answered two same
is "one of them finds a duplicate" "$(grep -ahx 'archived: Box duplicate' one.out two.out)" \
	"archived: Box duplicate"
is "and takes its copy back" "$(entries same)" 1
is "with both recipients" "$(mm-archive get Box --record same --now 2026-10-23 | grep -a ^rcpt | sort)" \
	"rcpt-to: <a@x.example>
rcpt-to: <b@x.example>"
is "the way through the gateway is not archived" \
	"$(mm-archive get Box --record same --now 2026-10-23 | grep -acE '^(rule|action):')" 0
exec 6>&-

# --- the index replaced while a writer is there
rm "$N"/index.db*
exit_is "reindex says what it cannot do while a file is held" 65 mm-archive reindex Box
like "and what to do" "$(cat "$T/.err")" 'held by a program that had an earlier one'
record after 2026-10-22T10:00:01Z >&5
ok "the writer goes on" answered one after
like "in the new index" "$(ids)" '(^| )after( |$)'
exit_is "then reindex adds the rest" 0 mm-archive reindex Box
is "nothing is missing" "$(ids)" "after first same second"
exit_is "verify" 0 mm-archive verify Box

# --- prune beside a writer
for day in 10 11 12 13 14 15 16 17 18; do
	record "day$day" 2026-10-"$day"T10:00:00Z >&5
	answered one "day$day"
done
mm-archive prune --now 2027-01-12T00:00:00Z Box
not_ok "a writer lets go of the days before" test -e "$N/10-n-0001.tar.zst"
exit_is "verify after it" 0 mm-archive verify Box
exec 5>&-

# --- recipients that come before their message, when all is indexed anew
export MM_NODE=z
record late 2026-10-25T10:00:00Z a | mm-archive add Box >/dev/null
export MM_NODE=b
record late 2026-10-25T10:00:00Z b | mm-archive add Box >/dev/null
rm "$N"/index.db*
mm-archive reindex Box 2>/dev/null
is "reindex has them all" "$(mm-archive get Box --record late --now 2026-10-26 | grep -a ^rcpt)" \
	"rcpt-to: <a@x.example>
rcpt-to: <b@x.example>"

# --- again, when the next month has begun
record eve 2026-10-31T23:59:59Z a | mm-archive add Box >/dev/null
is "the next day it is a duplicate" "$(record eve 2026-11-01T00:10:00Z b | mm-archive add Box |
	grep -a ^archived)" "archived: Box duplicate"
is "and stored once" "$(entries eve)" 1
is "with both recipients" "$(mm-archive get Box --record eve --now 2026-11-02 | grep -a ^rcpt)" \
	"rcpt-to: <a@x.example>
rcpt-to: <b@x.example>"
done_testing
