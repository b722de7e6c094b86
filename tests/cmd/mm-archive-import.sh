#!/bin/bash
# mm-archive import: messages of other stores, octet for octet.
. "$(dirname "$0")/../lib/tap.sh"
need python3 tar gzip sqlite3

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=mx1 TZ=UTC
cd "$T" || exit 1
box() { # NAME: a fresh archive
	rm -rf "$T/root/$1"
	mm-archive create "$1" --retention PERMANENT >/dev/null
}
hashes() { # NAME: of the messages that tar finds
	local f
	rm -rf "$T/x" && mkdir "$T/x"
	for f in "$T/root/$1"/*/*.tar.zst; do
		tar --zstd -C "$T/x" -xf "$f"
	done
	sha256sum "$T"/x/*.eml | cut -d' ' -f1 | sort
}
received() { # NAME: of all messages
	mm-search -a "$1" --ids | sort | mm-archive get "$1" --record | grep -a ^received:
}

# --- messages that are hard to keep
python3 - <<'EOF'
import os
os.makedirs("d/sub/.hidden")
h = b"Received: from a by b; Sun, 03 Mar 2024 10:00:%02d +0100\n"
odd = [h + b"Subject: lf only\n\nbody\n",
       h + b"Subject: crlf\r\n\r\nbody\r\n",
       h + b"Subject: bare cr\r\n\r\na\rb\nc\r\n",
       h + b"Subject: nul\n\n\0\0\0",
       h + b"Subject: \xe4\xf6\xfc raw\n\n\xff\xfe",
       h + b"Subject: long\n\n" + b"x" * 100000,
       h + b"Subject: no line end",
       b"From a@b.example Mon Mar  4 10:00:00 2024\n" + h + b"\n>From here\nFrom there\n\n",
       b"From: only@a.header.example\n",
       b"\nbroken first\nTo: x@y.example\n\nz\n"]
for i, m in enumerate(odd):
    open("d/%s%02d" % ("sub/" if i % 2 else "", i), "wb").write(m % i if b"%02d" in m else m)
open("d/sub/.hidden/m", "wb").write(odd[0])
open("d/meta.json", "w").write("{}")
EOF
find d -type f -exec touch -d 2024-04-01T00:00:00Z {} + # zip knows even seconds only
box Odd
is "a directory" "$(mm-archive import Odd d)" "10 imported  0 duplicates  0 bad  1 passed over"
is "comes back octet for octet by tar" "$(hashes Odd)" \
	"$(find d -name '[01]*' -type f -exec sha256sum {} + | cut -d' ' -f1 | sort)"
id=$(mm-search -a Odd --ids subject:nul)
check_same "and by get" "cat d/sub/03" "mm-archive get Odd $id"
like "an id is its time and hash" "$id" '^20240303T090003Z-[0-9a-f]{40}$'
is "again adds nothing" "$(mm-archive import Odd d)" \
	"0 imported  10 duplicates  0 bad  1 passed over"
exit_is "verify" 0 mm-archive verify Odd

# --- mbox
printf 'From a@b.example Fri Mar  1 10:00:00 2024\nSubject: one\nContent-Length: 3\n\n>From x\n>>From y\n >From z\n\nFrom nobody knows\n\nFrom the start: no date\n' >in.mbox
printf '\nFrom c@d.example Sat Mar  2 11:00:00 +0200 2024\nSubject: two\n\nFrom c@d.example Sat Mar  2 11:00:00 2024\nis no header\n\n\nFrom - Sun Mar  3 12:00 2024\nSubject: three\n\nlast\n' >>in.mbox
box Mbox
is "an mbox, one of it without a header" "$(mm-archive import Mbox in.mbox)" \
	"4 imported  0 duplicates  0 bad  0 passed over"
# shellcheck disable=SC2016
check_same "is unquoted" \
	"printf 'Subject: one\nContent-Length: 3\n\nFrom x\n>From y\n >From z\n\nFrom nobody knows\n\nFrom the start: no date\n'" \
	'mm-archive get Mbox "$(mm-search -a Mbox --ids subject:one)"'
is "with the From_ lines' times" "$(received Mbox)" "received: 2024-03-01T10:00:00.000Z
received: 2024-03-02T09:00:00.000Z
received: 2024-03-02T11:00:00.000Z
received: 2024-03-03T12:00:00.000Z"
sed 's/$/\r/' in.mbox | gzip >in.gz
is "packed, with CRLF, without the name" "$(mm-archive import Mbox in.gz)" \
	"4 imported  0 duplicates  0 bad  0 passed over"
is "from standard input" "$(mm-archive import Mbox <in.mbox)" \
	"0 imported  4 duplicates  0 bad  0 passed over"
is "packed, from standard input" "$(mm-archive import Mbox - <in.gz)" \
	"0 imported  4 duplicates  0 bad  0 passed over"
box Mbox
is "--format message keeps an mbox whole" "$(mm-archive import Mbox --format message in.mbox)" \
	"1 imported  0 duplicates  0 bad  0 passed over"
is "as it is" "$(hashes Mbox)" "$(sha256sum <in.mbox | cut -d' ' -f1)"
printf 'no header\n' >bare
exit_is "no header, no message" 65 mm-archive import Mbox bare
is "but by --format message" "$(mm-archive import Mbox --format message bare)" \
	"1 imported  0 duplicates  0 bad  0 passed over"
exit_is "--format must be one" 64 mm-archive import Mbox --format mail in.mbox

printf 'From a@b.example Fri Mar  1 10:00:00 2024\nSubject: one\n\nFrom c@d.example Sat Mar  2 11:00:00 2024\nis no header\n' >quotes
box Quotes
is "a message that quotes a From_ line is no mbox" "$(mm-archive import Quotes quotes)" \
	"1 imported  0 duplicates  0 bad  0 passed over"

# --- what export writes, whatever messages begin with
mkdir weird
printf 'no header\n\nFrom a@b.example Fri Mar  1 10:00:00 2024\nx\n' >weird/1.eml
printf '\nbody\n' >weird/2.eml
printf '\0 From: x\r\n\r\nx\r\n' >weird/3.eml
printf 'From   : x\n\nobsolete\n' >weird/4
box Weird
is "messages without a header" "$(mm-archive import Weird weird)" \
	"4 imported  0 duplicates  0 bad  0 passed over"
mm-archive export Weird --all weird.mbox
box Again
is "as an mbox" "$(mm-archive import Again weird.mbox)" \
	"4 imported  0 duplicates  0 bad  0 passed over"
is "come back" "$(hashes Again)" "$(sha256sum weird/* | cut -d' ' -f1 | sort)"

# --- Maildir, with one inside, and what does not belong to it
mkdir -p md/{cur,new,tmp} md/.Sent/{cur,new,tmp} md/.notmuch/xapian
printf 'Date: Fri, 1 Mar 2024 10:00:00 +0000\nSubject: seen\n\na\n' >md/cur/1.a.host:2,RS
printf 'Date: Fri, 1 Mar 2024 11:00:00 +0000\nSubject: new\n\nb\n' >md/new/2.b.host
printf 'Date: Fri, 1 Mar 2024 12:00:00 +0000\nSubject: sent\n\nFrom c\n' >md/.Sent/cur/3.c.host:2,S
printf 'Subject: half\n\n' >md/tmp/4.d.host
printf 'Subject: no\n\n' | tee md/dovecot.index md/.notmuch/xapian/x >md/maildirsize
box Md
is "a Maildir" "$(mm-archive import Md md)" "3 imported  0 duplicates  0 bad  0 passed over"
is "its flags are kept" "$(mm-archive get Md --record "$(mm-search -a Md --ids subject:seen)" |
	grep -a ^flags)" "flags: RS"

# --- archives
box Tar
tar -cJf d.tar.xz d
is "a tar" "$(mm-archive import Tar d.tar.xz)" "11 imported  0 duplicates  0 bad  1 passed over"
python3 -c 'import shutil; shutil.make_archive("d", "zip", ".", "d")'
is "a zip has the same" "$(mm-archive import Tar d.zip)" \
	"0 imported  11 duplicates  0 bad  1 passed over"
is "a tar in a pipe, too" "$(mm-archive import Tar <d.tar.xz)" \
	"0 imported  11 duplicates  0 bad  1 passed over"

# --- times
box Time
mkdir t
printf 'Received: x; Fri, 1 Mar 2024 10:00:00 +0000\nReceived: x; Thu, 1 Feb 2024 10:00:00 +0000\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\n1' >t/1
printf 'Received: x; Fri, 1 Mar 2099 10:00:00 +0000\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\n2' >t/2
printf 'Received: nothing\nDate: never\n\n3' >t/3
touch -d 2023-05-06T07:08:09Z t/3
mm-archive import Time t >/dev/null
is "times: Received, Date, the file's" "$(received Time)" "received: 2023-05-06T07:08:09.000Z
received: 2024-01-01T10:00:00.000Z
received: 2024-03-01T10:00:00.000Z"

# --- more recipients than an envelope can have
box Crowd
python3 -c 'print("Subject: crowd\nTo: " + ",\n ".join("u%d@dept.warehouse.example" % i for i in range(500000)) + "\n\nx")' >crowd
mm-archive import Crowd crowd >/dev/null
is "a message to half a million" "$(mm-archive get Crowd --query subject:crowd | sha256sum)" \
	"$(sha256sum <crowd)"
like "has the first of them in its envelope" "$(mm-search -a Crowd --stream subject:crowd |
	grep -ac '^rcpt-to: ')" '^[12]....[0-9]*$'

# --- what is bad is named, the rest goes on
mkdir bad
printf 'nothing of a message' >bad/1
: >bad/2
printf 'Subject: good\n\n' >bad/3
head -c 500 d.tar.xz >bad/4.tar.xz
exit_is "something is no message" 65 mm-archive import Time bad/1 bad/2 bad/3
like "it is named" "$(cat "$T/.err")" 'bad/1: byte 0: expected a message, found no header'
like "so is an empty one" "$(cat "$T/.err")" 'bad/2: byte 0: expected a message, found nothing'
exit_is "something cannot be read" 66 mm-archive import Time bad/4.tar.xz bad/none
like "a cut archive is named" "$(cat "$T/.err")" 'bad/4.tar.xz'
like "and a missing file" "$(cat "$T/.err")" 'bad/none: byte 0: No such file'
exit_is "no such archive" 75 mm-archive import Nobody d
exit_is "verify" 0 mm-archive verify Time
done_testing
