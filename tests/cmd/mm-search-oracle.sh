#!/bin/bash
# mm-search finds what brute force in another language finds.
corpus=${MM_CORPUS-}
. "$(dirname "$0")/../lib/tap.sh"
need python3

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root
mm-archive create Box --retention PERMANENT >/dev/null
python3 "$top/tests/tools/archive_corpus.py" 400 o >"$T/in"
mm-archive add Box <"$T/in" >/dev/null
python3 "$top/tests/tools/archive_queries.py" "${MM_QUERIES:-200}" "${MM_SEED:-7}" >"$T/queries"
python3 "$top/tests/tools/archive_oracle.py" "$T/in" "$T/queries" >"$T/expected"
while IFS= read -r query; do
	printf '%s\t%s\n' "$query" "$(mm-search -a Box --ids -- "$query" | sort | paste -sd' ')"
done <"$T/queries" >"$T/got" 2>"$T/err"
is "no query is refused" "$(cat "$T/err")" ""
is "the same ids" "$(cat "$T/got")" "$(cat "$T/expected")"
ok "and many of them" test "$(awk -F'\t' '$2 != ""' "$T/got" | wc -l)" -gt "$(($(wc -l <"$T/got") / 2))"
while IFS= read -r query; do
	mm-search -a Box --count -- "$query"
done <"$T/queries" >"$T/counts"
is "the same counts" "$(cat "$T/counts")" "$(awk -F'\t' '{print split($2, a, " ")}' "$T/expected")"

# MM_CORPUS: a folder of real messages, *.txt or *.eml
compare() { # STREAM NAME
	python3 "$top/tests/tools/archive_oracle.py" "$1" --sample 80 7 >"$T/expected"
	cut -f1 "$T/expected" >"$T/queries"
	while IFS= read -r query; do
		printf '%s\t%s\n' "$query" "$(mm-search -a Box --ids -- "$query" | sort | paste -sd' ')"
	done <"$T/queries" >"$T/got"
	check_same "$2" "cat $T/got" "cat $T/expected"
}
compare "$T/in" "queries of what the messages say"
if [ -d "$corpus" ]; then
	python3 "$top/tests/tools/corpus_stream.py" "$corpus" 12 >"$T/real"
	rm -r "$T/root/Box"
	mkdir "$T/root/Box"
	mm-archive add Box <"$T/real" >/dev/null
	compare "$T/real" "queries of what real messages say"
else
	skip "queries of what real messages say" "MM_CORPUS names no folder of messages"
fi
done_testing
