#!/bin/bash
# The shared collection of odd messages, archived and got back octet for octet.
. "$(dirname "$0")/../lib/tap.sh"
need python3
[ -d "$testdata/mime" ] || skip_all "no $testdata/mime"

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root
mm-archive create Box --retention PERMANENT >/dev/null
python3 - "$testdata/mime" >"$T/in" <<'END'
import os, sys
n = 0
for folder, _, files in sorted(os.walk(sys.argv[1])):
    for name in sorted(files):
        octets = open(os.path.join(folder, name), "rb").read()
        if octets:
            n += 1
            sys.stdout.buffer.write(b"mail 1 %d\nid: m%05d\nreceived: 2024-05-%02dT10:00:00.000Z\n\n"
                                    % (len(octets), n, n % 28 + 1) + octets)
END
messages=$(grep -ac '^id: m[0-9]' "$T/in")
ok "there are messages" test "$messages" -gt 0
mm-archive add Box <"$T/in" >"$T/out" 2>"$T/err"
is "no complaints" "$(cat "$T/err")" ""
is "all are archived" "$(grep -acx 'archived: Box' "$T/out")" "$messages"
check_same "and come back octet for octet" "cat $T/in" \
	"seq -f m%05g 1 $messages | mm-archive get Box --record"
exit_is "verify" 0 mm-archive verify Box
is "each can be shown" "$(mm-search -a Box --json | python3 -c '
import json, sys
print(sum(json.loads(line)["Size"] > 0 for line in sys.stdin))')" "$messages"
done_testing
