#!/bin/bash
# Outbound by department: marketing, tech and sales log in at ingress points of
# their own; what they may send, and what happens to it, differs.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

certificate
mm-archive create NutritionCo
sink internet
send_port=$port
rules() { # rules INGRESS: the rule set, with Send to the port of our "internet"
	echo "mm-rule -x 'Send=mm-relay --mx --port $send_port' $1"
}
login() { # login INGRESS
	echo --tls --auth PLAIN --auth-user "$1" --auth-password "$1-pass-2026"
}
for department in marketing tech sales; do
	secret "$department" "$department-pass-2026"
done

gateway marketing "mm-verdict | $(rules marketing)"
send no-login "$here/messages/campaign.eml" --tls --from news@nutrition.example --to kim@customer.example
check "marketing: without a login nothing is taken" said no-login "530 5\.7\.0"
send wrong "$here/messages/campaign.eml" --tls --auth PLAIN --auth-user marketing \
	--auth-password wrong --from news@nutrition.example --to kim@customer.example
check "marketing: a wrong password is refused" said wrong "535 5\.7\.8"
# shellcheck disable=SC2046
send campaign "$here/messages/campaign.eml" $(login marketing) \
	--from news@nutrition.example --to kim@customer.example
check "marketing: a signed campaign is accepted" said campaign "250 2\.0\.0"
check "... archived, then sent to the customer's MX" eventually messages_in internet 1
check "... it is in the archive" eventually found 1 subject:recipes
check "... for the customer" grep -qx 'RCPT TO:<kim@customer.example>' "$(echo "$work"/internet/*.env)"
sed 's/Three soups/Four soups/' "$here/messages/campaign.eml" >"$work/altered.eml"
# shellcheck disable=SC2046
send altered "$work/altered.eml" $(login marketing) --from news@nutrition.example --to kim@customer.example
check "marketing: an altered one is accepted" said altered "250 2\.0\.0"
check "... and not sent; the log says why" \
	logged marketing-queue 'rule_name=authenticated-only.*DKIM EQUALS PASS.*fail'

gateway tech "mm-verdict | $(rules tech)"
# shellcheck disable=SC2046
send report "$here/messages/status-report.eml" $(login tech) \
	--from build@nutrition.example --to all@customer.example
check "tech: a report is accepted" said report "250 2\.0\.0"
check "... and sent" eventually messages_in internet 2
check "... to the test address instead of the customers" \
	grep -qx 'RCPT TO:<test@lab.example>' "$work"/internet/*.env
{
	cat "$here/messages/status-report.eml"
	head -c 1100000 /dev/zero | tr '\0' 'x' | fold -w 70
} >"$work/large.eml"
# shellcheck disable=SC2046
send large "$work/large.eml" $(login tech) --from build@nutrition.example --to all@customer.example
check "tech: over 1 MB is refused" said large "552 5\.3\.4"

gateway sales "mm-verdict | mm-scan command --name clamav -- $here/scan-for-eicar | $(rules sales)"
# shellcheck disable=SC2046
send offer "$here/messages/offer.eml" $(login sales) --from sam@nutrition.example --to kim@customer.example
check "sales: an offer is accepted" said offer "250 2\.0\.0"
check "... found clean and sent" eventually messages_in internet 3
{
	cat "$here/messages/offer.eml"
	printf '%s%s\n' 'X5O!P%@AP[4\PZX54(P^)7CC)7}$' 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'
} >"$work/infected.eml"
# shellcheck disable=SC2046
send infected "$work/infected.eml" $(login sales) --from sam@nutrition.example --to kim@customer.example
check "sales: an infected one is taken into the queue" said infected "250 2\.0\.0"
check "... refused by the content scan" logged sales-queue 'action_name=BOUNCE'
check "... and not sent" messages_in internet 3
finish
