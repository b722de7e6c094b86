#!/bin/bash
# Retention: to the millisecond in what is shown, by the day in what is removed.
. "$(dirname "$0")/../lib/tap.sh"

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n
mm-archive create Quarter --retention THREE_MONTHS >/dev/null
mm-archive create Forever --retention PERMANENT >/dev/null
mm-archive create Default >/dev/null
add() { # ARCHIVE ID RECEIVED
	printf 'mail 1 16\nid: %s\nreceived: %s\n\nSubject: kept\r\n\r' "$2" "$3" | sed 's/\r$/\r/' |
		mm-archive add "$1" >/dev/null
}
shown() { # ARCHIVE TIME: ids
	mm-search -a "$1" --now "$2" --ids | sort | paste -sd' '
}
add Quarter nov22 2026-11-22T10:00:00.500Z
add Quarter nov28 2026-11-28T13:00:00Z
add Quarter nov30 2026-11-30T09:00:00Z
add Quarter dec01 2026-12-01T00:00:00Z
add Forever old 1999-01-01T00:00:00Z
add Default day 2026-01-01T00:00:00Z

is "before" "$(shown Quarter 2027-02-22T10:00:00.499Z)" "dec01 nov22 nov28 nov30"
is "from the very millisecond on it is gone" "$(shown Quarter 2027-02-22T10:00:00.500Z)" "dec01 nov28 nov30"
exit_is "get showed it until then" 0 mm-archive get Quarter nov22 --now 2027-02-22T10:00:00.499Z
exit_is "and not any more" 66 mm-archive get Quarter nov22 --now 2027-02-22T10:00:00.500Z
is "28 February is the day of 28 November" "$(shown Quarter 2027-02-28T13:00:00Z)" "dec01 nov30"
is "30 November stays until March" "$(shown Quarter 2027-02-28T23:59:59.999Z)" "dec01 nov30"
is "when both end" "$(shown Quarter 2027-03-01T00:00:00Z)" ""
is "permanent is permanent" "$(shown Forever 9999-01-01)" old
is "without a period, 180 days" "$(shown Default 2026-06-29T23:59:59.999Z)" day
is "and no longer" "$(shown Default 2026-06-30T00:00:00Z)" ""

N=$T/root/Quarter/2026-11
is "nothing to prune on the day itself" "$(mm-archive prune -n --now 2027-02-22T23:59:59.998Z Quarter)" ""
is "prune -n names the file of a day that is over" \
	"$(mm-archive prune -n --now 2027-02-22T23:59:59.999Z Quarter)" "$N/22-n-0001.tar.zst"
ok "and leaves it" test -e "$N/22-n-0001.tar.zst"
exit_is "prune" 0 mm-archive prune --now 2027-02-23 Quarter
is "is quiet" "$(cat "$T/.out" "$T/.err")" ""
is "and removes just that" "$(cd "$N" && echo ./*.zst)" "./28-n-0001.tar.zst ./30-n-0001.tar.zst"
exit_is "what is left is whole" 0 mm-archive verify Quarter
is "and found" "$(shown Quarter 2027-02-23)" "dec01 nov28 nov30"
is "a month that is over goes as one" "$(mm-archive prune -n --now 2027-03-01 Quarter)" "$N"
mm-archive prune --now 2027-03-01
not_ok "and is gone" test -e "$N"
mm-archive prune --now 2027-03-02
is "in every archive of the site" "$(cd "$T/root" && find . -name '*.zst')" ./Forever/1999-01/01-n-0001.tar.zst
add Quarter again 2026-11-22T10:00:00.500Z
is "a pruned month can come back" "$(shown Quarter 2026-12-01)" again
done_testing
