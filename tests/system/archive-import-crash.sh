#!/bin/bash
# mm-archive import, killed at any moment and on a full disk: the same command goes on,
# every message is there once, the tars are whole.
rounds=${MM_ROUNDS:-5} # tap.sh unsets it
. "$(dirname "$0")/../lib/tap.sh"
need python3 tar zstd

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=error
python3 - "$T/mail" <<'EOF'
import os, random, sys
os.mkdir(sys.argv[1])
r = random.Random(5)
for n in range(1000):
    text = "".join(r.choice("abcdefgh ij") for _ in range(r.randint(10, 8000)))
    open("%s/%04d" % (sys.argv[1], n), "w").write(
        "Received: x; %d Mar 2024 10:00:00 +0000\nSubject: %d\n\n%s\n" % (n % 5 + 1, n, text))
EOF
once() { # NAME
	exit_is "$1: verify" 0 mm-archive verify Box
	is "$1: each message is there once" "$(mm-search -a Box --ids | sort | uniq | wc -l)" 1000
	is "$1: octet for octet, by tar" "$(cat "$MM_ARCHIVE_ROOT"/Box/*/*.tar.zst | zstd -dcq |
		tar -xf - --to-command='sha256sum' --wildcards '*.eml' | cut -d' ' -f1 | sort -u | sha256sum)" \
		"$(sha256sum "$T"/mail/* | cut -d' ' -f1 | sort -u | sha256sum)"
}

mm-archive create Box --retention PERMANENT >/dev/null
killed=0
for ((i = 0; i < rounds; i++)); do
	mm-archive import Box "$T/mail" >"$T/out" 2>>"$T/err" &
	pid=$!
	wait_for "a file" compgen -G "$T/root/Box/2024-03/*.tar.zst"
	sleep "0.$((RANDOM % 2))$((RANDOM % 10))"
	kill -9 $pid 2>/dev/null && killed=$((killed + 1))
	wait $pid 2>/dev/null
done
ok "some were killed" test "$killed" -gt 0
exit_is "the last one ends" 0 mm-archive import Box "$T/mail"
once killed

if [ "$(id -u)" -eq 0 ] && mkdir "$T/small" && mount -t tmpfs -o size=1m none "$T/small" 2>/dev/null; then
	at_exit "umount $T/small"
	export MM_ARCHIVE_ROOT=$T/small
	mm-archive create Box >/dev/null
	exit_is "full: the import ends, to be done again" 75 mm-archive import Box "$T/mail"
	like "full: and says so" "$(cat "$T/.err")" 'the same command goes on'
	exit_is "full: what is there is whole" 0 mm-archive verify Box
	mount -o remount,size=60m "$T/small"
	exit_is "full: with room it ends" 0 mm-archive import Box "$T/mail"
	once full
else
	skip "a full disk" "needs root and tmpfs"
fi
done_testing
