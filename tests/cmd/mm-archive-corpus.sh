#!/bin/bash
# Real messages ($MM_CORPUS, a directory of files) imported and got back octet for octet.
. "$(dirname "$0")/../lib/tap.sh"
need python3 tar zstd
[ -d "$corpus" ] || skip_all "MM_CORPUS names no directory of messages"

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=mx1
mm-archive create Box --retention PERMANENT >/dev/null
begun=$(date +%s%N)
mm-archive import Box --format message "$corpus" >"$T/out" 2>"$T/err"
elapsed=$((($(date +%s%N) - begun) / 1000000))
tap_comment "$(cat "$T/out") in $elapsed ms"
mm-search -a Box --ids >"$T/ids"
ok "there are messages" test -s "$T/ids"
mm-archive get Box --record <"$T/ids" >"$T/got"
compare() { # STREAM: messages that are not in the corpus, or in it and good and not there
	python3 - "$corpus" "$1" "$T/err" <<'EOF'
import hashlib, os, re, sys
want, got, at = set(), set(), 0
bad = set(re.findall(r'msg="?(.*?): byte \d+: expected a message', open(sys.argv[3], errors="replace").read()))
for folder, _, files in os.walk(sys.argv[1]):
    for name in files:
        path = os.path.join(folder, name)
        passed_over = name.startswith(".") or name.lower().endswith((".json", ".jsonl"))
        if path not in bad and not passed_over:
            want.add(hashlib.sha256(open(path, "rb").read()).hexdigest())
data = open(sys.argv[2], "rb").read()
while at < len(data):
    end = data.index(b"\n\n", at) + 2
    size = int(data[at:end].split(b"\n")[0].split()[2])
    got.add(hashlib.sha256(data[end:end + size]).hexdigest())
    at = end + size
print(len(want - got), len(got - want))
EOF
}
is "get gives every message, octet for octet" "$(compare "$T/got")" "0 0"
cat "$T"/root/Box/*/*.tar.zst | zstd -dcq | tar -xOf - >"$T/tar"
is "tar gives the same" "$(compare "$T/tar")" "0 0"
exit_is "verify" 0 mm-archive verify Box
like "importing again adds nothing" "$(mm-archive import Box --format message "$corpus" 2>/dev/null)" \
	'^0 imported'
done_testing
