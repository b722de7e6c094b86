#!/bin/bash
# mm-archive export: mbox, Maildir, directory, tar and zip, whole or not at all.
. "$(dirname "$0")/../lib/tap.sh"
need python3 tar zstd gzip bsdtar

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=mx1
cd "$T" || exit 1
box() { # NAME: a fresh archive
	rm -rf "$T/root/$1"
	mm-archive create "$1" --retention PERMANENT >/dev/null
}
hashes() { # DIRECTORY
	find "$1" -type f -exec sha256sum {} + | cut -d' ' -f1 | sort
}
python3 - <<'EOF'
import os
os.makedirs("md/cur"), os.makedirs("md/new"), os.makedirs("md/tmp")
h = b"Received: x; %d %s 2024 10:00:00 +0000\nReturn-Path: <a@b.example>\nSubject: s%d\n"
bodies = [b"lf\n", b"crlf\r\n\r\nFrom x Mon Mar  4 10:00:00 2024\r\nA: b\r\n", b"nul \0 cr \r x\n",
          b">From a\n>>From b\n > From c\nFrom d\n", b"\n\n\n", b"8bit \xff\n", b"x" * 3000 + b"\n", b""]
for i, b in enumerate(bodies):
    m = h % (i + 1, [b"Feb", b"Mar"][i % 2], i)
    if i == 1:
        m = m.replace(b"\n", b"\r\n")
    open("md/cur/%d.x:2,%s" % (i, "S" if i % 2 else "FR"), "wb").write(m + (b"\r\n" if i == 1 else b"\n") + b)
EOF
box Box
mm-archive import Box md >/dev/null
mm-search -a Box --ids | sort >ids
is "there are eight" "$(wc -l <ids)" 8
want=$(hashes md)

# --- each form, by name and by ending; read without us, then by import
is "a Maildir" "$(mm-archive export Box --to maildir --all out)" "8 exported to out"
is "of the same octets" "$(hashes out)" "$want"
is "with flags" "$(find out/cur -name '*:2,FR' | wc -l) $(find out/cur -name '*:2,S' | wc -l)" "4 4"
mm-archive export Box --to eml eml <ids >said
is "ids from standard input" "$(cat said)" "8 exported to eml"
is "a directory of messages" "$(hashes eml)" "$want"
for form in tar tar.gz tar.zst zip; do
	mm-archive export Box "case.$form" --all >/dev/null
	rm -rf x && mkdir x
	bsdtar -C x -xf "case.$form"
	is "$form" "$(hashes x)" "$want"
done
mkdir y && mm-archive export Box --to tar - --all | tar -C y -xf -
is "to standard output" "$(hashes y)" "$want"
mm-archive export Box all.mbox --all >/dev/null
is "an mbox, as python reads it" \
	"$(python3 -c 'import mailbox; print(len(mailbox.mbox("all.mbox")))')" 8
like "has sender and time" "$(head -n 1 all.mbox)" '^From a@b.example Thu Feb  1 10:00:00 2024$'
for form in out eml case.tar case.zip all.mbox; do
	box Again
	is "import of $form" "$(mm-archive import Again $form)" \
		"8 imported  0 duplicates  0 bad  0 passed over"
	is "gives the same ids: time and octets" "$(mm-search -a Again --ids | sort)" "$(cat ids)"
done

# --- what is chosen
is "since and until" "$(mm-archive export Box --since 2024-03-01 --until 2024-03-04T10:00:00Z some.zip)" \
	"1 exported to some.zip"
is "ids as operands" "$(mm-archive export Box one.tar "$(head -n 1 ids)" "$(tail -n 1 ids)")" \
	"2 exported to one.tar"
exit_is "an unknown id" 66 mm-archive export Box two.tar "$(head -n 1 ids)" nobody
is "does not keep the others" "$(tar -tf two.tar | wc -l)" 1
exit_is "ids and a time are too much" 64 mm-archive export Box two.tar --all nobody
exit_is "no form" 64 mm-archive export Box two.doc --all
exit_is "no path" 64 mm-archive export Box
mm-archive create Short --retention THREE_MONTHS >/dev/null
mm-archive import Short md >/dev/null
is "what has expired is not shown" \
	"$(mm-archive export Short short.tar --all --now 2024-06-02T10:00:00Z)" "3 exported to short.tar"

# --- whole or not at all
exit_is "a directory that is there stays" 73 mm-archive export Box --to eml eml --all
is "as it is" "$(hashes eml)" "$want"
exit_is "a place that is not" 73 mm-archive export Box --all none/x.zip
exit_is "no room" 75 sh -c 'ulimit -f 1; trap "" XFSZ; mm-archive export Box --all case.tar'
is "the earlier file stays" "$(tar -tf case.tar | wc -l)" 8
is "nothing half done is left" "$(find . -name '*.part')" ""
exit_is "a directory to standard output" 73 mm-archive export Box --to eml --all -
done_testing
