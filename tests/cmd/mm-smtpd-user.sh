#!/bin/bash
# --user: from root to somebody who may do less.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3 openssl
[ "$(id -u)" -eq 0 ] || skip_all 'only root can become another user'
nobody=$(id -u nobody) group=$(id -g nobody)

ids() { # PID: its user ids, group ids and groups
	sed -n -e 's/^Uid:\t//p' -e 's/^Gid:\t//p' -e 's/^Groups:\t//p' "/proc/$1/status" |
		sed 's/[ \t]*$//'
}
expected=$(printf '%s\t%s\t%s\t%s\n' $nobody $nobody $nobody $nobody \
	$group $group $group $group && id -G nobody)
certificate
mkdir "$T/theirs"
cp "$T/cert.pem" "$T/key.pem" "$T/theirs"
chown -R nobody "$T/theirs" "$T"
chown root "$T/key.pem"
# shellcheck disable=SC2016
handler='echo $$ >"$0/handler.$$"; exec "$1" "$0/stored"'

smtpd one --user nobody --no-policy --cert "$T/theirs/cert.pem" \
	--key "$T/theirs/key.pem" -- sh -c "$handler" "$T/theirs" "$answer"
is 'it runs as that user' "$(ids "$(cat "$T/one.pid")")" "$expected"
wait_for 'the handler' sh -c "ls $T/theirs/handler.* >$T/.out 2>&1"
is 'and so does the handler' "$(ids "$(cat "$T"/theirs/handler.*)")" "$expected"
is 'mail is taken' "$(printf '%s\n' 'EHLO me.example' 'MAIL FROM:<a@b.example>' \
	'RCPT TO:<c@d.example>' DATA '@send Subject: x' . | talk | tail -n 1)" '250 2.0.0 stored'
kill -HUP "$(cat "$T/one.pid")"
like 'certificates are read again' "$(logged one 'read again')" 'read again'
stop one
is 'it ends with 0' $? 0

smtpd two -w 2 --user nobody --no-policy -- "$answer"
is 'the first process' "$(ids "$(cat "$T/two.pid")")" "$expected"
sed -n 's/.*msg=worker-started pid=//p' "$T/two.log" >"$T/workers"
while read -r pid; do
	is 'a worker' "$(ids "$pid")" "$expected"
done <"$T/workers"
stop two

chmod 600 "$T/key.pem"
exit_is 'a key of root' 75 mm-smtpd -l 127.0.0.1:0 --user nobody --no-policy --cert "$T/cert.pem" \
	--key "$T/key.pem" -- "$answer"
like 'cannot be read' "$(cat "$T/.err")" "key.pem.*Permission denied"
exit_is 'nobody of that name' 75 mm-smtpd -l 127.0.0.1:0 --user no-such-user --no-policy -- "$answer"
like 'is said' "$(cat "$T/.err")" 'there is no user no-such-user'
done_testing
