#!/bin/bash
# Unix sockets, and sockets that listen already.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3 openssl

certificate
message() {
	printf '%s\n' 'EHLO me.example' 'MAIL FROM:<a@b.example>' 'RCPT TO:<c@d.example>' \
		DATA '@send Subject: x' .
}
# listening FAMILY ADDRESS COMMAND...: the command, with a socket that listens on 7
cat >"$T/listening" <<'END'
#!/usr/bin/python3
import os, socket, sys
family, where = sys.argv[1:3]
s = socket.socket(getattr(socket, family), socket.SOCK_STREAM)
s.bind(where.replace("@", "\0") if family == "AF_UNIX" else (where, 0))
s.listen(16)
os.dup2(s.fileno(), 7)
os.execvp(sys.argv[3], sys.argv[3:])
END
chmod +x "$T/listening"

# Unix sockets

smtpd main -l "unix:$T/smtp" -l "tls:unix:$T/smtps" --no-policy --max-per-address 1 \
	--cert "$T/cert.pem" --key "$T/key.pem" -- "$answer" "$T/stored"
is 'the port file has them' "$(sed 's/ [0-9]*$/ PORT/' "$T/main.port")" "127.0.0.1 PORT
unix $T/smtp
unix $T/smtps"
is 'and the log' "$(grep listening "$T/main.log" | sed -E 's/port=[0-9]+/port=N/')" \
	"level=info prog=mm-smtpd msg=listening addr=127.0.0.1 port=N
level=info prog=mm-smtpd msg=listening unix=$T/smtp
level=info prog=mm-smtpd msg=listening unix=$T/smtps tls-wrapped=yes"
is 'a message' "$(message | talk "$T/smtp" | tail -n 1)" '250 2.0.0 stored'
is 'its record names no client' "$(stored)" 'mail 1 N
id: ULID
session: ULID
received: TIME
helo: me.example
protocol: ESMTP
mail-from: <a@b.example>
rcpt-to: <c@d.example>

Received: from me.example
	by mx.test (mm-smtpd) with ESMTP id ULID
	for <c@d.example>;
	DATE
Subject: x'
is 'TLS from the first octet' \
	"$( (printf '%s\n' @hello @tls @read && message) | talk "$T/smtps" | sed -n '1p;$p')" \
	'<TLSv1.3>
250 2.0.0 stored'

printf '%s\n' 'EHLO me.example' "@wait $T/enough" QUIT | talk "$T/smtp" >"$T/first" &
client=$!
wait_for 'a session' grep -q '250 HELP' "$T/first"
is 'no limit for an address counts them as one' \
	"$(message | talk "$T/smtp" | tail -n 1)" '250 2.0.0 stored'
echo now >"$T/enough"
wait $client
is 'nobody was turned away' "$(grep -c turned-away "$T/main.log")" 0

exit_is 'a path in use' 75 mm-smtpd --no-policy -l "unix:$T/smtp" -- "$answer"
ok 'is left alone' test -S "$T/smtp"
stop main
is 'SIGTERM ends it with 0' $? 0
not_ok 'and the sockets are gone' test -e "$T/smtp" -o -e "$T/smtps"

python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$T/smtp"
smtpd again -l "unix:$T/smtp" --no-policy -- "$answer"
is 'one that nobody listens on is replaced' \
	"$(message | talk "$T/smtp" | tail -n 1)" '250 2.0.0 stored'
stop again
exit_is 'a later listener cannot be opened' 75 mm-smtpd --no-policy -l "unix:$T/smtp" \
	-l "unix:$T/no/smtp" -- "$answer"
not_ok 'what was made before is removed' test -e "$T/smtp"

# Passed descriptors

port_of() { # NAME LINE
	wait_for "$1 listens" test -s "$T/$1.port" && sed -n "$2s/.* //p" "$T/$1.port"
}
start tcp "$T/listening" AF_INET 127.0.0.1 mm-smtpd -l fd:7 --no-policy --hostname mx.test \
	--port-file "$T/tcp.port" -- "$answer" "$T/stored"
port=$(port_of tcp 1)
: >"$T/stored"
is 'a socket that listens already' "$(message | talk | tail -n 1)" '250 2.0.0 stored'
is 'its record names the client' "$(stored | grep -a ^client-ip)" 'client-ip: 127.0.0.1'
stop tcp
is 'it ends with 0' $? 0

start local "$T/listening" AF_UNIX "$T/passed" mm-smtpd -l 127.0.0.1:0 -l tls:fd:7 --no-policy \
	--cert "$T/cert.pem" --key "$T/key.pem" --port-file "$T/local.port" -- "$answer"
is 'passed ones are told first' "$(port_of local 1)" "$T/passed"
is 'TLS on it' "$( (printf '%s\n' @hello @tls @read && message) | talk "$T/passed" |
	sed -n '1p;$p')" '<TLSv1.3>
250 2.0.0 stored'
stop local
ok 'a passed path is not ours to remove' test -S "$T/passed"

start abstract "$T/listening" AF_UNIX "@mm-test-$$" mm-smtpd -l fd:7 --no-policy \
	--port-file "$T/abstract.port" -- "$answer"
is 'an abstract socket' "$(port_of abstract 1)" "@mm-test-$$"
stop abstract

# What is wrong

refused() { # NAME EXPECTED COMMAND...
	local name=$1 expected=$2
	shift 2
	exit_is "$name" 75 "$@" --no-policy -- "$answer"
	like 'which is said' "$(cat "$T/.err")" "$expected"
}
refused 'a closed descriptor' 'fd:9: expected a listening stream socket' mm-smtpd -l fd:9
refused 'a file' 'fd:0: expected a listening stream socket' mm-smtpd -l fd:0 </dev/null
refused 'twice the same' 'fd:7: expected it once' \
	"$T/listening" AF_INET 127.0.0.1 mm-smtpd -l fd:7 -l tls:fd:7 --cert "$T/cert.pem" --key "$T/key.pem"
refused 'a socket that does not listen' 'fd:5: expected a listening stream socket' \
	python3 -c 'import os, socket, sys
s = socket.socket()
os.dup2(s.fileno(), 5)
os.execvp(sys.argv[1], sys.argv[1:])' mm-smtpd -l fd:5
refused 'datagrams' 'fd:5: expected a listening stream socket' \
	python3 -c 'import os, socket, sys
s = socket.socket(type=socket.SOCK_DGRAM)
os.dup2(s.fileno(), 5)
os.execvp(sys.argv[1], sys.argv[1:])' mm-smtpd -l fd:5
refused 'no number' 'fd:x: expected the number of a descriptor' mm-smtpd -l fd:x
refused 'no path' 'expected a path of 1 to 107 octets' mm-smtpd -l unix:
refused 'none of these' 'expected ADDR:PORT, .*, unix:PATH, fd:N or systemd' mm-smtpd -l smtp
refused 'nothing from systemd' 'expected \$LISTEN_PID to be [0-9]+ and \$LISTEN_FDS' \
	mm-smtpd -l systemd
refused "another process's" 'expected \$LISTEN_PID to be [0-9]+ and \$LISTEN_FDS' \
	env LISTEN_PID=1 LISTEN_FDS=1 mm-smtpd -l systemd

done_testing
