#!/bin/bash
# Started as systemd's socket units and s6-ipcserver start a server.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3

message() {
	printf '%s\n' 'EHLO me.example' 'MAIL FROM:<a@b.example>' 'RCPT TO:<c@d.example>' \
		DATA '@send Subject: x' .
}

# Socket units: an internet socket on 3, a unix socket on 4

start unit python3 -c '
import os, socket, sys
tcp = socket.create_server(("127.0.0.1", 0))
local = socket.socket(socket.AF_UNIX)
local.bind(sys.argv[1])
local.listen(16)
for passed, number in (local, 21), (tcp, 20):
    os.dup2(passed.fileno(), number)
for number in 3, 4:
    os.dup2(number + 17, number)
    os.close(number + 17)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="a:b")
os.execvp(sys.argv[2], sys.argv[2:])' "$T/smtp" \
	mm-smtpd -l systemd --no-policy --hostname mx.test --port-file "$T/unit.port" -- \
	sh -c "env >$T/env; ls -l /proc/self/fd >$T/fds; exec $answer $T/stored"
wait_for 'it listens' test -s "$T/unit.port" || done_testing
is 'on both' "$(sed 's/ [0-9]*$/ PORT/' "$T/unit.port")" "127.0.0.1 PORT
unix $T/smtp"
port=$(sed -n '1s/.* //p' "$T/unit.port")
is 'the internet socket' "$(message | talk | tail -n 1)" '250 2.0.0 stored'
is 'the unix socket' "$(message | talk "$T/smtp" | tail -n 1)" '250 2.0.0 stored'
is 'the records' "$(stored | grep -aE '^(client-ip|helo)')" 'client-ip: 127.0.0.1
helo: me.example
helo: me.example'
is 'the handler sees nothing of it' "$(grep -c ^LISTEN_ "$T/env")" 0
is 'and has no listening socket' "$(grep -c socket: "$T/fds")" 0
stop unit
is 'SIGTERM ends it with 0' $? 0
ok "the socket is the unit's to remove" test -S "$T/smtp"

# s6-ipcserver: a connected unix socket on 0 and 1, and no address in the environment

: >"$T/stored"
start ipcserver env -u TCPREMOTEIP PROTO=IPC IPCREMOTEEUID=0 python3 -c '
import socket, subprocess, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(16)
while True:
    client, _ = s.accept()
    subprocess.Popen(sys.argv[2:], stdin=client, stdout=client)
    client.close()' "$T/ipc" mm-smtpd --no-policy --hostname mx.test -- "$answer" "$T/stored"
wait_for 'ipcserver listens' test -S "$T/ipc" || done_testing
is 'a session' "$( (message && printf '%s\n' QUIT @eof) | talk "$T/ipc" | tail -n 3)" \
	'250 2.0.0 stored
221 2.0.0 bye
<eof>'
is 'its record names no client' "$(stored | sed -n '/^received/,/^rcpt-to/p')" 'received: TIME
helo: me.example
protocol: ESMTP
mail-from: <a@b.example>
rcpt-to: <c@d.example>'
like 'the log is on standard error' "$(logged ipcserver msg=session)" ' end=quit .*messages=1 '

done_testing
