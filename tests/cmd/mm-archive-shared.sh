#!/bin/bash
# An archive of several hosts: writers with names of their own and no shared memory,
# while others search.
. "$(dirname "$0")/../lib/tap.sh"
need python3 sqlite3

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root
cd "$T" || exit 1
is "create" "$(mm-archive create Box --shared --retention PERMANENT)" "Box  PERMANENT  $T/root/Box"
exit_is "not an encrypted one" 73 mm-archive create Vault --shared --encrypt
like "it says why" "$(cat .err 2>/dev/null)$(mm-archive create Vault --shared --encrypt 2>&1)" \
	'archive Vault is encrypted; such an archive cannot be shared by hosts'
records() { # NODE COUNT
	python3 - "$@" <<'P'
import sys
for i in range(int(sys.argv[2])):
    body = b"Subject: s%d\r\n\r\n%sword from %s\r\n" % (i, b"filling\r\n" * 2000, sys.argv[1].encode())
    sys.stdout.buffer.write(b"mail 1 %d\nid: %s-%d\nreceived: 2026-03-%02dT10:00:00Z\n\n%s"
                            % (len(body), sys.argv[1].encode(), i, i % 28 + 1, body))
    sys.stdout.buffer.flush()
P
}
nodes='mx1 mx2 mx3'
for node in $nodes; do
	records "$node" 400 | MM_NODE=$node mm-archive add Box >"$node.out" 2>"$node.err" &
	pids+=" $!"
done
# shellcheck disable=SC2086
(while kill -0 $pids 2>/dev/null; do mm-search -a Box --count word >/dev/null; done) 2>searched
# shellcheck disable=SC2086
wait $pids
is "all are acknowledged" "$(cat ./*.out | grep -ac '^status: ok$')" 1200
is "nobody complains" "$(cat ./*.err searched)" ""
is "all are there" "$(mm-search -a Box --count word)" 1200
is "newest first" "$(mm-search -a Box --ids word | head -n 1)" "$(mm-search -a Box --sort -received --ids word | head -n 1)"
is "--limit" "$(mm-search -a Box --ids --limit 7 word | wc -l)" 7
is "the index has no WAL" "$(sqlite3 -readonly root/Box/2026-03/index.db 'PRAGMA journal_mode')$(
	compgen -G 'root/Box/2026-03/*-wal')" delete
is "each has its files" "$(find root/Box/2026-03 -name '*.tar.zst' | grep -o 'mx[123]' | sort -u | xargs)" \
	"$nodes"
ok "verify" mm-archive verify Box
is "get" "$(mm-archive get Box mx2-7 | tail -n 1)" $'word from mx2\r'

# --- who reads slowly holds up nobody
mkfifo slow
mm-search -a Box --stream word >slow &
reader=$!
exec 5<slow
IFS= read -r -u 5 _
records late 1 | MM_NODE=mx1 timeout 20 mm-archive add Box >late.out
is "a message comes while results are being read" "$(grep -ac '^status: ok$' late.out)" 1
exec 5<&-
wait "$reader"
mm-archive export Box --to tar - --all >slow &
reader=$!
exec 5<slow
IFS= read -r -d '' -n 100 -u 5 _
records later 1 | MM_NODE=mx1 timeout 20 mm-archive add Box >late.out
is "and while it is exported" "$(grep -ac '^status: ok$' late.out)" 1
exec 5<&-
wait "$reader"

# --- nor does verify keep mail waiting
if command -v strace >/dev/null; then
	tar=$(find root/Box/2026-03 -name '*.zst' | sort | head -n 1)
	ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" strace -f -qq -o trace -P "$T/$tar" -e trace=openat -e inject=openat:signal=STOP:when=1 \
		mm-archive verify Box >verified 2>&1 &
	verify=$!
	wait_for "it to stop" grep -qs 'stopped by SIGSTOP' trace
	records latest 1 | MM_NODE=mx1 timeout 20 mm-archive add Box >late.out
	is "a message comes while frames are read" "$(grep -ac '^status: ok$' late.out)" 1
	kill -CONT "$(sed -n 's/^\([0-9]*\) .*stopped by SIGSTOP.*/\1/p' trace | head -1)"
	wait $verify
	is "verify" "$? $(grep error verified)" "0 "
else
	skip "verify does not keep mail waiting" "needs strace"
fi

# --- a writer that was killed while it wrote to the index: who reads next puts back what was there
if command -v strace >/dev/null; then
	mm-archive create Killed --shared --retention PERMANENT >/dev/null
	records mx1 30 | mm-archive add Killed >/dev/null
	before=$(mm-archive get Killed mx1-7 | sha256sum)
	M=root/Killed/2026-03
	(records mx2 30 | strace -f -qq -o /dev/null -P "$T/$M/index.db" -e trace=pwrite64 \
		-e inject=pwrite64:signal=KILL:when=12 mm-archive add Killed) >/dev/null 2>&1
	ok "it has left a journal" test -s $M/index.db-journal
	cp -a root/Killed left
	for reader in "mm-archive get Killed mx1-7" "mm-search -a Killed --count mx1" "mm-archive hold list Killed" \
		"mm-archive stat Killed" "mm-archive compact -n Killed" "mm-archive export Killed - --to mbox --all"; do
		rm -rf root/Killed && cp -a left root/Killed
		# shellcheck disable=SC2086
		exit_is "$reader" 0 $reader
		is "and says nothing" "$(cat .err)" ""
		is "then there is what there was" "$(mm-search -a Killed --count) $(mm-archive get Killed mx1-7 | sha256sum)" \
			"30 $before"
	done
	exit_is "a writer goes on" 0 mm-archive add Killed < <(records mx2 30)
	is "with all" "$(mm-search -a Killed --count)" 60
	exit_is "verify" 0 mm-archive verify Killed
else
	skip "a writer that was killed" "needs strace"
fi

# --- one that was not
mm-archive create Old --retention PERMANENT >/dev/null
records mx1 5 | mm-archive add Old >/dev/null
mm-archive create Old --shared >/dev/null
records mx2 5 | mm-archive add Old >/dev/null
is "an archive that becomes one" "$(mm-search -a Old --count) $(sqlite3 -readonly \
	root/Old/2026-03/index.db 'PRAGMA journal_mode')" "10 delete"
ok "compact" mm-archive compact Box
ok "and verify" mm-archive verify Box
done_testing
