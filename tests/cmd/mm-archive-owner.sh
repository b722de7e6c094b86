#!/bin/bash
# What root does to an archive, from cron or by hand, leaves it to whose it is.
. "$(dirname "$0")/../lib/tap.sh"
need python3
[ "$(id -u)" = 0 ] || skip_all "only root can give files away"

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=warn
cd "$T" || exit 1
chmod 755 "$T"
mkdir root && chown nobody root
records() { # COUNT SEED DAY
	python3 "$top/tests/tools/archive_corpus.py" "$@"
}
others() {
	find root ! -user nobody
}
mm-archive create Box --retention PERMANENT >/dev/null
records 5 a 2024-03-22 | mm-archive add Box >added
is "create and add" "$(others)" ""
id=$(sed -n 's/^id: //p;T;q' added)
mm-archive hold add Box case --reason r --query subject:x >/dev/null
is "hold" "$(others)" ""
mm-archive forget --reason r Box "$id"
is "forget" "$(others)" ""
mm-archive compact --now 2024-05-01 Box
is "compact" "$(others)" ""
mm-archive seal --now 2024-05-01 Box
is "seal" "$(others)" ""
rm root/Box/2024-03/index.db*
mm-archive reindex Box >/dev/null
is "reindex" "$(others)" ""
mm-archive create Vault --encrypt --retention PERMANENT >/dev/null
records 5 b 2024-03-22 | mm-archive add Vault >/dev/null
mm-archive rekey --new-data-key Vault >/dev/null
is "an encrypted one" "$(others)" ""
done_testing
