#!/bin/bash
# mm-relay: a relay that changes while it runs.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/smtp.sh"
need mm-relay python3

export MM_SITE=$T/site
mkdir -p "$MM_SITE"/{relays,secrets,mailboxes}
smtp_sink one --auth 'ann:first-word'
one=$port
smtp_sink two
two=$port

# put FILE TEXT: in one move, as an editor does.
put() {
	(umask 77 && printf '%s\n' "$2" >"$T/new")
	mv "$T/new" "$MM_SITE/$1"
}
relay() { # SERVER PORT AUTHENTICATION
	put relays/r.json "{\"RelayName\": \"r\", \"ServerName\": \"$1\", \"ServerPort\": $2, \"Authentication\": {$3}}"
}

# ask: a record to the coprocess, its answer in $got.
ask() {
	local line
	printf 'mail 1 10\nid: q\nmail-from: <a@x.example>\nrcpt-to: <b@x.example>\n\nA: b\r\n\r\nhi' >&"$input"
	got=
	while IFS= read -r -t 20 line <&"$output"; do
		got+=$line$'\n'
		case $line in *hi) break ;; '') IFS= read -r -t 20 -N 10 line <&"$output" && break ;; esac
	done
}
got_has() { # NAME PATTERN
	ok "$1" grep "$2" <<<"$got"
}
until_got() { # NAME PATTERN
	local end=$((SECONDS + 20))
	until ask && grep -q "$2" <<<"$got" || [ $SECONDS -ge $end ]; do
		sleep 0.1
	done
	got_has "$1" "$2"
}
until_logged() { # NAME PATTERN
	local end=$((SECONDS + 20))
	until grep -q "$2" "$T/relay.log" || [ $SECONDS -ge $end ]; do
		ask
		sleep 0.1
	done
	ok "$1" grep "$2" "$T/relay.log"
}
password() {
	put secrets/s.json "{\"username\": \"ann\", \"password\": \"$1\"}"
}

password first-word
relay 127.0.0.1 "$one" '"SecretArn": "s"'
printf 'mail.test. 60 IN A 127.0.0.1\n' >"$T/zone"
coproc gate { MM_ZONE=$T/zone mm-relay r 2>"$T/relay.log"; }
pid=$gate_PID input=${gate[1]} output=${gate[0]}
until_got 'delivered' '^reply: 250 .*stored as 1-'

password changed
until_got 'a changed secret is read' 'reply: 454 4.7.0 AUTH was refused'
password first-word
until_got 'and once more' '^reply: 250 .*stored as'

put relays/r.json '{ "RelayName": '
until_logged 'a broken file is told' 'level=error.*r: the changed files are of no use, mail goes as before'
ask
got_has 'and mail goes as before' '^reply: 250 .*stored as'

relay mail.test "$two" '"NoAuthentication": {}'
until_got 'the next good one is taken, and DNS begun' 'relayed: <b@x.example> relay=r host=mail.test'
ok 'it got there' grep -q 'hi' "$T/two/1-1.eml"
rm "$MM_SITE/relays/r.json"
until_logged 'one that is gone is told' 'there is no relay'
ask
got_has 'and mail goes as before' '^relayed: .* host=mail.test'
exec {input}>&-
wait "$pid"
is 'it ends well' "$?" 0

# A mailbox stays what it is.
put mailboxes/m.json "{\"Maildir\": \"$T/box\"}"
coproc gate { mm-relay --mailbox m 2>"$T/relay.log"; }
pid=$gate_PID input=${gate[1]} output=${gate[0]}
until_got 'into a maildir' '^reply: 250 '
put mailboxes/m.json "{\"Maildir\": \"$T/{local}\"}"
until_logged 'a changed mailbox is read' 'level=info.*m read again'
ask
ok 'the mail is in the other one' test -d "$T/b/new"
put mailboxes/m.json "{\"Lmtp\": \"/nowhere\"}"
until_logged 'another kind of mailbox is not taken' 'takes a restart'
ask
got_has 'and mail goes as before' '^reply: 250 '
exec {input}>&-
wait "$pid"

done_testing
