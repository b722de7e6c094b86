#!/bin/bash
# mm-search reads months that nobody writes to without SQLite's locks, and finds the same.
. "$(dirname "$0")/../lib/tap.sh"
need python3
need strace

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n
mm-archive create Box --retention PERMANENT >/dev/null
python3 "$top/tests/tools/archive_corpus.py" 300 q >"$T/in"
mm-archive add Box <"$T/in" >/dev/null

# As if the indexes had been let alone for so many seconds.
later() { # SECONDS COMMAND...
	local seconds=$1
	shift
	env "LD_PRELOAD=$B/tools/later.so" "LATER=$seconds" \
		ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 "$@"
}
quietly() {
	later 86400 "$@"
}
locks() { # SECONDS COMMAND...: how many locks of the index it took
	strace -f -o "$T/trace" -e fcntl env "LD_PRELOAD=$B/tools/later.so" "LATER=$1" \
		ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 "${@:2}" >/dev/null
	grep -c F_SETLK "$T/trace"
}
every() { # [COMMAND]: what it finds for all the queries
	while IFS= read -r query; do
		for form in --ids --count --json; do
			"$@" mm-search -a Box $form -- "$query"
		done
	done <"$T/queries"
}

is "no lock" "$(locks 86400 mm-search -a Box --ids fox)" 0
is "nor to count" "$(locks 86400 mm-search -a Box --count fox)" 0
index=$(echo "$T"/root/Box/*/index.db)
index=${index%% *}
month=$(basename "${index%/*}")
is "nor of one month" "$(locks 86400 mm-search -a Box --ids "date:$month")" 0
ok "but when it is written meanwhile" \
	test "$(MEANWHILE=$index locks 86400 mm-search -a Box --ids "date:$month")" -gt 0
ok "and of what was just written" test "$(locks 0 mm-search -a Box --ids fox)" -gt 0
python3 "$top/tests/tools/archive_queries.py" 30 3 >"$T/queries"
every env >"$T/expected" 2>&1
every quietly >"$T/got" 2>&1
ok "there is something" test "$(wc -l <"$T/expected")" -gt 200
ok "and the same is found" cmp "$T/got" "$T/expected"

# --- while others write to the same month, each a process of its own, so that what
# they add comes into the index at once
one() { # N
	printf 'mail 1 1\nid: more%d\nreceived: 2020-01-05T00:00:00Z\n\nx' "$1" |
		mm-archive add Box >/dev/null
}
one 0
(
	for ((i = 1; i <= 60; i++)); do
		one $i
	done
	: >"$T/written"
) &
last=0 wrong='' asked=0
until [ -e "$T/written" ] && [ "$asked" -gt 30 ]; do
	found=$(quietly mm-search -a Box --ids date:2020-01-05 2>>"$T/told" | wc -l)
	[ "$found" -ge "$last" ] || wrong+=" $found after $last"
	last=$found
	asked=$((asked + 1))
done
wait
is "what was there stays there" "$wrong" ""
is "all are there in the end" "$(quietly mm-search -a Box --count date:2020-01-05)" 61
is "nothing is told as damage" "$(cat "$T/told")" ""
done_testing
