#!/bin/bash
# The public suites: RFC 7208's by both SPF engines, with cases of our own, the DKIM
# cases with a verdict a signature, ValiMail's of ARC.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-verdict
[ -f "$testdata/dnsd.py" ] || skip_all "the shared test data is not there"
need_python dns yaml
printf '{"Hostname": "mx.example"}\n' >"$T/site.json"
export MM_SITE=$T

# libspf2 never sees exp= (CVE-2023-42118), so these have no explanation from it.
unexplained='domain-name-truncation
dorky-sentinel
exp-txt-macro-char
include-ignores-exp
nolocalpart
p-macro-ip4-novalid
p-macro-ip4-valid
p-macro-ip6-novalid
p-macro-ip6-valid
redirect-cancels-prior-exp
trailing-dot-exp
upper-macro
v-macro-ip4
v-macro-ip6'
# Nor these of our own.  Besides it loses a character where a macro names more parts
# than there are, takes no large number of parts, and does not shorten a long name by
# whole labels.
also_fails='cut-from-the-left
eight-bit-escaped
eight-bit-said
exp-behind-redirect
exp-by-macro
exp-macros
exp-quotes
exp-strings
huge-count
more-parts-than-there-are'

cases() { # KIND FILE ARGUMENT...
	"$python" "$top/tests/tools/verdict-cases.py" "$1" "$testdata" "${@:3}" >"$T/$2" \
		2>"$T/err" || diag "$(cat "$T/err")"
	grep '^not ok' "$T/$2" | sed 's/^/# /'
}
failed() { sed -n 's/^not ok \([^:]*\):.*/\1/p' "$T/$1" | sort; }
own=$(grep -c '^    result:' "$top/tests/cmd/mm-verdict-spf.yml")
for engine in native libspf2; do
	cases spf spf.$engine --spf-engine $engine
	is "RFC 7208 suite by $engine: all cases ran" "$(wc -l <"$T/spf.$engine")" 203
	cases spf own.$engine "$top/tests/cmd/mm-verdict-spf.yml" --spf-engine $engine
	is "our own by $engine: all cases ran" "$(wc -l <"$T/own.$engine")" "$own"
done
is "native passes the whole suite, explanations too" "$(failed spf.native)" ""
is "and our own cases" "$(failed own.native)" ""
is "libspf2 passes all but these" "$(failed spf.libspf2)" "$unexplained"
is "and all of our own but these" "$(failed own.libspf2)" "$also_fails"

for engine in native libopendkim; do
	"$python" "$top/tests/tools/verdict-cases.py" dkim "$testdata" --dkim-engine $engine \
		>"$T/dkim" 2>"$T/err" || diag "$(cat "$T/err")"
	while read -r line; do
		case $line in
		"not ok "*) fail "DKIM by $engine ${line#not ok }" ;;
		*) pass "DKIM by $engine ${line#ok }" ;;
		esac
	done <"$T/dkim"
	is "DKIM by $engine: all cases ran" "$(wc -l <"$T/dkim")" 12
done

"$python" "$top/tests/tools/verdict-cases.py" arc "$testdata" >"$T/arc" 2>"$T/err" ||
	diag "$(cat "$T/err")"
grep '^not ok' "$T/arc" | sed 's/^/# /'
is "ARC suite: all cases ran" "$(wc -l <"$T/arc")" 111
is "ARC suite: all pass" "$(grep -c '^ok' "$T/arc")" 111
done_testing
