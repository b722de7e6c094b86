#!/bin/bash
# mm-archive: what goes in comes out, with our tools and with none of them.
. "$(dirname "$0")/../lib/tap.sh"
need python3 tar bsdtar zstd

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=mx1
corpus() {
	python3 "$top/tests/tools/archive_corpus.py" "$@"
}
records() { # STREAM-FILE: "ID SHA256" of each record's octets
	python3 - "$1" <<'END'
import hashlib, sys
data, at = open(sys.argv[1], "rb").read(), 0
while at < len(data):
    end = data.index(b"\n\n", at)
    head = data[at:end].split(b"\n")
    n = int(head[0].split()[2])
    ident = next(h[4:] for h in head if h.startswith(b"id: ")).decode()
    if n:
        print(ident, hashlib.sha256(data[end + 2:end + 2 + n]).hexdigest())
    at = end + 2 + n
END
}
index() { # SQL
	python3 -c 'import sqlite3, sys
for r in sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True).execute(sys.argv[2]):
    print(*r, sep="|")' "$T/root/Box/2024-03/index.db" "$1"
}

# --- create
is "create says what it made" "$(mm-archive create Box --retention PERMANENT)" \
	"Box  PERMANENT  $T/root/Box"
is "the site has its document" "$(tr -d ' \n' <"$T/site/archives/Box.json")" \
	'{"ArchiveName":"Box","Retention":{"RetentionPeriod":"PERMANENT"}}'
exit_is "create again changes nothing" 0 mm-archive create Box
exit_is "but not with another retention" 73 mm-archive create Box --retention TEN_YEARS
exit_is "a name must be one" 65 mm-archive create ..
exit_is "a retention must be one" 64 mm-archive create Other --retention FOREVER
printf '{"ArchiveName": "FromFile", "Retention": {"RetentionPeriod": "PERMANENT"}}\n' >"$T/f.json"
is "create from a document" "$(mm-archive create "$T/f.json")" "FromFile  PERMANENT  $T/root/FromFile"
sed s/PERMANENT/TEN_YEARS/ "$T/f.json" >"$T/g.json"
exit_is "a document with another retention is not passed over" 73 mm-archive create "$T/g.json"
exit_is "add to an archive without a directory waits" 75 sh -c 'mm-archive add Nowhere </dev/null'

# --- round trip
corpus 300 a 2024-03-22 >"$T/in"
mm-archive add Box <"$T/in" >"$T/out"
is "every record is answered" "$(grep -acx 'archived: Box' "$T/out")" 300
is "and acknowledged" "$(grep -acx 'reply: 250 2.0.0 archived in Box' "$T/out")" 300
records "$T/in" | sort >"$T/expected"
mm-archive get Box --record < <(records "$T/in" | cut -d' ' -f1) >"$T/got"
is "get gives every octet" "$(records "$T/got" | sort)" "$(cat "$T/expected")"
check_same "get --record gives the records as they came" "cat $T/in" "cat $T/got"
cd "$T/root/Box/2024-03" || exit 1
for reader in 'tar --zstd -xf' 'bsdtar -xf'; do
	rm -rf "$T/x" && mkdir "$T/x"
	for f in *.tar.zst; do
		is "$reader is silent" "$(cd "$T/x" && $reader "$OLDPWD/$f" 2>&1)" ""
	done
	is "$reader gives every octet" "$(cd "$T/x" && sha256sum ./*.eml |
		sed 's/\(.*\)  .\/\(.*\).eml/\2 \1/' | sort)" "$(cat "$T/expected")"
done
ok "zstd -t" zstd -qt ./*.tar.zst
is "the file carries day and node" "$(echo ./*.tar.zst)" ./22-mx1-0001.tar.zst
check_same "a tar to standard output is the mail stream" "cat $T/in" 'tar --zstd -xOf 22-*.tar.zst'
cd "$T" || exit 1
printf 'From: a@b.example\r\n\r\nx\r\n' >one.eml
is "get --headers" "$(mm-archive add Box --field received=2024-03-22T12:00:00Z --field id=one one.eml >/dev/null &&
	mm-archive get Box --headers one)" "$(printf 'From: a@b.example\r')"
like "verify finds nothing" "$(mm-archive verify Box)" ' 301 messages .* 0 problems'

# --- idempotence
mm-archive add Box <"$T/in" >"$T/out"
is "the same ids again are duplicates" "$(grep -acx 'archived: Box duplicate' "$T/out")" 300
is "stored once" "$(index 'SELECT count(*) FROM message')" 301
size=$(stat -c %s root/Box/2024-03/22-*.zst)
sed 's/^rcpt-to: .*/rcpt-to: <late@example.org> NOTIFY=NEVER/' in >in2
mm-archive add Box <in2 >out
like "new recipients join" "$(mm-archive get Box --record a-000007 | grep -a ^rcpt-to)" \
	'^rcpt-to: <[a-z@.]+>
rcpt-to: <late@example.org> NOTIFY=NEVER$'
ok "and are written" test "$(stat -c %s root/Box/2024-03/22-*.zst)" -gt "$size"
mm-archive get Box --record a-000007 >before
printf 'mail 1 3\nid: twice\nreceived: 2024-03-22T10:00:00Z\nrcpt-to: <%s@x.example>\n\nabc' a >two
printf 'mail 1 3\nid: twice\nreceived: 2024-03-22T10:00:00Z\nrcpt-to: <%s@x.example>\n\nabc' b >>two
is "an id twice in one batch" "$(mm-archive add Box <two | grep -a ^archived)" \
	"archived: Box
archived: Box duplicate"
is "has both recipients" "$(mm-archive get Box --record twice | grep -a ^rcpt)" \
	"rcpt-to: <a@x.example>
rcpt-to: <b@x.example>"

# --- the index from the tars alone
index 'SELECT id, received, size, mail_from, spf, sender, subject FROM message ORDER BY id' >rows
rm root/Box/2024-03/index.db*
exit_is "verify misses the index" 65 mm-archive verify Box
exit_is "reindex" 0 mm-archive reindex Box
is "reindex makes the same rows" \
	"$(index 'SELECT id, received, size, mail_from, spf, sender, subject FROM message ORDER BY id')" \
	"$(cat rows)"
check_same "with the recipients that came later" "cat before" "mm-archive get Box --record a-000007"
exit_is "verify is content" 0 mm-archive verify Box

# --- an add after the index was lost destroys nothing
rm root/Box/2024-03/index.db*
mm-archive add Box --field received=2024-03-22T12:00:00Z --field id=later one.eml >/dev/null 2>err
is "another file is begun" "$(cd root/Box/2024-03 && echo ./*-0002.tar.zst)" ./22-mx1-0002.tar.zst
exit_is "and reindex finds the rest" 0 mm-archive reindex Box
is "all are there" "$(index 'SELECT count(*) FROM message')" 303

# --- damage
cp -a root/Box kept
python3 - root/Box/2024-03/22-mx1-0001.tar.zst <<'END'
import sys
f = open(sys.argv[1], "r+b")
f.seek(5000)
b = f.read(1)
f.seek(5000)
f.write(bytes([b[0] ^ 4]))
END
exit_is "verify finds one flipped bit" 65 mm-archive verify Box
like "and says where" "$(cat "$T/.err")" '22-mx1-0001.tar.zst: frame at byte'
rm -rf root/Box && mv kept root/Box
python3 - root/Box/2024-03/22-mx1-0001.tar.zst >missed <<'END'
import os, random, subprocess, sys
r, f = random.Random(3), open(sys.argv[1], "r+b")
size = os.path.getsize(sys.argv[1])
for at in [0, 4, size - 1] + [r.randrange(size) for _ in range(30)]:
    f.seek(at)
    b, bit = f.read(1)[0], 1 << r.randrange(8)
    for octet in b ^ bit, b:
        f.seek(at)
        f.write(bytes([octet]))
        f.flush()
        if (subprocess.run(["mm-archive", "verify", "Box"], capture_output=True).returncode == 65) != (octet != b):
            print(at, bit)
END
is "wherever it is" "$(cat missed)" ""
cp -a root/Box kept
python3 -c 'import sqlite3, sys
c = sqlite3.connect(sys.argv[1]); c.execute("DELETE FROM message WHERE id = ?", ["a-000009"]); c.commit()' \
	root/Box/2024-03/index.db
exit_is "verify misses a message in the index" 65 mm-archive verify Box
mkdir root/Box/2024-04 && echo junk >root/Box/2024-04/index.db
mm-archive get Box a-000010 >out 2>err
check_same "a month that cannot be read does not hide the others" "cat out" \
	"tar --zstd -xOf kept/2024-03/22-mx1-0001.tar.zst a-000010.eml"
rm -rf root/Box && mv kept root/Box
head -c 3000 /dev/urandom >>root/Box/2024-03/22-mx1-0001.tar.zst
mm-archive add Box --field received=2024-03-22T12:00:00Z --field id=torn one.eml >out 2>err
like "a torn frame is cut off" "$(cat err)" 'cutting off 3000 octets'
exit_is "and nothing is missing" 0 mm-archive verify Box

# --- a crash between the frame and the index
cp root/Box/2024-03/index.db old.db
mm-archive add Box --field received=2024-03-22T12:00:00Z --field id=between one.eml >/dev/null
cp old.db root/Box/2024-03/index.db
mm-archive add Box --field received=2024-03-22T12:00:00Z --field id=between one.eml >out 2>err
like "a whole frame that the index does not know is indexed" "$(cat err)" 'indexed 1 messages'
like "so that the message, sent again, is a duplicate" "$(cat out)" 'archived: Box duplicate'
exit_is "and all is whole" 0 mm-archive verify Box

# --- more months than files may be open
mkdir "$T/many"
for i in $(seq 40); do
	month=$(printf '%04d-%02d' $((2000 + i / 12)) $((i % 12 + 1)))
	printf 'mail 1 %d\nid: m%d\nreceived: %s-05T00:00:00Z\n\n%s\n' 8 "$i" "$month" "$month"
done | mm-archive add "$T/many" >/dev/null
seq 40 | sed 's/^/m/' >"$T/ids"
(ulimit -Sn 48 && mm-archive get "$T/many" <"$T/ids") >"$T/got" 2>"$T/err"
is "all are found" "$(sort -u "$T/got" | wc -l)" 40
is "and nothing is told" "$(cat "$T/err")" ""

# --- what cannot be archived
is "an envelope alone is refused" "$(printf 'mail 1 0\nid: e\n\n' | mm-archive add Box | grep -a ^reply)" \
	"reply: 554 5.6.0 there is no message to archive"
is "so is an id that is no file name" "$(printf 'mail 1 1\nid: ../e\n\nx' | mm-archive add Box |
	grep -a ^reply)" "reply: 554 5.6.0 the message's id is malformed"
exit_is "get of an unknown id" 66 mm-archive get Box no-such
exit_is "a path as an archive" 0 mm-archive get ./root/Box one
exit_is "no command" 64 mm-archive
exit_is "an option of another command" 64 mm-archive stat --metadata Box
is "is told" "$(head -n 1 "$T/.err")" "mm-archive: stat has no option --metadata"
exit_is "no archive" 64 mm-archive get
done_testing
