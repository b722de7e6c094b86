#!/bin/bash
# The demo ends well and shows what it promises.
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need mm-smtpd mm-policy mm-queue mm-verdict mm-rule mm-archive mm-search mm-relay swaks openssl

exit_is "the demo ends with 0" 0 env MM_BUILD="$B" "$top/examples/demo.sh"
out=$(cat "$T/.out")
like "it shows a refusal by the policy" "$out" '550 5\.7\.1'
like "... an acceptance" "$out" '250 2\.0\.0'
like "... the verdicts" "$out" 'dkim=pass'
like "... the rule that matched" "$out" 'rule_name=archive-signed'
like "... the row in the archive" "$out" '"Subject": ?"Delivery note 4711: oats"'
like "... the message at the provider" "$out" 'Forty sacks of rolled oats'
like "... and how to go on" "$out" 'export .*MM_SITE='
done_testing
