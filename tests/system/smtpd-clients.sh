#!/bin/bash
# Clients as they are: each delivers a message, over STARTTLS where it can.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3 openssl

certificate
echo 'battery staple' | mm-smtpd passwd sales >"$T/credentials"
chmod 600 "$T/credentials"
smtpd main --policy "exec '$answer'" --cert "$T/cert.pem" --key "$T/key.pem" --credentials \
	"$T/credentials" --max-per-address 1000 -- "$answer" "$T/stored"
printf '%s\r\n' 'From: a@b.example' 'Subject: from a client' '' 'text' '.dot' '..dots' >"$T/mail"

arrived() { # NAME: the message came as it was sent, by ESMTPS (or what is said)
	is "$1: as it was sent" "$(sed '1,/^\t[A-Z][a-z][a-z], [0-9].* +0000\r$/d' "$T/stored" |
		grep -aE '^(Subject|text|\.)' | tr -d '\r')" 'Subject: from a client
text
.dot
..dots'
	is "$1: protocol" "$(grep -a '^protocol' "$T/stored")" "protocol: ${2:-ESMTPS}"
	: >"$T/stored"
}
client() { # NAME PROTOCOL CMD...
	local name=$1 protocol=$2
	shift 2
	command -v "$1" >/dev/null 2>&1 || {
		skip "$name" "$1 is not installed"
		return
	}
	ok "$name" "$@" && arrived "$name" "$protocol"
}

client swaks ESMTPSA swaks --server "127.0.0.1:$port" --tls --auth LOGIN --auth-user sales \
	--auth-password 'battery staple' --from a@b.example --to c@d.example --data "@$T/mail"
client 'swaks, pipelining' ESMTP swaks --server "127.0.0.1:$port" --pipeline --from a@b.example \
	--to c@d.example,e@d.example --data "@$T/mail"
client curl ESMTPSA curl -sS --ssl-reqd -k --user 'sales:battery staple' \
	--url "smtp://127.0.0.1:$port/me.example" --mail-from a@b.example --mail-rcpt c@d.example \
	--upload-file "$T/mail"
cat >"$T/msmtp" <<END
account default
host 127.0.0.1
port $port
tls on
tls_starttls on
tls_certcheck off
auth plain
user sales
password battery staple
from a@b.example
END
chmod 600 "$T/msmtp"
client msmtp ESMTPSA msmtp -C "$T/msmtp" --domain=me.example c@d.example <"$T/mail"
client "Python's smtplib" ESMTPS python3 - "$port" "$T/mail" <<'END'
import smtplib, ssl, sys
s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
s.starttls(context=ssl._create_unverified_context())
s.sendmail("a@b.example", ["c@d.example"], open(sys.argv[2], "rb").read(),
           ["BODY=8BITMIME"])
s.quit()
END
cat >"$T/nodemailer.js" <<'END'
const [port, mail] = process.argv.slice(2)
const transport = require("nodemailer").createTransport({
  host: "127.0.0.1", port: Number(port), name: "me.example", requireTLS: true,
  tls: { rejectUnauthorized: false }, auth: { user: "sales", pass: "battery staple" } })
transport.sendMail({ envelope: { from: "a@b.example", to: ["c@d.example"] },
  raw: require("fs").readFileSync(mail) }).catch((e) => { console.error(e); process.exitCode = 1 })
END
export NODE_PATH=/usr/share/nodejs
if node -e 'require("nodemailer")' 2>/dev/null; then
	client nodemailer ESMTPSA node "$T/nodemailer.js" "$port" "$T/mail"
else
	skip nodemailer 'nodemailer is not installed (node-nodemailer)'
fi
if command -v smtp-source >/dev/null; then
	ok 'smtp-source, 20 sessions' smtp-source -s 20 -m 500 -l 4096 -r 3 -f a@b.example \
		-t c@d.example "127.0.0.1:$port"
	is 'each message once' "$(grep -ac '^id: ' "$T/stored")" 500
	is 'each with its own id' "$(grep -a '^id: ' "$T/stored" | sort -u | wc -l)" 500
	is 'each with three recipients' "$(grep -ac '^rcpt-to: ' "$T/stored")" 1500
else
	skip smtp-source 'smtp-source is not installed'
fi

done_testing
