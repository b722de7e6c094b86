#!/bin/bash
# demo.sh: a whole gateway on loopback, in a scratch directory, with real mail
# through it, told step by step.  Run by "make demo".

# shellcheck source-path=SCRIPTDIR source=nutrition/lib.sh
MM_KEEP=1 . "$(dirname "$0")/nutrition/lib.sh"

if [ -t 1 ]; then
	bold=$(tput bold 2>/dev/null) dim=$(tput dim 2>/dev/null) plain=$(tput sgr0 2>/dev/null)
else
	bold='' dim='' plain=''
fi

title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
tell() { printf '%s\n' "$*" | fold -s -w 78 | sed 's/ $//'; }
show() { sed "s/^/    $dim/; s/\$/$plain/"; }
must() { # must WHAT COMMAND...: the demo stands or falls with it
	local what=$1
	shift
	if ! "$@" >"$work/log/check" 2>&1; then
		printf '\nThe demo failed: %s\n' "$what"
		show <"$work/log/check"
		printf 'The logs are in %s\n' "$work/log"
		exit 1
	fi
}
conversation() { # what was said from MAIL FROM on
	sed -n '/MAIL FROM/,/QUIT/{/QUIT/d;s/^ //;p;}' "$work/log/$1.smtp" | show
}

id_of() { # the id that the gateway gave to a message
	sed -n 's/.*250 2\.0\.0 queued as \([0-9A-Za-z._-]*\).*/\1/p' "$work/log/$1.smtp"
}

title "1. A site, a certificate, three programs"
tell "The site directory holds the JSON that 'aws mailmanager create-*' takes. A" \
	"zone file answers all DNS questions; nothing leaves this machine."
certificate
must "the archive cannot be made" mm-archive create NutritionCo
sink workspace
relay_port workspace "$port"
gateway front-door 'mm-verdict | mm-rule front-door'
front=$port
sed -e "s|127.0.0.1:0 --port-file [^ ]*|127.0.0.1:$front|" -e "s|$top/build/||g" "$work/log/commands" |
	grep front-door | show

title "2. Who may send: the traffic policy"
from=(--from ada@farm.example)
send alien "$here/messages/unsigned.eml" --tls "${from[@]}" --to bob@elsewhere.example
must "a stranger's recipient was not refused" said alien '550 5\.7\.1'
tell "Over TLS 1.3, to somebody who is not ours:"
conversation alien
send clear "$here/messages/unsigned.eml" "${from[@]}" --to buying@nutrition.example
must "mail in clear was not refused" said clear '550 5\.7\.1'
tell "In clear, to somebody who is:"
conversation clear
tell "Why? The policy explains itself (mm-policy --explain):"
mm-policy --explain front-door --ip 127.0.0.1 --mail-from ada@farm.example \
	--rcpt-to buying@nutrition.example "$here/messages/unsigned.eml" 2>&1 | show

title "3. A signed message and an altered one, over STARTTLS"
send signed "$here/messages/delivery-note.eml" --tls "${from[@]}" --to buying@nutrition.example
must "the signed message was not accepted" said signed '250 2\.0\.0'
tell "The signed one:"
conversation signed
sed 's/Forty sacks/Fifty sacks/' "$here/messages/delivery-note.eml" >"$work/altered.eml"
send altered "$work/altered.eml" --tls "${from[@]}" --to buying@nutrition.example
must "the altered message was not accepted" said altered '250 2\.0\.0'
tell "The altered one:"
conversation altered
must "the queue does not empty" eventually queue_empty front-door

title "4. What the rules did"
tell "mm-rule logs each action, and each rule that did not match with the condition" \
	"that failed and the value it found:"
grep -h 'prog=mm-rule' "$work/log/front-door-queue.log" | grep rule_name= |
	sed -E -e 's/.* id=([^ ]*) .*rule_name=([^ ]*) .*action_name=([^ ]*) .*action_status=([^ ]*)(.* target=([^ ]*))?.*/\1 rule_name=\2  matched: \3 \6 \4/' \
		-e 's/.*"rule not matched" id=([^ ]*) .*rule_name=([^ ]*) .*(condition|unless)="([^"]*)" found="?([^"]*)"?.*/\1 rule_name=\2  did not match: \3 \4, found \5/' |
	sort -s -k 1,1 | sed -e "s/^$(id_of signed) /the signed message:   /" -e "s/^$(id_of altered) /the altered message:  /" | show
tell "All of it, as it stands: grep mm-rule $work/log/front-door-queue.log"

title "5. What arrived at the mailbox provider"
must "the provider did not get exactly one message" messages_in workspace 1
tell "One message, under the trace fields that say who it came from and what was found" \
	"(Authentication-Results), byte for byte as the farm sent it:"
show <"$(echo "$work"/workspace/*.env)"
tr -d '\r' <"$(echo "$work"/workspace/*.eml)" | show

title "6. What is in the archive"
must "the archive does not have exactly one message" found 1 ''
tell "The row (mm-search --json):"
mm-search -a NutritionCo --json sacks | show
tell "The same for people:"
mm-search -a NutritionCo 'from:farm.example sacks' | show
tell "And without any program of ours: tar tf $(basename "$(find "$work/archives" -name '*.tar.zst' | head -n 1)")"
must "tar does not read the archive" sh -c \
	"find '$work/archives' -name '*.tar.zst' -exec tar --zstd -tf {} + >'$work/listing'"
show <"$work/listing"

title "It works. Go on by hand"
tell "The site directory:"
echo "$MM_SITE" | show
tell "The environment, and the lines that ran:"
{
	echo "export PATH=${MM_BUILD:-$top/build}:$top/examples:\$PATH"
	echo "export MM_SITE=$MM_SITE"
	echo "export MM_ZONE=$MM_ZONE MM_ARCHIVE_ROOT=$MM_ARCHIVE_ROOT"
	sed -e "s|127.0.0.1:0 --port-file [^ ]*/workspace.port|127.0.0.1:$(awk '{ print $2 }' "$work/workspace.port")|" \
		-e "s|127.0.0.1:0 --port-file [^ ]*|127.0.0.1:$front|" \
		-e "s|sh -c \(mm-verdict .*\)|sh -c '\1'|" "$work/log/commands"
	echo "swaks --server 127.0.0.1:$front --tls --from ada@farm.example --to buying@nutrition.example"
	echo "mm-search -a NutritionCo sacks"
} | show
if [ -t 0 ] && [ -t 1 ]; then
	printf 'The gateway still runs. Try it from another terminal; Enter ends it. '
	read -r _
fi
