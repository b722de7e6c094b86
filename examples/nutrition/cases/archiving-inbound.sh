#!/bin/bash
# Archiving inbound: mail over TLS 1.3 is let in, what is DKIM-signed is kept.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

certificate
mm-archive create NutritionCo
gateway archiving 'mm-verdict | mm-rule archiving'
archived_as_sent() { # archived_as_sent MESSAGE QUERY
	mm-archive get NutritionCo "$(mm-search -a NutritionCo --ids "$2")" |
		from_signature_on | cmp - <(sed 's/$/\r/' "$here/messages/$1.eml")
}
from=(--from ada@farm.example --to buying@nutrition.example)

send signed "$here/messages/delivery-note.eml" "${from[@]}" --tls --tls-protocol tlsv1_3
check "a signed message over TLS 1.3 is accepted" said signed "250 2\.0\.0"
check "... archived" eventually found 1 subject:oats
check "... and found by a word of its body" found 1 sacks
check "... byte for byte under the added trace fields" archived_as_sent delivery-note oats

send tls12 "$here/messages/delivery-note.eml" "${from[@]}" --tls --tls-protocol tlsv1_2
check "over TLS 1.2 it is refused at RCPT" said tls12 "550 5\.7\.1"
send clear "$here/messages/delivery-note.eml" "${from[@]}"
check "in clear it is refused at RCPT" said clear "550 5\.7\.1"

send unsigned "$here/messages/unsigned.eml" "${from[@]}" --tls
check "an unsigned message is accepted" said unsigned "250 2\.0\.0"
sed 's/Forty sacks/Fifty sacks/' "$here/messages/delivery-note.eml" >"$work/altered.eml"
send altered "$work/altered.eml" "${from[@]}" --tls
check "an altered message is accepted" said altered "250 2\.0\.0"
check "the queue has dealt with both" eventually queue_empty archiving
check "neither is archived" found 1 ''
check "the log says which condition failed for the unsigned one" \
	logged archiving-queue 'rule_name=archive-dkim-pass.*DKIM EQUALS PASS.*none'
check "... and for the altered one" \
	logged archiving-queue 'rule_name=archive-dkim-pass.*DKIM EQUALS PASS.*fail'
finish
