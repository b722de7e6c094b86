#!/bin/bash
# mm-relay delivers to a real Dovecot by LMTP, over TCP and over its socket: mailboxes of
# the site, and an answer for each recipient, also after the message.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtp.sh"
need mm-relay dovecot
[ "$(id -u)" -eq 0 ] || skip_all 'Dovecot needs root'
[ -x /usr/lib/dovecot/lmtp ] || skip_all 'no /usr/lib/dovecot/lmtp'

export MM_SITE=$T/site
mkdir -p "$MM_SITE/mailboxes" "$T/etc" "$T/run"
echo '{"Hostname": "gw.example"}' >"$MM_SITE/site.json"
chmod 755 "$T"
mkdir -m 777 "$T/mail"
port=$(free_port)
for user in bob carol full; do
	echo "$user::65534:65534::$T/mail/$user::"
done >"$T/etc/users"
sed -i '/^full/s/$/userdb_quota_rule=*:bytes=10/' "$T/etc/users"
cat >"$T/etc/dovecot.conf" <<END
base_dir = $T/run
state_dir = $T/run
log_path = $T/dovecot-own.log
protocols = lmtp
ssl = no
auth_username_format = %n
mail_location = maildir:~/Maildir
mail_plugins = quota
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = passwd-file
  args = username_format=%n $T/etc/users
}
plugin {
  quota = maildir:mailbox
}
service lmtp {
  unix_listener lmtp-socket {
    mode = 0666
  }
  inet_listener lmtp {
    address = 127.0.0.1
    port = $port
  }
}
END
start dovecot dovecot -F -c "$T/etc/dovecot.conf"
wait_for "Dovecot" port_open "$port" || tap_comment "$(cat "$T/dovecot.log" "$T/dovecot-own.log")"
printf '{"MailboxName": "tcp", "Lmtp": "127.0.0.1:%s"}\n' "$port" >"$MM_SITE/mailboxes/tcp.json"
printf '{"MailboxName": "local", "Lmtp": "%s"}\n' "$T/run/lmtp-socket" >"$MM_SITE/mailboxes/local.json"
printf 'From: a@y.example\r\nSubject: x\r\n\r\n.one\r\n..\r\n.\r\n\303\251\r\n' >"$T/m"

delivered() { # USER: what came last, without what Dovecot put on top
	local dir=$T/mail/$1/Maildir/new
	# shellcheck disable=SC2012
	sed '1,/^From:/{/^From:/!d}' "$dir/$(ls -t "$dir" | head -n 1)"
}

everybody=(--rcpt-to bob@x.example --rcpt-to nobody@x.example --rcpt-to full@x.example --rcpt-to carol@x.example)
for mailbox in tcp local; do
	exit_is "$mailbox: some get it, some do not" 69 mm-relay --mailbox "$mailbox" \
		--mail-from a@y.example "${everybody[@]}" "$T/m"
	is "$mailbox: an answer for each" \
		"$(fields result "$T/.out" | sed -E 's/ [^ ]+ Saved/ SESSION Saved/')" \
		"result: <bob@x.example> ok 250 2.0.0 <bob@x.example> SESSION Saved
result: <nobody@x.example> permfail 550 5.1.1 <nobody@x.example> User doesn't exist: nobody@x.example
result: <full@x.example> permfail 552 5.2.2 <full@x.example> Quota exceeded (mailbox for user is full)
result: <carol@x.example> ok 250 2.0.0 <carol@x.example> SESSION Saved"
	for user in bob carol; do
		check_same "$mailbox: $user has it, byte for byte" "delivered $user" "tr -d '\r' <'$T/m'"
		rm "$T/mail/$user/Maildir/new"/*
	done
done
is "full has nothing" "$(find "$T/mail/full" -path '*/new/*')" ''

# A stream over both of the connections that may be open, each message once.
for ((i = 0; i < 200; i++)); do
	printf 'mail 1 %s\nid: s%s\nmail-from: <a@y.example>\nrcpt-to: <bob@x.example>\n\nSubject: s%s\r\n\r\nx\r\n' \
		$((17 + ${#i})) $i $i
done | mm-relay --max-connections 2 --to "lmtp:127.0.0.1:$port" >"$T/out" 2>"$T/err"
is "200 in a stream" "$(grep -c '^status: ok' "$T/out")" 200
is "each is there once" "$(cat "$T/mail/bob/Maildir/new"/* | grep '^Subject: s' | sort -u | wc -l) $(find "$T/mail/bob/Maildir/new" -type f | wc -l)" \
	"200 200"
done_testing
