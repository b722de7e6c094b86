#!/bin/bash
# mm-archive seal: months that are over are closed, the chain tells what becomes of them,
# signed heads prove it years later, and verify finds what was altered.
. "$(dirname "$0")/../lib/tap.sh"
need python3 zstd openssl sqlite3

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=warn
cd "$T" || exit 1
D=root/Box
corpus() { # COUNT SEED DAY
	python3 "$top/tests/tools/archive_corpus.py" "$@"
}
add() { # COUNT SEED DAY
	corpus "$@" | mm-archive add Box >/dev/null
}
told() { # without what changes from run to run
	sed -E "s,$T/,,g; s/ +[0-9]+ frames / /; s/^level=//; s/ prog=mm-archive msg=/: /; s/: \"(.*)\"$/: \1/"
}
verify() { # OPTION...
	mm-archive verify "$@" Box 2>&1 | told
}
events() {
	sed -E 's/^\{"N":([0-9]+),.*"Event":"([a-z]+)"(,"File":"([^"]*)")?(,"Into":"([^"]*)")?.*/\1 \2 \4 \6/; s/ *$//' \
		"$D/chain.jsonl"
}
by_the_manual() { # ARGUMENT...: the checker that knows the manual alone
	if [ "$nacl" ]; then
		"$nacl" "$top/tests/tools/archive_chain.py" "$D" "$@" 2>&1
	elif [ $# -eq 0 ]; then
		python3 "$top/tests/tools/archive_chain.py" "$D" 2>&1
	fi
}
nacl=
for python in python3 /usr/bin/python3; do
	"$python" -c 'import nacl' 2>/dev/null && nacl=$python
done
openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null
openssl pkey -in key.pem -pubout -out public.pem
chmod 600 key.pem

mm-archive create Box --retention PERMANENT >/dev/null
add 5 a 2024-03-22
add 5 b 2024-03-23
add 5 c 2024-04-01

# --- what is over is closed
is "without a chain verify says nothing of one" "$(verify)" "2024-04  5 messages  0 problems
2024-03  10 messages  0 problems"
is "-n says what would be closed" "$(mm-archive seal -n | told)" \
	"root/Box/2024-03/22-n-0001.tar.zst
root/Box/2024-03/23-n-0001.tar.zst
root/Box/2024-03/index.db
root/Box/2024-04/01-n-0001.tar.zst
root/Box/2024-04/index.db"
is "and does nothing" "$(ls "$D")" "2024-03
2024-04"
is "not before it is over" "$(mm-archive seal -n --now 2024-03-31T23:59:59Z Box)" ""
exit_is "nor then" 0 mm-archive seal --now 2024-03-31T23:59:59Z Box
is "and there is no chain" "$(ls "$D")" "2024-03
2024-04"
is "it is silent" "$(mm-archive seal --now 2024-04-02 Box 2>&1)" ""
is "the chain" "$(events)" "1 seal 2024-03/22-n-0001.tar.zst
2 seal 2024-03/23-n-0001.tar.zst
3 index 2024-03/index.db"
is "verify" "$(verify)" "2024-04  5 messages  0 problems
2024-03  10 messages  0 problems
chain  3 lines  3 files  0 heads  0 problems"
is "the files are read-only" "$(stat -c %a "$D"/2024-03/{2*,index.db} "$D"/2024-04/{0*,index.db} | tr '\n' ' ')" \
	"440 440 440 640 640 "
exit_is "all" 0 mm-archive seal
is "the rest follows" "$(events | tail -n +4)" "4 seal 2024-04/01-n-0001.tar.zst
5 index 2024-04/index.db"
exit_is "once more" 0 mm-archive seal Box
is "changes nothing" "$(events | wc -l)" 5
is "-n has nothing to do" "$(mm-archive seal -n)" ""
is "as the manual says" "$(by_the_manual)" ""

# --- signed
exit_is "--print of what was never signed" 66 mm-archive seal --print Box
is "says so" "$(told <.err)" \
	"error: archive Box has nothing that was signed; mm-archive seal --key does it"
chmod 640 key.pem
exit_is "a key that others can read" 66 mm-archive seal --key key.pem Box
is "is refused" "$(told <.err)" \
	"error: key.pem: others have access to this key; expected mode 0600"
chmod 600 key.pem
openssl genpkey -algorithm rsa -out rsa.pem 2>/dev/null
chmod 600 rsa.pem
exit_is "another kind of key" 66 mm-archive seal --key rsa.pem Box
is "is refused too" "$(told <.err)" \
	"error: rsa.pem: expected an Ed25519 key, as openssl genpkey -algorithm ed25519 makes it"
exit_is "--key" 0 mm-archive seal --key key.pem Box
is "signs" "$(events | tail -n +6)" "6 head"
exit_is "once more" 0 mm-archive seal --key key.pem Box
is "there is nothing to sign" "$(events | wc -l)" 6
kept=$(mm-archive seal --print)
like "--print" "$kept" \
	'^mm-archive Box 20[0-9TZ:.-]+ 5 [0-9a-f]{64} [0-9a-f]{32} [A-Za-z0-9+/]{86}==$'
is "verify says what it did not check" "$(verify)" \
	"warn: root/Box/chain.jsonl: 1 heads were not checked: --public-key
2024-04  5 messages  0 problems
2024-03  10 messages  0 problems
chain  6 lines  5 files  1 heads  0 problems"
is "with the public key" "$(verify --public-key public.pem --head "$kept")" \
	"2024-04  5 messages  0 problems
2024-03  10 messages  0 problems
chain  6 lines  5 files  1 heads  0 problems"
is "as the manual says" "$(by_the_manual --public-key public.pem --head "$kept")" ""
text=$(printf %s "$kept" | cut -d' ' -f1-5)
printf %s "$text" >text
printf %s "$kept" | cut -d' ' -f7 | base64 -d >signature
exit_is "and by openssl alone" 0 openssl pkeyutl -verify -pubin -inkey public.pem -rawin \
	-in text -sigfile signature
is "the key's id" "$(openssl pkey -pubin -in public.pem -outform DER | sha256sum | cut -c 1-32)" \
	"$(printf %s "$kept" | cut -d' ' -f6)"

# --- the archive's own key
mkdir -p site/secrets
cp -p key.pem site/secrets/Box.pem
printf '{"ArchiveName": "Box", "Retention": {"RetentionPeriod": "PERMANENT"},
"Seal": {"KeyFile": "Box.pem"}}\n' >site/archives/Box.json
is "is used by verify" "$(verify | tail -n 1)" "chain  6 lines  5 files  1 heads  0 problems"
add 5 d 2024-03-22
is "late mail begins another file" "$(cd "$D/2024-03" && echo 22*)" \
	"22-n-0001.tar.zst 22-n-0002.tar.zst"
is "which verify tells" "$(verify)" \
	"warn: root/Box/2024-03/index.db was written since it was sealed; mm-archive seal does it anew
warn: root/Box/2024-03/22-n-0002.tar.zst is not sealed, others of that month are; mm-archive seal does it
2024-04  5 messages  0 problems
2024-03  15 messages  0 problems
chain  6 lines  5 files  1 heads  0 problems"
exit_is "and by seal" 0 mm-archive seal
is "which closes and signs it" "$(events | tail -n +7)" "7 seal 2024-03/22-n-0002.tar.zst
8 index 2024-03/index.db
9 head"
is "verify" "$(verify --head "$kept" | tail -n 1)" "chain  9 lines  6 files  2 heads  0 problems"
exit_is "compact" 0 mm-archive compact
is "is told to the chain" "$(events | tail -n +10)" \
	"$(
		cat <<-'E'
			10 recut 2024-04/01-n-0001.tar.zst 2024-04/01-n-0001.dense1.tar.zst
			11 recut 2024-03/22-n-0001.tar.zst 2024-03/22-n-0001.dense1.tar.zst
			12 recut 2024-03/22-n-0002.tar.zst 2024-03/22-n-0002.dense1.tar.zst
			13 recut 2024-03/23-n-0001.tar.zst 2024-03/23-n-0001.dense1.tar.zst
		E
	)"
is "lines that are not signed" "$(mm-archive seal --print 2>&1 >/dev/null | told)" \
	"warn: archive Box: 4 lines of its chain came later and are not signed; mm-archive seal --key does it"
exit_is "sealed again" 0 mm-archive seal
is "closes the indexes" "$(events | tail -n +14)" "14 index 2024-03/index.db
15 index 2024-04/index.db
16 head"
is "verify" "$(verify --head "$kept")" "2024-04  5 messages  0 problems
2024-03  15 messages  0 problems
chain  16 lines  6 files  3 heads  0 problems"
is "as the manual says" "$(by_the_manual --public-key public.pem --head "$kept")" ""
sed -i s/PERMANENT/THREE_MONTHS/ site/archives/Box.json
exit_is "a day expires" 0 mm-archive prune --now 2024-06-23
is "and is told" "$(events | tail -n +17)" "17 prune 2024-03/22-n-0001.dense1.tar.zst
18 prune 2024-03/22-n-0002.dense1.tar.zst"
exit_is "sealed again" 0 mm-archive seal
is "verify" "$(verify --head "$kept")" "2024-04  5 messages  0 problems
2024-03  5 messages  0 problems
chain  20 lines  4 files  4 heads  0 problems"
exit_is "a month expires" 0 mm-archive prune --now 2024-07-01T00:00:00Z
is "verify" "$(verify --head "$kept" --public-key public.pem)" \
	"warn: root/Box/chain.jsonl: the lines from 21 on are not signed by the key $(cut -d' ' -f6 <<<"$kept")
2024-04  5 messages  0 problems
chain  21 lines  2 files  4 heads  0 problems"
is "as the manual says" "$(by_the_manual --public-key public.pem --head "$kept")" ""
is "mail of that month, again" "$(add 5 e 2024-03-22 && verify | grep -v messages)" \
	"warn: root/Box/chain.jsonl: the lines from 21 on are not signed by the key $(cut -d' ' -f6 <<<"$kept")
chain  21 lines  2 files  4 heads  0 problems"
exit_is "is sealed" 0 mm-archive seal
is "as any other" "$(verify | tail -n 1)" "chain  24 lines  4 files  5 heads  0 problems"
is "as the manual says" "$(by_the_manual --public-key public.pem)" ""

# --- somebody appends
mkfifo fifo
mm-archive add Box <fifo >added &
writer=$!
exec 3>fifo
printf 'mail 1 1\nid: first\nreceived: 2024-04-09T10:00:00Z\n\nx' >&3
wait_for "an answer" grep -qs '^archived' added
exit_is "a file that is appended to" 75 mm-archive seal Box
is "waits" "$(told <.err)" \
	"warn: root/Box/2024-04/09-n-0001.tar.zst is being written to; it is sealed another time"
exec 3>&-
wait $writer
mm-archive add Box <fifo >added &
writer=$!
exec 3>fifo
printf 'mail 1 1\nid: second\nreceived: 2024-05-09T10:00:00Z\n\nx' >&3
wait_for "an answer" grep -qs second added
exit_is "one whose index somebody has open" 75 mm-archive seal Box
is "the other month is sealed" "$(events | tail -n 3)" "25 seal 2024-04/09-n-0001.tar.zst
26 index 2024-04/index.db
27 head"
printf 'mail 1 1\nid: third\nreceived: 2024-04-10T10:00:00Z\n\nx' >&3
wait_for "an answer" grep -qs third added
exec 3>&-
wait $writer
is "and opened again by who had it open" "$(verify | grep warn:)" \
	"warn: root/Box/2024-04/index.db was written since it was sealed; mm-archive seal does it anew
warn: root/Box/2024-04/10-n-0001.tar.zst is not sealed, others of that month are; mm-archive seal does it"
for i in 1 2 3 4; do
	mm-archive seal Box &
	seals[i]=$!
done
for i in 1 2 3 4; do
	wait "${seals[i]}" || echo "$i: $?"
done >ends 2>&1
is "four at once end well" "$(cat ends)" ""
is "and do it once" "$(events | tail -n +28 | grep -v head)" "28 seal 2024-04/10-n-0001.tar.zst
29 index 2024-04/index.db
30 seal 2024-05/09-n-0001.tar.zst
31 index 2024-05/index.db"
is "verify" "$(verify | grep -v messages | sed 's/[0-9]* heads/N heads/; s/[0-9]* lines/N lines/')" \
	"chain  N lines  8 files  N heads  0 problems"

# --- what verify finds
kept=$(mm-archive seal --print Box 2>/dev/null)
cp -a root good
damaged() { # NAME EXPECTED: what is told on the standard error
	exit_is "$1: found" 65 mm-archive verify --public-key public.pem --head "$kept" Box
	is "$1: told" "$(told <.err | grep ^error)" "$2"
	rm -rf root && cp -a good root
}
F=2024-05/09-n-0001.tar.zst
rm $D/$F
damaged "a file that is gone" "error: cannot open root/Box/$F: No such file or directory
error: root/Box/2024-05: some messages of the index are in no frame
error: root/Box/$F: there is no such file, which is closed by line 30 of the chain"
chmod u+w $D/$F && printf x >>$D/$F
damaged "octets that were added" \
	"error: root/Box/$F has octets that the index does not know, or gaps; mm-archive reindex adds whole frames
error: root/Box/$F: frame at byte $(stat -c %s good/Box/$F): it does not unpack to a tar
error: root/Box/$F: it cannot be read as what is closed by line 30 of the chain"
sqlite3 -readonly $D/2024-05/index.db .dump >dump
rm $D/2024-05/index.db* && sed s/second/sxcond/ dump | sqlite3 $D/2024-05/index.db
sqlite3 $D/2024-05/index.db 'PRAGMA user_version = 2; PRAGMA journal_mode = WAL' >/dev/null
chmod a-w $D/2024-05/index.db
damaged "an index that was altered" \
	"error: root/Box/$F: frame at byte 0: a message in it is not in the index
error: root/Box/2024-05: some messages of the index are in no frame
error: root/Box/2024-05/index.db: its octets are not those of line 31 of the chain"
head -n -1 good/Box/chain.jsonl >$D/chain.jsonl
n=$(cut -d' ' -f4 <<<"$kept")
is "a head that was cut off, what it signed is there" \
	"$(mm-archive verify --head "$kept" Box >/dev/null 2>&1 && echo good)" good
head -n $((n - 1)) good/Box/chain.jsonl >$D/chain.jsonl
damaged "lines that were cut off" \
	"error: --head: the chain was signed up to line $n, and now ends at line $((n - 1))"
rm $D/chain.jsonl
damaged "a chain that is gone" "error: root/Box/chain.jsonl: no head is by the key $(cut -d' ' -f6 <<<"$kept")
error: --head: the chain was signed up to line $n, and now ends at line 0"
rm $D/chain.jsonl && chmod -R u+w $D && mm-archive seal --key key.pem Box 2>/dev/null
like "a chain made anew" "$(mm-archive verify --head "$kept" Box 2>&1 | told | grep ^error)" \
	"^error: --head: (line $n of the chain is another than that which was signed|the chain was signed up to line $n, and now ends at line [0-9]+)$"
rm -rf root && cp -a good root
printf '{"N":99' >>$D/chain.jsonl
is "a line that was not finished is no damage" "$(verify | grep -v messages | sed -n 1p)" \
	"warn: root/Box/chain.jsonl:$((n + 2)): 7 octets of a line that was never finished; who writes the next cuts them off"
rm -rf root && cp -a good root
sed -i '5s/"Event":"[a-z]*"/"Event":"prune"/' $D/chain.jsonl
damaged "a line that was altered" "error: root/Box/chain.jsonl:5: its Hash is another
error: root/Box/chain.jsonl: no head is by the key $(cut -d' ' -f6 <<<"$kept")
error: --head: the chain was signed up to line $n, and now ends at line 4"

gone=2024-04/01-n-0001.tar.zst
not_ok "a name that is free again" test -e "$D/$gone"
size=$(sed -n 's,.*"File":"'$gone'".*"Size":\([0-9]*\).*,\1,p' $D/chain.jsonl | head -1)
head -c "$size" /dev/zero >$D/$gone
damaged "another file under a name that is gone" \
	"error: root/Box/$gone has octets that the index does not know, or gaps; mm-archive reindex adds whole frames"

# lines that say of messages that they are elsewhere, by who knows how to write them
cat >forge.py <<'E'
import hashlib, io, json, os, subprocess, sys, tarfile
def sha(octets):
    return hashlib.sha256(octets).hexdigest()
def entries(tar):
    return [(e.name, tar.extractfile(e).read()) for e in tar]
def hash_of(name, octets):
    return sha(name.encode() + b"\n" + octets)
def append(members):
    last = json.loads(open("chain.jsonl").read().splitlines()[-1])
    line = {"N": last["N"] + 1, "Time": last["Time"], **members, "Previous": last["Hash"]}
    text = json.dumps(line, separators=(",", ":"))[:-1]
    open("chain.jsonl", "a").write(text + ',"Hash":"' + sha(text.encode()) + '"}\n')
def recut(name, old):
    append({"Event": "recut", "File": name, "Removed": [
        {"At": i, "Entry": hash_of(*e), "Message": e[0].endswith(".eml")}
        for i, e in enumerate(old)]})
def seal(name, new):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for n, octets in new:
            e = tarfile.TarInfo(n)
            e.size = len(octets)
            tar.addfile(e, io.BytesIO(octets))
    raw = raw.getvalue()[:sum(512 + (len(o) + 511) // 512 * 512 for n, o in new)]
    packed = subprocess.run(["zstd", "-qc", f"--stream-size={len(raw)}"], input=raw,
                            stdout=subprocess.PIPE).stdout
    open(name, "wb").write(packed)
    os.chmod(name, 0o440)
    append({"Event": "seal", "File": name, "Messages": sum(n.endswith(".eml") for n, o in new),
            "Entries": len(new), "Size": len(packed), "Sha256": sha(packed),
            "Content": sha("".join(hash_of(*e) + "\n" for e in new).encode())})
what, name, into = sys.argv[1], sys.argv[2], sys.argv[2].replace("-0001", "-0009")
old = entries(tarfile.open(sys.argv[3]))
new = [(n, o.replace(b"2024", b"2023") if what != "same" and n.endswith(".envelope") else o)
       for n, o in old]
if what == "first":
    seal(into, new)
recut(name, old)
if what in ("last", "same"):
    seal(into, new)
E
zstd -dcq $D/$F >F.tar
forge() { # none|last|first|same
	rm -f $D/$F
	(cd $D && python3 "$T/forge.py" "$1" $F "$T/F.tar")
}
reindexed() {
	rm $D/2024-05/index.db*
	mm-archive reindex Box >/dev/null 2>&1
}
forge none
damaged "a message that is said to be elsewhere" \
	"error: cannot open root/Box/$F: No such file or directory
error: root/Box/2024-05: some messages of the index are in no frame
error: root/Box/chain.jsonl:$((n + 2)): a message that is left out here is nowhere in 2024-05"
for i in last first; do
	forge $i
	reindexed
	at=$(grep -n '"Event":"recut","File":"'$F'"' $D/chain.jsonl | cut -d: -f1)
	damaged "an envelope that was altered, sealed $i" \
		"error: root/Box/chain.jsonl:$at: a message that is left out here is in 2024-05 with another envelope, closed later"
done
forge last
reindexed
exit_is "sealed once more" 0 mm-archive seal Box
exit_is "it is found by what was kept before" 65 mm-archive verify --head "$kept" Box
exit_is "and by what was kept since it is as good as closed" 0 \
	mm-archive verify --head "$(mm-archive seal --print Box)" Box
rm -rf root && cp -a good root
forge same
reindexed
exit_is "the same octets elsewhere are good" 0 mm-archive verify --head "$kept" Box
rm -rf root && cp -a good root

# without options, of an archive whose document says that it is sealed
rm $D/chain.jsonl
exit_is "a chain that is gone, without options" 65 mm-archive verify Box
is "is told" "$(told <.err)" \
	"error: root/Box/chain.jsonl: there is none, and the archive's document says Seal; mm-archive seal makes it, if it never did"
grep -v '"Event":"head"' good/Box/chain.jsonl | head -3 >$D/chain.jsonl
exit_is "nothing is signed" 65 mm-archive verify Box
is "is told" "$(told <.err | grep -c "^error: root/Box/chain.jsonl: no head is by the key")" 1
rm -rf root && cp -a good root
exit_is "no such archive" 66 mm-archive seal Nobody
exit_is "no such directory" 66 mm-archive seal ./nowhere

# --- another key, and a line that is none
openssl genpkey -algorithm ed25519 -out other.pem 2>/dev/null
openssl pkey -in other.pem -pubout -out other-public.pem
id=$(openssl pkey -pubin -in other-public.pem -outform DER | sha256sum | cut -c 1-32)
exit_is "another key" 65 mm-archive verify --public-key other-public.pem --head "$kept" Box
is "is told" "$(told <.err | grep ^error)" "error: root/Box/chain.jsonl: no head is by the key $id
error: --head: it was signed by the key $(cut -d' ' -f6 <<<"$kept"), not by $id"
exit_is "a line that is none" 65 mm-archive verify --head "${kept% *}" Box
is "is told" "$(told <.err)" "error: --head: expected mm-archive ARCHIVE TIME N HASH KEY SIGNATURE"
exit_is "another's signature" 65 mm-archive verify --head "${kept% *} $(head -c 64 /dev/zero | base64 -w 0)" Box
is "is told" "$(told <.err)" \
	"error: --head: the signature is not that of the key $(cut -d' ' -f6 <<<"$kept")"
# --- who appends lets go when nothing comes
mkdir idle
mm-archive add --idle 20ms ./idle <fifo >added &
writer=$!
exec 3>fifo
printf 'mail 1 1\nid: first\nreceived: 2024-04-09T10:00:00Z\n\nx' >&3
wait_for "an answer" grep -qs first added
wait_for "a month that is sealed although somebody may append" mm-archive seal ./idle
printf 'mail 1 1\nid: second\nreceived: 2024-04-09T11:00:00Z\n\nx' >&3
wait_for "an answer" grep -qs second added
is "what comes later begins the next file" "$(cd idle/2024-04 && echo *.zst)" \
	"09-n-0001.tar.zst 09-n-0002.tar.zst"
exec 3>&-
wait $writer
exit_is "an idle time of nothing" 75 mm-archive add --idle 0 ./idle
done_testing
