#!/bin/bash
# The cases of examples/nutrition, each as its user runs it.
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need mm-smtpd mm-policy mm-queue mm-verdict mm-rule mm-archive mm-search mm-relay mm-scan swaks openssl

run_case() { # run_case NAME: its own TAP becomes one result here, told in full if it fails
	local out
	out=$(MM_BUILD=$B "$top/examples/nutrition/cases/$1.sh" 2>&1)
	tap_result $? "$1: $(grep -c '^ok' <<<"$out") steps" || tap_comment "$out"
}

run_case archiving-inbound
run_case inbound-gateway
run_case outbound
done_testing
