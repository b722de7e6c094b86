#!/bin/bash
# Warehouse: orders come by mail from one network over TLS 1.3, logged in, SPF and
# DKIM proven; they go to a bucket, and from there into a table.
#
# Wants an S3 server: AWS_ENDPOINT_URL_S3, AWS_REGION, AWS_ACCESS_KEY_ID and
# AWS_SECRET_ACCESS_KEY in the environment; the bucket nutrition-orders is made.
# S3_REQUEST may name a program "METHOD URL" that signs requests instead of curl.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

: "${AWS_ENDPOINT_URL_S3:?the URL of an S3 server is needed here}" "${AWS_REGION:=us-east-1}"
export AWS_REGION
s3_by_curl() { # s3_by_curl METHOD URL: an access key with a colon is beyond curl
	local nothing # the hash of a request without a body
	nothing=$(printf '' | sha256sum | cut -c -64)
	curl -fsS -X "$1" -H "x-amz-content-sha256: $nothing" --aws-sigv4 "aws:amz:$AWS_REGION:s3" \
		-u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$2"
}
s3() { # s3 METHOD KEY
	"${S3_REQUEST:-s3_by_curl}" "$1" "$AWS_ENDPOINT_URL_S3/nutrition-orders$2"
}
objects() { # the keys in the bucket, a line each
	s3 GET '?list-type=2&prefix=orders%2F' | grep -o '<Key>[^<]*' | cut -c 6-
}
stored() { # stored N
	[ "$(objects | wc -l)" -eq "$1" ]
}
take_orders() {
	objects | while read -r key; do
		s3 GET "/$key" | "$here/orders" "$work/orders.db"
	done
}
order() { # order NUMBER: its row
	sqlite3 "$work/orders.db" "SELECT item, quantity, status FROM orders WHERE number = $1"
}

certificate
secret warehouse warehouse-pass-2026
check "the bucket is there" s3 PUT ''
gateway warehouse 'mm-verdict | mm-rule warehouse'
login=(--auth PLAIN --auth-user warehouse --auth-password warehouse-pass-2026
	--from dock3@warehouse.example --to orders@nutrition.example)

send order "$here/messages/order.eml" --tls "${login[@]}"
check "a signed order over TLS 1.3 is accepted" said order "250 2\.0\.0"
check "... and is in the bucket" eventually stored 1
check "the table takes it" take_orders
check "... as one row" test "$(order 1042)" = "rolled oats 25kg|40|shipped"
check "taking it again changes nothing" take_orders
check "... it is one row still" test "$(sqlite3 "$work/orders.db" 'SELECT count(*) FROM orders')" = 1

send tls12 "$here/messages/order.eml" --tls --tls-protocol tlsv1_2 "${login[@]}"
check "over TLS 1.2 it is refused" said tls12 "550 5\.7\.1"
send elsewhere "$here/messages/order.eml" --tls --local-interface 127.0.1.9 "${login[@]}"
check "from another network it is refused" said elsewhere "550 5\.7\.1"
sed 's/^Quantity: 40/Quantity: 4000/' "$here/messages/order.eml" >"$work/forged.eml"
send forged "$work/forged.eml" --tls "${login[@]}"
check "a forged order is accepted" said forged "250 2\.0\.0"
check "... the queue has dealt with it" eventually queue_empty warehouse
check "... and it is not in the bucket" stored 1
check "... the log says why" \
	logged warehouse-queue 'rule_name=orders-to-s3.*DKIM EQUALS PASS.*fail'
finish
