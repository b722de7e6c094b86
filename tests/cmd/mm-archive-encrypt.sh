#!/bin/bash
# Encrypted archives: everything works as in a plain one, nothing of the mail is in the
# directory, and what was changed there is found.
. "$(dirname "$0")/../lib/tap.sh"
need python3 tar zstd

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=warn
cd "$T" || exit 1
corpus() { # COUNT SEED
	python3 "$top/tests/tools/archive_corpus.py" "$@"
}
# files FILE...: the names of those that show a word of the mail, or what SQLite or zstd
# would be known by
showing() {
	python3 - "$@" <<'END'
import os, sys
words = [b"Xylophon", b"a-00000", b"example", b"Subject", b"SQLite format", b"CREATE TABLE",
         b"\x28\xb5\x2f\xfd", b".eml"]
for top in sys.argv[1:]:
    for where, _, names in os.walk(top):
        for name in names:
            data = open(os.path.join(where, name), "rb").read()
            for word in words:
                if word in data:
                    print(name, word)
END
}

# --- create
is "create" "$(mm-archive create Box --retention PERMANENT --encrypt 2>err)" \
	"Box  PERMANENT  $T/root/Box"
is "the document names the key file" "$(tr -d ' \n' <site/archives/Box.json)" \
	'{"ArchiveName":"Box","Retention":{"RetentionPeriod":"PERMANENT"},"Encryption":{"KeyFile":"Box.key"}}'
is "which is its owner's alone" "$(stat -c %a site/secrets/Box.key)" 600
like "and is a key" "$(cat site/secrets/Box.key)" '^[0-9a-f]{64}$'
sum=$(cat site/secrets/Box.key root/Box/keys.json | sha256sum)
exit_is "create again" 0 mm-archive create Box --encrypt
is "changes no key" "$(cat site/secrets/Box.key root/Box/keys.json | sha256sum)" "$sum"
mm-archive create Plain --retention PERMANENT >/dev/null
exit_is "a plain one does not become encrypted" 73 mm-archive create Plain --encrypt
printf '{"ArchiveName": "Kms", "KmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/1"}' >kms.json
exit_is "KmsKeyArn is taken, and means nothing" 0 mm-archive create kms.json
is "here" "$(ls root/Kms)" ""

# --- the same as a plain one
corpus 300 a 2024-03-22 | sed 's/^Subject: /Subject: Xylophon /' >in.raw
python3 - <<'END' >in # lengths as they now are
import re
data, out, at = open("in.raw", "rb").read(), [], 0
starts = [m.start() for m in re.finditer(rb"^mail 1 \d+\nid: ", data, re.M)] + [len(data)]
import sys
for a, b in zip(starts, starts[1:]):
    head, body = data[a:b].split(b"\n\n", 1)
    head = re.sub(rb"^mail 1 \d+", b"mail 1 %d" % len(body), head)
    sys.stdout.buffer.write(head + b"\n\n" + body)
END
mm-archive add Box <in >out
mm-archive add Plain <in >/dev/null
is "all is acknowledged" "$(grep -ac '^status: ok' out)" 300
is "the file says what it is" "$(cd root/Box/2024-03 && echo ./*.enc)" ./22-n-0001.tar.zst.enc
mm-search -a Plain --ids | sort >ids
same() { # NAME
	check_same "$1: search" "mm-search -a Plain --json" \
		"mm-search -a Box --json | sed 's/\"Box\"/\"Plain\"/'"
	check_same "$1: get" "mm-archive get Plain --record <ids" "mm-archive get Box --record <ids"
	is "$1: verify" "$(mm-archive verify Box 2>&1 | grep -v ' 0 problems$')" ""
	is "$1: nothing shows" "$(showing root/Box)" ""
}
same added
is "words are found" "$(mm-search -a Box --count subject:xylophon)" \
	"$(mm-search -a Plain --count subject:xylophon)"
like "which there are" "$(mm-search -a Box --count subject:xylophon)" '^[1-9]'
check_same "sorted" "mm-search -a Plain --ids --sort subject" "mm-search -a Box --ids --sort subject"
check_same "grouped" "mm-search -a Plain --group-by from" "mm-search -a Box --group-by from"
check_same "export" "mm-archive export Plain - --all --to tar | tar -xO | sha256sum" \
	"mm-archive export Box - --all --to tar | tar -xO | sha256sum"
check_same "cat is for tar" "tar --zstd -xOf root/Plain/2024-03/22-*.tar.zst" \
	"mm-archive cat Box 2024-03/22-n-0001.tar.zst.enc | tar --zstd -xO"
is "tar alone has nothing of it" "$(tar --zstd -tf root/Box/2024-03/*.enc 2>/dev/null)" ""
mkfifo fifo
mm-archive add Box <fifo >added &
writer=$!
exec 3>fifo
printf 'mail 1 21\nid: open\nreceived: 2024-03-23T10:00:00Z\n\nSubject: Xylophon\r\n\r\n' >&3
wait_for "an answer" grep -qs '^archived' added
ok "while it is open there is a WAL" test -s root/Box/2024-03/index.db-wal
is "which shows nothing" "$(showing root/Box)" ""
is "who reads beside finds it" "$(mm-search -a Box --ids xylophon | grep open)" open
exec 3>&-
wait $writer
mm-archive get Box --record open >one
mm-archive add Plain <one >/dev/null
mm-search -a Plain --ids | sort >ids
same open
rm root/Box/2024-03/index.db*
exit_is "reindex" 0 mm-archive reindex Box
same reindexed
exit_is "compact" 0 mm-archive compact Box
is "the files are dense" "$(cd root/Box/2024-03 && echo 22*)" 22-n-0001.dense1.tar.zst.enc
same compacted
rm -f root/Box/2024-03/index.db*
exit_is "reindex of dense ones" 0 mm-archive reindex Box
same dense

# --- a torn frame, a torn header
printf 'A: b\r\n\r\nx' >m.eml
add() { # ID
	mm-archive add Box --field received=2024-04-02T10:00:00Z --field "id=$1" m.eml 2>err
}
add t1 >/dev/null
april=root/Box/2024-04/02-n-0001.tar.zst.enc
size=$(stat -c %s $april)
printf 'torn' >>$april
exit_is "behind a torn frame" 0 add t2
like "it is told" "$(cat err)" 'cutting off 4 octets'
is "and nothing is lost" "$(mm-archive get Box t1 t2 | grep -c x)" 2
head -c $((size + 20)) "$april" >short && cp short "$april"
ok "cut behind what the index knows" add t3
like "it is left alone" "$(cat err)" 'shorter than its index'
for size in 0 10 64; do # what a crash may leave before the first frame
	rm -rf root/Box/2024-05
	mm-archive add Box --field received=2024-05-02T10:00:00Z --field id=x m.eml >/dev/null
	f=root/Box/2024-05/02-n-0001.tar.zst.enc
	rm root/Box/2024-05/index.db* $f
	head -c "$size" /dev/zero >zero && cp zero $f
	mm-archive reindex Box >/dev/null 2>&1
	mm-archive add Box --field received=2024-05-02T10:00:00Z --field "id=h$size" m.eml \
		>/dev/null 2>err
	is "a header of $size zeros" "$(mm-archive get Box "h$size" | tail -1)" x
done
rm -rf root/Box/2024-04 root/Box/2024-05

# --- keys
cp site/secrets/Box.key old.key
cp root/Box/keys.json keys.old
tars() {
	cat root/Box/*/*.enc | sha256sum
}
before=$(tars)
exit_is "rekey" 0 mm-archive rekey Box --new-key-file "$T/new.key"
is "writes no tar file" "$(tars)" "$before"
not_ok "the data keys are wrapped anew" cmp -s keys.old root/Box/keys.json
exit_is "the old key is of no use" 66 mm-archive get Box open
like "which is told" "$(mm-archive get Box open 2>&1)" 'is wrapped by the key file with the id'
is "one line says it" "$(mm-archive get Box open 2>&1 | wc -l)" 1
is "nor to mm-search" "$(mm-search -a Box x 2>&1 | grep -c 'is wrapped by')" 1
check_same "the new one is" "mm-archive get Plain open" "mm-archive get Box open --key-file new.key"
is "in mm-search too" "$(mm-search -a Box --key-file new.key --count xylophon)" \
	"$(mm-search -a Plain --count xylophon)"
cp new.key site/secrets/Box.key
same rekeyed
exit_is "a further data key" 0 mm-archive rekey Box --new-data-key
is "is there" "$(grep -c '"Id"' root/Box/keys.json)" 2
corpus 20 b 2024-06-22 >in.b
mm-archive add Box <in.b >/dev/null
mm-archive add Plain <in.b >/dev/null
mm-search -a Plain --ids | sort >ids
same "two data keys"
key_of() { # FILE: the id in its header
	od -An -tx1 -j8 -N4 "$1" | tr -d ' \n'
}
like "which the new file has" "$(tail -8 root/Box/keys.json)" \
	"$(key_of "$(echo root/Box/2024-06/*.enc)")"
mm-archive rekey Box --new-key-file once.key --key-file new.key 2>/dev/null
cp once.key site/secrets/Box.key
same "rekeyed again"
exit_is "rekey with a wrong key" 65 mm-archive rekey Box --key-file old.key --new-key-file z.key
exit_is "rekey of a plain archive" 65 mm-archive rekey Plain --new-data-key --key-file old.key
exit_is "rekey without a wish" 64 mm-archive rekey Box
chmod 644 site/secrets/Box.key
exit_is "a key that others can read" 66 mm-archive get Box open
chmod 600 site/secrets/Box.key
like "by its path alone it needs the key" "$(mm-archive get root/Box/ open 2>&1)" 'is encrypted: its key file'
is "which can be given" "$(mm-archive get ./root/Box open --key-file once.key | wc -c)" 21
for bad in '' 'x' '{}' '{"Version": 2, "DataKeys": []}'; do
	cp root/Box/keys.json keep
	printf '%s' "$bad" >root/Box/keys.json
	exit_is "keys.json \"$bad\"" 66 mm-archive get Box open
	cp keep root/Box/keys.json
done
mv root/Box/keys.json keep
exit_is "without keys.json nothing is written in the clear" 75 mm-archive add Box m.eml
mv keep root/Box/keys.json

# --- changed octets
cp -a root/Box kept
python3 - <<'END' >missed
import glob, os, random, subprocess
random.seed(1)
names = sorted(glob.glob("root/Box/*/*.enc"))
for name in names:
    data = open(name, "rb").read()
    os.chmod(name, 0o640)
    places = [0, 7, 9, 20, 50, 63, 64, 66, 70, len(data) - 1]
    for at in places + [random.randrange(len(data)) for _ in range(10)]:
        bad = bytearray(data)
        bad[at] ^= 1 << random.randrange(8)
        open(name, "wb").write(bad)
        if subprocess.run(["mm-archive", "verify", "Box"], capture_output=True).returncode != 65:
            print(name, at)
    open(name, "wb").write(data)
END
is "verify finds any flipped bit of a tar file" "$(cat missed)" ""
python3 - <<'END'
import glob
name = glob.glob("root/Box/2024-03/index.db")[0]
data = bytearray(open(name, "rb").read())
for at in range(4096, len(data), 4096):
    data[at + 100] ^= 1
open(name, "wb").write(data)
END
like "a page of the index is told" "$(mm-search -a Box xylophon 2>&1)" \
	'index.db: the page at byte [0-9]+ is not as it was encrypted'
rm -rf root/Box && cp -a kept root/Box
same "put back"
done_testing
