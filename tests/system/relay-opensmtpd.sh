#!/bin/bash
# mm-relay delivers to a real OpenSMTPD, which offers no PIPELINING: whatever the message
# is, it is in the maildir octet for octet; a refusal of one recipient, and a notification
# later, come back.  (TLS of Debian 12's OpenSMTPD fails: it keeps its key where OpenSSL 3
# does not look.)
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/opensmtpd.sh"
. "$top/tests/lib/smtp.sh"
need mm-relay python3 apt-get dpkg-deb unshare
[ "$(id -u)" -eq 0 ] || skip_all 'OpenSMTPD needs root'
why=$(opensmtpd_get) || skip_all "OpenSMTPD cannot be had: $why"

export MM_SITE=$T/site
mkdir -p "$MM_SITE"
mkdir -m 777 "$T/mail"
port=$(free_port)
opensmtpd_start "$port" "
table users { bob = nobody, carol = nobody, broken = nobody, alice = nobody }
listen on 127.0.0.1 port $port hostname mx.test
action keep maildir \"$T/mail/%{rcpt.user}\" virtual <users>
action break mda \"echo the mailbox is broken >&2; exit 69\" virtual <users>
match from any for rcpt-to broken@x.example action break
match from any for domain x.example action keep
match from local for domain y.example action keep"

cat >"$MM_SITE/site.json" <<<'{"Hostname": "gw.example"}'

mkdir "$T/kinds"
python3 - "$T/kinds" <<'P'
import os, random, sys
random.seed(1)
eight = bytes(b for b in range(1, 256) if b not in b"\r\n")
kinds = {
    "dots": b".\r\n..\r\n.x\r\n...\r\n\r\n.\r\n",
    "eight": eight + b"\r\n" + "größe €\r\n".encode(),
    "line-998": b"a" * 998 + b"\r\n" + b"\xe9" * 998 + b"\r\n",
    "line-5000": b"a." * 2500 + b"\r\n." + b"b" * 4999 + b"\r\n",
    "no-body": b"",
    "empty-lines": b"\r\n" * 50,
    "tabs": b"\t\r\n \r\nx \t\r\n",
    "from-line": b"From alice\r\n>From alice\r\n",
    "large": b"".join(bytes(random.choices(b".abc \t\xc3\xa9", k=random.randrange(200))) + b"\r\n" for _ in range(50000)),
}
for name, body in kinds.items():
    with open(os.path.join(sys.argv[1], name), "wb") as f:
        f.write(b"X-Test: %s\r\nFrom: alice@y.example\r\nTo: bob@x.example\r\n"
                b"Date: Thu, 26 Nov 2026 12:00:00 +0000\r\nMessage-ID: <%s@y.example>\r\n\r\n%s"
                % (name.encode(), name.encode(), body))
P

# shellcheck disable=SC2317
delivered() { # USER N
	[ "$(find "$T/mail/$1/new" -type f | wc -l)" -ge "$2" ]
}

# shellcheck disable=SC2317
delivered_as() { # USER NAME: that message without what OpenSMTPD put on top
	sed '1,/^X-Test:/{/^X-Test:/!d}' "$(grep -lar "^X-Test: $2\$" "$T/mail/$1/new")"
}

sent=(--mail-from '<alice@y.example> BODY=8BITMIME' --rcpt-to)
exit_is "messages of all kinds" 0 mm-relay --to "127.0.0.1:$port" "${sent[@]}" bob@x.example "$T"/kinds/*
wait_for "the mail" delivered bob "$(find "$T/kinds" -type f | wc -l)"
for file in "$T"/kinds/*; do
	check_same "${file##*/}: octet for octet" "delivered_as bob ${file##*/}" "tr -d '\r' <'$file'"
done

sed 's/dots/several/' "$T/kinds/dots" >"$T/m"
exit_is "several recipients, of whom two are refused" 69 mm-relay --to "127.0.0.1:$port" "${sent[@]}" bob@x.example \
	--rcpt-to nobody@x.example --rcpt-to carol@x.example --rcpt-to bob@elsewhere.example "$T/m"
is "each has its own answer" "$(fields result "$T/.out" | sed 's/ [0-9a-f]\{8\} Message/ ID Message/')" \
	'result: <bob@x.example> ok 250 2.0.0 ID Message accepted for delivery
result: <nobody@x.example> permfail 524 5.2.4 Mailing list expansion problem: <nobody@x.example>
result: <carol@x.example> ok 250 2.0.0 ID Message accepted for delivery
result: <bob@elsewhere.example> permfail 550 5.0.0 Invalid recipient: <bob@elsewhere.example>'
wait_for "the mail for carol" delivered carol 1
check_same "and one its mail" "delivered_as carol several" "tr -d '\r' <'$T/m'"

exit_is "an address that needs SMTPUTF8" 65 mm-relay --to "127.0.0.1:$port" "${sent[@]}" josé@x.example "$T/m"
is "is not offered" "$(fields reply "$T/.out")" \
	'reply: 553 5.6.7 SMTPUTF8 is needed, and the server does not offer it'

exit_is "a mailbox that is broken" 0 mm-relay --to "127.0.0.1:$port" "${sent[@]}" broken@x.example "$T/m"
wait_for "the notification" delivered alice 1
is "is told to the sender" "$(grep -ahE '^(Final-Recipient|Action|Status|broken@)' "$T/mail/alice/new/"*)" \
	'broken@x.example: "the mailbox is broken"
Final-Recipient: rfc822; broken@x.example
Action: failed
Status: 5.3.0'
done_testing
