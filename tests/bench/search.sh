#!/bin/bash
# mm-archive add and mm-search beside notmuch, mu and mairix, those that are there, on
# the same messages: MM_CORPUS, a folder of *.txt or *.eml, else made-up ones.  Ingest
# is from nothing to durable and searchable; `size` is of index and messages (theirs:
# the messages as files) as a part of the messages' octets; latency the median of whole
# runs of words that the messages have.
corpus=${MM_CORPUS-}
. "$(dirname "$0")/../lib/bench.sh"
first_width=26 cell_width=14

rounds=${ROUNDS:-3}
export MM_NODE=bench
if [ ! -d "$corpus" ]; then
	corpus=$T/corpus
	mkdir "$corpus"
	python3 "$top/tests/tools/archive_corpus.py" "${MESSAGES:-5000}" bench 2024-05-01 >"$T/made"
	mm-archive add "$(mkdir -p "$T/spare" && echo "$T/spare")" <"$T/made" >/dev/null || exit 1
	cat "$T"/spare/*/*.tar.zst | zstd -dc | tar -xf - -C "$T/corpus" --wildcards '*.eml' || exit 1
	rm -r "$T/spare" "$T/made"
fi

python3 "$top/tests/tools/corpus_stream.py" "$corpus" 1 1000000 "$T/mail" >"$T/stream" || exit 1
messages=$(find "$T/mail/cur" -type f | wc -l)
raw=$(find "$T/mail/cur" -type f -printf '%s\n' | awk '{ n += $1 } END { print n + 0 }')
[ "$messages" -gt 0 ] || skip_bench "there are no messages in $corpus"

printf '[database]\npath=%s\n[user]\nname=x\nprimary_email=x@x.example\n[new]\ntags=\n[search]\nexclude_tags=\n' \
	"$T/mail" >"$T/notmuch.conf"
printf 'base=%s\nmaildir=mail\nmformat=maildir\ndatabase=%s\nmfolder=found\n' "$T" "$T/mairix.db" >"$T/mairix.conf"
export NOTMUCH_CONFIG=$T/notmuch.conf

fresh() {
	rm -rf "$T/mail/.notmuch" "$T/mu" "$T/mairix.db" "$T/archive"
	mkdir "$T/archive"
}
ingest_mm() { mm-archive add "$T/archive" <"$T/stream"; }
ingest_notmuch() { notmuch new; }
ingest_mu() { mu init --muhome="$T/mu" --maildir="$T/mail" && mu index --muhome="$T/mu" && sync -f "$T/mu"; }
ingest_mairix() { mairix -f "$T/mairix.conf" && sync -f "$T/mairix.db"; }
size_of() { # PATH...
	local n
	n=$(find "$@" -type f -printf '%s\n' 2>/dev/null | awk '{ n += $1 } END { print n + 0 }')
	awk -v n="$n" -v raw="$raw" 'BEGIN { printf "%.0f%%", 100 * n / raw }'
}

programs=(mm)
for p in notmuch mu mairix; do
	command -v "$p" >/dev/null && programs+=("$p")
done
declare -A rates sizes
for ((i = 0; i < rounds; i++)); do
	fresh
	for p in "${programs[@]}"; do
		start=$(now)
		"ingest_$p" >"$T/$p.log" 2>&1 || {
			tail -n 3 "$T/$p.log"
			exit 1
		}
		rates[$p]+=" $(awk -v n="$messages" -v a="$start" -v b="$(now)" 'BEGIN { printf "%.0f\n", n / (b - a) }')"
	done
done
sizes[mm]=$(size_of "$T/archive")
sizes[notmuch]=$(size_of "$T/mail")
sizes[mu]=$(size_of "$T/mail/cur" "$T/mu")
sizes[mairix]=$(size_of "$T/mail/cur" "$T/mairix.db")

# words of messages all over the corpus: one, then two of the same message
python3 - "$T/mail/cur" >"$T/queries" <<'PYTHON'
import os, random, re, sys
r, out = random.Random(1), []
files = sorted(os.listdir(sys.argv[1]))
while len(out) < 50:
    words = re.findall(rb"\b[a-z]{4,12}\b", open(os.path.join(sys.argv[1], r.choice(files)), "rb").read())
    if len(words) > 5:
        out.append(b" ".join(r.sample(words, 1 + len(out) % 2)).decode())
print("\n".join(out))
PYTHON
python3 "$top/tests/tools/search_bench.py" 3 "$T/queries" "mm=mm-search -a $T/archive --ids" \
	"notmuch=notmuch search --output=messages" "mu=mu find --muhome=$T/mu -f i" \
	"mairix=mairix -f $T/mairix.conf -r" >"$T/latency" 2>/dev/null ||
	python3 "$top/tests/tools/search_bench.py" 3 "$T/queries" "mm=mm-search -a $T/archive --ids" >"$T/latency"

row "$messages messages, $((raw >> 20)) MiB" 'ingest/s' 'index+mail' 'query ms' found
for p in "${programs[@]}"; do
	# shellcheck disable=SC2086
	row "$p" "$(median ${rates[$p]})" "${sizes[$p]}" \
		"$(awk -v p="$p" '$1 == p { print $2 }' "$T/latency")" \
		"$(awk -v p="$p" '$1 == p { print $3 }' "$T/latency")"
done

# one month, alone and as the last of 120
mkdir "$T/one" "$T/many"
python3 "$top/tests/tools/corpus_stream.py" "$corpus" 120 12000 | mm-archive add "$T/many" >/dev/null || exit 1
cp -r "$T/many/2024-05" "$T/one/"
python3 "$top/tests/tools/search_bench.py" 3 "$T/queries" \
	"alone=mm-search -a $T/one --ids date:2024-05" \
	"of-120=mm-search -a $T/many --ids date:2024-05" \
	"all-120=mm-search -a $T/many --ids" >"$T/months"
echo
row 'months' 'query ms' found
while read -r name ms found; do
	row "$name" "$ms" "$found"
done <"$T/months"
peak=$(python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)' mm-search -a "$T/many" --json)
row 'all as JSON, peak MiB' "$peak"
