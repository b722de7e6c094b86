#!/bin/bash
# One bit, anywhere in a sealed archive: mm-archive verify finds it.  What the chain says of
# keys and holds is what they are, as they change.
. "$(dirname "$0")/../lib/tap.sh"
need python3 openssl zstd

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=warn
cd "$T" || exit 1
fill() { # ARCHIVE
	for day in 2024-03-22 2024-04-01; do
		python3 "$top/tests/tools/archive_corpus.py" 3 $day $day | mm-archive add "$1" >/dev/null
	done
	mm-archive hold add "$1" case-1 --reason x --query 'a OR NOT a' >/dev/null
	mm-archive hold add "$1" case-2 --reason y --query b >/dev/null
	mm-archive hold remove "$1" case-2 --reason z >/dev/null
}
events() { # ARCHIVE: of documents
	sed -nE 's/^\{"N":([0-9]+),.*"Event":"document","File":"([^"]*)"(,"Size":[0-9]*,"Sha256")?.*/\1 \2\3/p' \
		"root/$1/chain.jsonl" | sed -E 's/,"Size.*/ is/; /is$/!s/$/ gone/'
}
verify() { # ARCHIVE: what is wrong
	mm-archive verify "$1" 2>&1 >/dev/null | sed -E "s,$T/,,; s/^level=//; s/ prog=.* msg=/: /; s/: \"(.*)\"$/: \1/"
}
openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null
chmod 600 key.pem

mm-archive create Plain --retention PERMANENT >/dev/null
mm-archive create Box --retention PERMANENT --encrypt >/dev/null 2>&1
fill Plain
fill Box
is "-n" "$(mm-archive seal -n Box | sed "s,$T/,,")" "root/Box/2024-03/22-n-0001.tar.zst.enc
root/Box/2024-03/index.db
root/Box/2024-04/01-n-0001.tar.zst.enc
root/Box/2024-04/index.db
root/Box/holds/case-1.json
root/Box/holds/log.jsonl
root/Box/keys.json"
exit_is "seal" 0 mm-archive seal --key key.pem
is "the documents are told" "$(events Box)" "5 holds/case-1.json is
6 holds/log.jsonl is
7 keys.json is"
is "verify" "$(verify Plain; verify Box)" \
	"warn: root/Plain/chain.jsonl: 1 heads were not checked: --public-key
warn: root/Box/chain.jsonl: 1 heads were not checked: --public-key"
for a in Plain Box; do
	python3 "$top/tests/tools/archive_flips.py" root/$a 150 mm-archive verify $a >flips
	is "$a: every bit is found" "$(grep -v found flips)" ""
	diag "$a: $(tail -n 1 flips)"
	like "$a: many were" "$(tail -n 1 flips)" '^1[0-9]{2} found in .*chain.jsonl.*2024-03/index.db.*holds/log.jsonl'
done

for a in Plain Box; do
	is "$a: right by the manual alone" \
		"$(python3 "$top/tests/tools/archive_chain.py" root/$a 2>&1)" ""
done

# --- keys and holds as they change
exit_is "rekey" 0 mm-archive rekey Box --new-data-key
exit_is "a hold" 0 mm-archive hold add Box case-3 --reason x --query c
exit_is "a hold goes" 0 mm-archive hold remove Box case-1 --reason x
is "are told" "$(events Box | tail -n +4)" "9 keys.json is
10 holds/case-3.json is
11 holds/case-1.json gone"
is "and right" "$(verify Box | grep -v heads)" ""
exit_is "sealed again" 0 mm-archive seal Box
is "the log of holds follows" "$(events Box | tail -n +7)" "12 holds/log.jsonl is"
cp -a root good
sed -i 's/"c"/"d"/' root/Box/holds/case-3.json
exit_is "a hold that was altered" 65 mm-archive verify Box
is "is told" "$(verify Box | grep -v heads)" \
	"error: root/Box/holds/case-3.json: its octets are not those of line 10 of the chain"
exit_is "and not sealed" 75 mm-archive seal Box
is "which says why" "$(verify Box | grep -v heads)" \
	"error: root/Box/holds/case-3.json: its octets are not those of line 10 of the chain"
rm -rf root && cp -a good root
rm root/Box/holds/case-3.json
is "a hold that is gone" "$(verify Box | grep -v heads)" \
	"error: cannot read root/Box/holds/case-3.json: No such file or directory
error: root/Box/holds/case-3.json: it cannot be read as line 10 of the chain"
rm -rf root && cp -a good root
cp root/Box/holds/case-3.json root/Box/holds/case-9.json
is "one that the chain does not know" "$(verify Box | grep -v heads)" \
	"warn: root/Box/holds/case-9.json is not sealed; mm-archive seal does it"
rm -rf root && cp -a good root
sed -i '1s/add/ADD/' root/Box/holds/log.jsonl
is "a line of the log that was altered" "$(verify Box | grep -v heads)" \
	"error: root/Box/holds/log.jsonl: its octets are not those of line 12 of the chain"
rm -rf root && cp -a good root
exit_is "what verify has looked at is as it was" 0 mm-archive verify Box

# --- a change that a crash kept from being made: the line is there, the document is not
cp root/Box/keys.json keys.old
mm-archive rekey Box --new-data-key
cp keys.old root/Box/keys.json
is "after a crash" "$(verify Box | grep -v heads)" \
	"warn: root/Box/keys.json: it is not yet what line 13 of the chain says, as after a crash"
exit_is "seal" 0 mm-archive seal Box
is "tells what it is" "$(verify Box | grep -v heads)" ""

# --- what is forgotten
rm -rf root && cp -a good root
mm-search -a Box --ids | head -n 2 | mm-archive forget Box --reason r >/dev/null 2>&1
mm-search -a Box --ids | head -n 1 | mm-archive hold add Box case-4 --reason x --ids >/dev/null
is "forget: nothing is wrong" "$(verify Box | grep -v 'heads\|index.db was\|not signed')" \
	"warn: root/Box/forgotten.jsonl is not sealed; mm-archive seal does it"
exit_is "sealed" 0 mm-archive seal Box --key key.pem
is "forget: verify" "$(verify Box | grep -v heads)" ""
is "forget: by the manual alone" "$(python3 "$top/tests/tools/archive_chain.py" root/Box 2>&1)" ""
like "its log is told" "$(events Box)" "forgotten.jsonl is"
sed -i '1s/r/R/' root/Box/forgotten.jsonl
exit_is "a line of its log that was altered" 65 mm-archive verify Box
rm -rf root && cp -a good root

# --- months that are open: encrypted, every octet of the index is looked at
mm-archive create Open --retention PERMANENT --encrypt >/dev/null 2>&1
python3 "$top/tests/tools/archive_corpus.py" 3 z 2024-03-22 | mm-archive add Open >/dev/null
python3 "$top/tests/tools/archive_flips.py" root/Open/2024-03 40 mm-archive verify Open >flips
is "an encrypted month that is open" "$(cat flips)" "40 found in 22-n-0001.tar.zst.enc index.db"

# --- indexes without a WAL
mm-archive create Shared --retention PERMANENT --shared >/dev/null
python3 "$top/tests/tools/archive_corpus.py" 3 z 2024-03-22 | mm-archive add Shared >/dev/null
exit_is "a shared archive is sealed" 0 mm-archive seal Shared
python3 "$top/tests/tools/archive_corpus.py" 3 y 2024-03-22 | mm-archive add Shared >/dev/null
exit_is "with late mail" 0 mm-archive seal Shared
is "and right" "$(verify Shared)" ""
is "closed" "$(stat -c %a root/Shared/2024-03/{2*,index.db} | tr '\n' ' ')" "440 440 440 "
done_testing
