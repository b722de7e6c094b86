#!/bin/bash
# The warehouse of examples/nutrition, with a real S3-compatible server.
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source-path=SCRIPTDIR source=../lib/s3-server.sh
. "$(dirname "$0")/../lib/s3-server.sh"
need mm-smtpd mm-policy mm-queue mm-verdict mm-rule mm-s3put swaks openssl sqlite3 curl
s3_server

out=$(AWS_ENDPOINT_URL_S3=$S3_URL S3_REQUEST=$top/tests/tools/s3-request.py MM_BUILD=$B \
	"$top/examples/nutrition/cases/warehouse.sh" 2>&1)
tap_result $? "warehouse: $(grep -c '^ok' <<<"$out") steps" || tap_comment "$out"
done_testing
