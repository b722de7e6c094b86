#!/bin/bash
# Inbound gateway: one rule set splits recipients between two mailbox providers;
# everything is archived; the rest is archived only.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

certificate
mm-archive create NutritionCo
sink workspace
relay_port workspace "$port"
sink m365
relay_port m365 "$port"
gateway inbound 'mm-verdict | mm-rule inbound'

as_sent() { # as_sent SINK: the one message that it got, below our trace fields
	from_signature_on <"$(echo "$work/$1"/*.eml)" |
		cmp - <(sed 's/$/\r/' "$here/messages/delivery-note.eml")
}
envelope() { # envelope SINK RECIPIENT
	printf 'MAIL FROM:<ada@farm.example>\nRCPT TO:<%s>\n' "$2" |
		cmp - "$(echo "$work/$1"/*.env)"
}

send both "$here/messages/delivery-note.eml" --tls --from ada@farm.example \
	--to carl@eng.nutrition.example,olga@office.nutrition.example,buying@nutrition.example
check "one message for both providers and a third is accepted" said both "250 2\.0\.0"
check "it is dealt with" eventually queue_empty inbound
check "the workspace provider got it once" messages_in workspace 1
check "... for its own recipient only, MAIL FROM preserved" \
	envelope workspace carl@eng.nutrition.example
check "... byte for byte under the added trace fields" as_sent workspace
check "the other provider got it once" messages_in m365 1
check "... for its own recipient only, MAIL FROM preserved" \
	envelope m365 olga@office.nutrition.example
check "... byte for byte under the added trace fields" as_sent m365
check "it is archived once" found 1 subject:oats
check "... for all three recipients" found 1 rcpt:buying@nutrition.example rcpt:carl rcpt:olga

send rest "$here/messages/unsigned.eml" --tls --from ada@farm.example --to buying@nutrition.example
check "a message for neither provider is accepted" said rest "250 2\.0\.0"
check "... archived" eventually found 1 subject:barley
check "... and relayed nowhere" \
	sh -c '[ "$(find "$1" "$2" -name "*.eml" | wc -l)" -eq 2 ]' - "$work/workspace" "$work/m365"

send alien "$here/messages/unsigned.eml" --tls --from ada@farm.example --to bob@elsewhere.example
check "the gateway is no open relay" said alien "550 5\.7\.1"
send retired "$here/messages/unsigned.eml" --tls --from ada@farm.example \
	--to fax-2@office.nutrition.example
check "a retired mailbox is refused by its address list" said retired "550 5\.7\.1"
finish
