#!/bin/bash
# mm-rule -n: messages a second of one core with a rule set of 40 rules of 10 conditions
# each, all of which are looked at: the last one alone does not hold.  Side by side with
# the same rules in Sieve, by sieve-test: a process a message, which is most of what it
# takes; so the script has the rules 20 times, and what an empty one takes is taken off.
# MM_CORPUS, a folder of *.txt or *.eml: real messages too.  By CPU time, so that other
# work on the machine counts little.
corpus=${MM_CORPUS-}
. "$(dirname "$0")/../lib/bench.sh"

records=${RECORDS:-40000} rounds=${ROUNDS:-3}
command -v mm-rule >/dev/null || skip_bench 'mm-rule is not there'
python3 "$top/tests/tools/rules-bench.py" "$T" "$records" ${corpus:+"$corpus"} || exit 1

# cpu CMD...: CPU seconds of it, with the stream (or $input) as its input.
cpu() {
	local times
	TIMEFORMAT='%U %S'
	times=$({ time "$@" <"$T/${input:-stream}" >"${output:-$T/out}" 2>"$T/err"; } 2>&1) || {
		cat "$T/err" >&2
		exit 1
	}
	awk '{ print $1 + $2 }' <<<"$times"
}

sieve() { # SCRIPT: all the messages that there are as files
	local mail
	for mail in "$T"/mail/*.eml; do
		sieve-test "${as[@]}" -f orders1@warehouse.example -r bob1@example.org "$T/$1.sieve" "$mail" || return
	done
}

# Dovecot does not let root have mail.
as=()
if [ "$(id -u)" -eq 0 ]; then
	as=(-o mail_uid=nobody -o mail_gid=nogroup -o first_valid_uid=1)
	chmod 755 "$T"
fi

per_second() { # MESSAGES SECONDS
	awk -v n="$1" -v s="$2" 'BEGIN { printf "%.0f", n / (s > 0.001 ? s : 0.001) }'
}

for ((i = 0; i < rounds; i++)); do
	used=$(cpu mm-rule -C "$T/site" -n large) || exit 1
	planned+=("$(per_second "$records" "$used")")
	used=$(cpu cat) || exit 1
	copied+=("$(per_second "$records" "$used")")
	[ -s "$T/corpus" ] || continue
	used=$(input=corpus output=/dev/null cpu mm-rule -C "$T/site" -n large) || exit 1
	real+=("$(per_second "$records" "$used")")
done
mm-rule -C "$T/site" -n large <"$T/stream" >"$T/out"
row "$records messages" '/s of CPU' planned
row 'mm-rule -n, 40 rules x 10' "$(median "${planned[@]}")" "$(grep -ac '^plan: large 39/0 rest Drop' "$T/out")"
row 'cat' "$(median "${copied[@]}")" ''
[ ! -s "$T/corpus" ] || row 'mm-rule -n, real messages' "$(median "${real[@]}")" ''
if command -v sieve-test >/dev/null && command -v sievec >/dev/null; then
	sievec "$T/large.sieve" && sievec "$T/empty.sieve" || exit 1
	whole=$(cpu sieve large) && empty=$(cpu sieve empty) || exit 1
	files=$(find "$T/mail" -name '*.eml' | wc -l)
	row 'sieve-test, rules alone' \
		"$(per_second "$files" "$(awk -v a="$whole" -v b="$empty" 'BEGIN { print (a - b) / 20 }')")" ''
	row 'sieve-test, an empty script' "$(per_second "$files" "$empty")" ''
fi
