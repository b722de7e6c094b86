#!/bin/bash
# mm-relay delivers to a real Postfix: with each extension that it offers, and its
# refusals come back, word for word, to mm-relay and in notifications of mm-queue.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/postfix.sh"
. "$top/tests/lib/smtp.sh"
need mm-relay mm-queue postfix openssl python3
[ "$(id -u)" -eq 0 ] || skip_all 'Postfix needs root'
[ -x /usr/lib/postfix/sbin/virtual ] || skip_all 'no /usr/lib/postfix/sbin/virtual'

export MM_SITE=$T/site
mkdir -p "$MM_SITE" "$T/etc"
echo '{"Hostname": "gw.example"}' >"$MM_SITE/site.json"
certificate "$T/etc/cert" mx.test
mkdir -m 777 "$T/mail"
printf '%s@x.example %s/\n' alice alice bob bob carol carol josé jose >"$T/etc/mailboxes"
cat >"$T/etc/access" <<'X'
later@x.example 450 4.7.1 come back, at noon
never@x.example 550 5.7.1 no; never: "this"
X
port=$(free_port)
postfix_start "$port" "
myhostname = mx.test
mydestination =
mynetworks =
smtputf8_enable = yes
message_size_limit = 100000
virtual_mailbox_domains = x.example
virtual_mailbox_base = $T/mail
virtual_mailbox_maps = texthash:$T/etc/mailboxes
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_mailbox_limit = 0
smtpd_tls_security_level = may
smtpd_tls_chain_files = $T/etc/cert
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access texthash:$T/etc/access
smtpd_data_restrictions = reject_unauth_pipelining" \
	"127.0.0.1:$port inet n - n - - smtpd
virtual unix - n n - - virtual"

relay() { # OPTION...
	mm-relay --to "127.0.0.1:$port" --mail-from '<alice@x.example>' "$@"
}

mail_of() { # USER N: the N-th message delivered, without what Postfix put on top
	local name
	wait_for "mail for $1" has "$1" "$2"
	# shellcheck disable=SC2012
	name=$(ls -tr "$T/mail/$1/new" | sed -n "$2p")
	sed '1,/^X-Test:/{/^X-Test:/!d}' "$T/mail/$1/new/$name"
}

has() { # USER N
	[ "$(find "$T/mail/$1/new" -type f | wc -l)" -ge "$2" ]
}

# The N-th session's commands.
session() {
	wait_for "Postfix to log" sh -c "[ \$(grep -c 'disconnect from .* ehlo=' '$T/postfix.maillog') -ge $1 ]"
	grep -o 'disconnect from .* ehlo=.*' "$T/postfix.maillog" | sed -n "$1s/^[^]]*\] //p"
}

printf 'X-Test: yes\r\nFrom: alice@x.example\r\nDate: Thu, 26 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@x.example>\r\n\r\n.one\r\n..\r\n.\r\n\303\251\r\n' >"$T/m"
tr -d '\r' <"$T/m" >"$T/m.lf"
exit_is "two recipients over STARTTLS" 0 relay --rcpt-to bob@x.example --rcpt-to carol@x.example "$T/m"
like "say how they were sent" "$(fields relayed "$T/.out")" 'tls=TLSv1.3 dsn=yes'
is "in one transaction, by DATA" "$(session 1)" \
	'ehlo=2 starttls=1 mail=1 rcpt=2 data=1 quit=1 commands=8'
check_same "byte for byte" "mail_of bob 1" "cat '$T/m.lf'"
check_same "for both" "mail_of carol 1" "cat '$T/m.lf'"
exit_is "--chunking, --tls none" 0 relay --chunking --tls none --rcpt-to bob@x.example "$T/m"
is "by BDAT, in clear" "$(session 2)" 'ehlo=1 mail=1 rcpt=1 bdat=1 quit=1 commands=5'
check_same "the same octets" "mail_of bob 2" "cat '$T/m.lf'"

exit_is "larger than SIZE" 69 relay --rcpt-to bob@x.example <(cat "$T/m" && head -c 100001 /dev/zero | tr '\0' x | fold -w 70)
is "is not even offered" "$(session 3)" 'ehlo=2 starttls=1 quit=1 commands=4'
exit_is "SMTPUTF8" 0 relay --rcpt-to josé@x.example "$T/m"
check_same "to a mailbox with such a name" "mail_of jose 1" "cat '$T/m.lf'"

exit_is "each recipient has its own answer" 75 relay --rcpt-to bob@x.example --rcpt-to nobody@x.example \
	--rcpt-to later@x.example --rcpt-to never@x.example --rcpt-to bob@elsewhere.example "$T/m"
is "word for word" "$(fields result "$T/.out" | sed 's/queued as .*/queued/')" \
	'result: <bob@x.example> ok 250 2.0.0 Ok: queued
result: <nobody@x.example> permfail 550 5.1.1 <nobody@x.example>: Recipient address rejected: User unknown in virtual mailbox table
result: <later@x.example> tempfail 450 4.7.1 <later@x.example>: Recipient address rejected: come back, at noon
result: <never@x.example> permfail 550 5.7.1 <never@x.example>: Recipient address rejected: no; never: "this"
result: <bob@elsewhere.example> permfail 554 5.7.1 <bob@elsewhere.example>: Relay access denied'

# What Postfix tells of success has what the sender asked for.
exit_is "DSN parameters" 0 mm-relay --to "127.0.0.1:$port" --mail-from '<alice@x.example> RET=HDRS ENVID=q+2B1' \
	--rcpt-to '<carol@x.example> NOTIFY=SUCCESS ORCPT=rfc822;Carol+40y.example' "$T/m"

# mm-queue's notifications go to Postfix as well.
mm-queue add --field id=a1 --mail-from '<alice@x.example> ENVID=q1' --rcpt-to '<nobody@x.example>' \
	--rcpt-to '<later@x.example>' --rcpt-to '<never@x.example>' --rcpt-to '<bob@x.example>' "$T/q" "$T/m" >/dev/null
start run mm-queue run --hostname gw.example --time-scale 100000 --delay-warning 0 "$T/q" -- \
	mm-relay --to "127.0.0.1:$port"
wait_for "the queue is empty" sh -c "mm-queue stat '$T/q' | grep -q '^messages: 0'"
stop run
wait_for "the notifications" has alice 3
is "the notifications" "$(sort <(python3 - "$T/mail/alice/new" <<'P'
import email, email.policy, pathlib, sys
for path in pathlib.Path(sys.argv[1]).iterdir():
    m = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    status = [p for p in m.walk() if p.get_content_type() == "message/delivery-status"][0].get_payload()
    for s in status[1:]:
        print(status[0]["Reporting-MTA"], status[0]["Original-Envelope-Id"], s["Original-Recipient"],
              s["Final-Recipient"], s["Action"], " ".join((s["Diagnostic-Code"] or "").split()), sep=" | ")
P
))" "$(cat <<'X'
dns; gw.example | q1 | None | rfc822; later@x.example | failed | smtp; 450 4.7.1 <later@x.example>: Recipient address rejected: come back, at noon
dns; gw.example | q1 | None | rfc822; never@x.example | failed | smtp; 550 5.7.1 <never@x.example>: Recipient address rejected: no; never: "this"
dns; gw.example | q1 | None | rfc822; nobody@x.example | failed | smtp; 550 5.1.1 <nobody@x.example>: Recipient address rejected: User unknown in virtual mailbox table
dns; mx.test | q+1 | rfc822;Carol@y.example | rfc822; carol@x.example | delivered | X-Postfix; delivery via virtual: delivered to maildir
X
)"
done_testing
