#!/bin/bash
# The library engines' second opinion: logged where it differs, and never in the way.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-verdict

printf '{"Hostname": "mx.example"}\n' >"$T/site.json"
{
	txt plain.example 'v=spf1 ip4:192.0.2.1 -all'
	txt parts.example 'v=spf1 exists:%{l7}.l.example -all' # libspf2 loses a letter here
	echo 'alice.l.example. IN A 127.0.0.2'
} >"$T/zone"
export MM_ZONE=$T/zone MM_SITE=$T

stream() { # DOMAIN...
	local d n=0
	for d; do
		printf 'mail 1 0\nid: %s-%d\nclient-ip: 192.0.2.1\nmail-from: <alice@%s>\nhelo: x\n\n' \
			"$d" $((n += 1)) "$d"
	done
}
logged() { sed -n 's/.*msg=disagreement/disagreement/p' "$1"; }

stream plain.example parts.example plain.example >"$T/stream"
mm-verdict --cross-check <"$T/stream" >"$T/out" 2>"$T/err"
is "it ends well" $? 0
is "the results are the native engine's" "$(fields spf <"$T/out" | sort -u)" \
	"spf: pass domain=parts.example
spf: pass domain=plain.example"
is "a difference is logged, agreement is not" "$(logged "$T/err")" \
	'disagreement what=spf native="pass domain=parts.example" library="fail domain=parts.example" id=parts.example-2'
is "nothing else is" "$(grep -c . "$T/err")" 1

mapfile -t domains < <(yes plain.example | head -n 3000)
stream "${domains[@]}" >"$T/many"
mm-verdict --cross-check <"$T/many" >"$T/out" 2>"$T/err"
is "very many" "$(grep -c '^spf: pass' "$T/out")" 3000
is "all alike" "$(grep -c disagreement "$T/err")" 0

# The child dies: it is ended by its parent's id, between two records.
mkfifo "$T/in"
start victim sh -c "exec mm-verdict --cross-check <$T/in >$T/out2 2>$T/err2"
exec 9>"$T/in"
victim=$(cat "$T/victim.pid")
child() { cat /proc/[0-9]*/stat 2>/dev/null | awk -v p="$victim" '$4 == p { print $1 }'; }
# shellcheck disable=SC2317 # wait_for calls it
has_child() { [ -n "$(child)" ]; }
wait_for "the library engines" has_child
stream plain.example >&9
wait_for "the first record" grep -q '^spf: pass' "$T/out2"
kill -KILL "$(child)"
wait_for "its death to be told" grep -q 'library engines' "$T/err2"
stream parts.example plain.example >&9
exec 9>&-
wait_for "the mail to go on" sh -c "[ \$(grep -c '^spf: pass' $T/out2) = 3 ]"
pass "mail goes on without the library engines"
wait_for "the count" grep -q 'records were not compared with the library engines' "$T/err2"
pass "what was not compared is told"
is "nothing was compared then" "$(logged "$T/err2")" ""
done_testing
