#!/bin/bash
# What must not get through: smuggling, injection, early talkers, floods.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3 openssl

certificate
smtpd main --no-policy --cert "$T/cert.pem" --key "$T/key.pem" -- "$answer" "$T/stored"

# Mail data with each way to write an end that is none.  Whatever follows it must
# never be read as commands.
smuggle() { # NAME BYTES REPLY
	is "$1" "$(talk <<END | tail -n 2
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
DATA
@raw 'Subject: x\r\n\r\nbody$2MAIL FROM:<evil@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nevil\r\n.\r\n'
@read 2
END
)" "$3
<eof>"
}
lf='554 5.6.0 bare LF in the message, lines end in CRLF'
cr='554 5.6.0 bare CR in the message, lines end in CRLF'
: >"$T/stored"
smuggle 'LF . LF' '\n.\n' "$lf"
smuggle 'LF . CRLF' '\n.\r\n' "$lf"
smuggle 'CRLF . LF' '\r\n.\n' "$lf"
smuggle 'CRLF . CR' '\r\n.\r' "$cr"
smuggle 'CR . CRLF' '\r.\r\n' "$cr"
smuggle 'CR . CR' '\r.\r' "$cr"
smuggle 'CR . LF' '\r.\n' "$cr"
smuggle 'LF . CR' '\n.\r' "$lf"
smuggle 'CR CRLF . CRLF' '\r\r\n.\r\n' "$cr"
smuggle 'CRLF . CR CRLF' '\r\n.\r\r\n' "$cr"
smuggle 'CRLF NUL . CRLF' '\r\n\x00.\r\n' '554 5.6.0 NUL in the message'
smuggle 'CRLF . NUL CRLF' '\r\n.\x00\r\n' '554 5.6.0 NUL in the message'
is 'none of these was handed on' "$(cat "$T/stored")" ''
like 'nor counted' "$(logged main 'end=bare-lf' | head -n 1)" 'messages=0'

is 'a message in single octets' "$(talk <<'END' | tail -n 1
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
DATA
@drip 0.001 'Subject: x\r\n\r\n..\r\n.x\r\n\r\n.\r\n'
@read
END
)" '250 2.0.0 stored'
is 'arrives whole' "$(tail -n 4 "$T/stored" | cat -A)" '^M$
.^M$
x^M$
^M$'

# Commands

ends() { # NAME BYTES REPLY: after EHLO
	is "$1" "$(talk <<END | tail -n 2
EHLO me.example
@raw '$2'
@read 2
END
)" "$3
<eof>"
}
ends 'a command that ends in LF' 'NOOP\n' '500 5.5.2 commands end in CRLF'
ends 'a CR within a command' 'NO\rOP\r\n' '500 5.5.2 bare CR in a command'
ends 'a NUL within a command' 'NO\x00OP\r\n' '500 5.5.2 NUL in a command'
ends 'HTTP' 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' '502 5.7.0 this is a mail server'
ends 'commands behind STARTTLS' 'STARTTLS\r\nEHLO evil.example\r\n' \
	'554 5.5.0 wait for the reply before you go on'
ends 'commands behind EHLO' 'EHLO me.example\r\nMAIL FROM:<a@b.example>\r\n' \
	'554 5.5.0 wait for the reply before you go on'
is 'text behind DATA' "$(talk <<'END' | tail -n 2
EHLO me.example
@raw 'MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nSubject: x\r\n.\r\n'
@read 4
END
)" '554 5.5.0 wait for the reply before you go on
<eof>'
is 'an overlong command' "$(talk <<'END' | tail -n 2
EHLO me.example
@times 5000 'x'
@read 2
END
)" '554 5.5.2 line is too long
<eof>'
# TLS

is 'plain octets where a handshake is due' "$(talk <<'END' | tail -n 2
EHLO me.example
STARTTLS
@raw 'EHLO evil.example\r\n'
@eof
END
)" '220 2.0.0 ready to start TLS
<eof>'
is 'STARTTLS forgets what was said before' "$(talk <<'END' | sed '1,/^250-STARTTLS/d'
EHLO me.example
@starttls
MAIL FROM:<a@b.example>
STARTTLS
EHLO me.example
STARTTLS
QUIT
END
)" '250 HELP
220 2.0.0 ready to start TLS
<TLSv1.3>
503 5.5.1 say EHLO first
503 5.5.1 say EHLO first
250-mx.test
250-PIPELINING
250-SIZE 41943040
250-8BITMIME
250-BINARYMIME
250-CHUNKING
250-SMTPUTF8
250-ENHANCEDSTATUSCODES
250-DSN
250-LIMITS RCPTMAX=100
250-REQUIRETLS
250 HELP
503 5.5.1 TLS is on already
221 2.0.0 bye'
is 'a message over TLS 1.2' "$(talk <<'END' | tail -n 1
EHLO me.example
@starttls 1.2
EHLO me.example
MAIL FROM:<a@b.example> REQUIRETLS=1
MAIL FROM:<a@b.example> REQUIRETLS
RCPT TO:<c@d.example>
DATA
@send Subject: x
.
END
)" '250 2.0.0 stored'
is 'says so in its record' "$(stored | tail -n 12 | grep -a '^tls:\|^mail-from')" 'tls: TLSv1.2
mail-from: <a@b.example> REQUIRETLS'
like 'openssl s_client agrees' "$(printf 'QUIT\r\n' |
	openssl s_client -starttls smtp -connect "127.0.0.1:$port" -brief -quiet 2>&1)" \
	'221 2.0.0 bye'

# Early talkers

smtpd patient --no-policy --greet-delay 300ms -- "$answer"
is 'a client that speaks before the greeting' "$(talk <<'END'
@hello
EHLO me.example
@eof
END
)" '554 5.5.0 wait for the greeting before you speak
<eof>'

# Loops, lines, numbers

smtpd small --no-policy --max-hops 3 --max-line 1000 --max-connections 3 --max-per-address 2 \
	--timeout 700ms -- "$answer"
message() {
	talk <<END | tail -n 2
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
DATA
@raw '$1\r\n.\r\n'
@read
NOOP
END
}
hop='Received: from x\r\n\tby y\r\n'
is 'a message at the hop limit' "$(message "${hop}${hop}x: y\r\n\r\nReceived: in the body")" \
	'250 2.0.0 stored
250 2.0.0 ok'
is 'a message in a loop' "$(message "${hop}${hop}${hop}x: y")" \
	'554 5.4.6 too many hops, this message is going in circles
250 2.0.0 ok'
long=$(printf 'x%.0s' {1..1001})
is 'a line at its limit' "$(message "${long:1}")" '250 2.0.0 stored
250 2.0.0 ok'
is 'an overlong line' "$(message "$long")" '554 5.6.0 message has a line that is too long
250 2.0.0 ok'
is 'a client that says nothing' "$(talk <<'END'
@eof
@eof
END
)" '220 mx.test ESMTP mm-smtpd
421 4.4.2 timeout
<eof>'
is 'a client that says it one octet at a time' "$(talk <<'END'
@drip 0.2 'NOOP xxx\r\n'
@read 2
END
)" '220 mx.test ESMTP mm-smtpd
421 4.4.2 timeout
<eof>'
is 'connections from one address' "$(python3 - "$port" <<'END'
import socket, sys
a = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(3)]
print("".join(s.makefile().readline() for s in a), end="")
END
)" '220 mx.test ESMTP mm-smtpd
220 mx.test ESMTP mm-smtpd
421 4.7.0 too many connections, try again later'

# Floods

smtpd flood --no-policy --max-recipients 100000 --max-size 100000 -- "$answer"
# What a client does not read, with the smallest buffers there are, fills the
# server's; what it then sends must not keep the server busy.
is 'a client that sends and does not read costs nothing' "$(python3 - "$port" "$(cat "$T/flood.pid")" <<'END'
import socket, sys, time
def cpu():
    f = open("/proc/%s/stat" % sys.argv[2]).read().rpartition(")")[2].split()
    return int(f[11]) + int(f[12])
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
s.connect(("127.0.0.1", int(sys.argv[1])))
f = s.makefile()
f.readline()
s.sendall(b"EHLO me.example\r\n")
while f.readline()[3] != " ": pass
s.settimeout(0.5)
try:
    s.sendall(b"MAIL FROM:<a@b.example>\r\n" + b"RCPT TO:<>\r\n" * 1000000)
except TimeoutError:
    pass
used = 100
for _ in range(20):
    before = cpu()
    time.sleep(0.3)
    used = min(used, cpu() - before)
    if used < 5: break
s.setblocking(False)
try:
    while s.recv(65536): pass
    print("cut off")
except BlockingIOError:
    print("idle" if used < 5 else "busy")
END
)" idle
is 'a message far over the limit is not read to its end' "$(talk <<'END' | tail -n 2
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
DATA
@times 210000 'x'
@read 2
END
)" '552 5.3.4 message is far too big
<eof>'
like 'which is logged' "$(logged flood 'end=too-big')" 'messages=0'

smtpd slowpolicy --policy 'exec sleep 60' --policy-timeout 5s --max-recipients 20 -- "$answer"
is 'recipients behind one that waits do not pile up' "$(python3 - "$port" <<'END'
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
s.connect(("127.0.0.1", int(sys.argv[1])))
f = s.makefile()
f.readline()
s.sendall(b"EHLO me.example\r\n")
while f.readline()[3] != " ": pass
s.settimeout(1)
try:
    s.sendall(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n" + b"RCPT TO:<>\r\n" * 1000000)
    print("all was read")
except TimeoutError:
    print("held back")
END
)" 'held back'

# The dialogues of another server's tests

if [ -d "$testdata/smtp/dialogues" ]; then
	echo secretpassword | mm-smtpd passwd user@testserver >"$T/credentials"
	chmod 600 "$T/credentials"
	smtpd dialogues --no-policy --max-size 1048550 --auth-delay 0 --max-line 2000 \
		--cert "$T/cert.pem" --key "$T/key.pem" --credentials "$T/credentials" \
		-- "$answer" "$T/stored"
	"$top/tests/tools/smtp-dialogue.py" "$port" "$testdata"/smtp/dialogues/*.cmy >"$T/dialogues"
	# We hand on what its author would refuse: a header line without a colon.
	is 'SMTP dialogues' "$(grep -v ' ok$' "$T/dialogues")" \
		'bad_data.cmy 35: expected 554 5.6.0 Error parsing message, got 250 2.0.0 stored'
else
	skip 'SMTP dialogues' "no $testdata/smtp/dialogues"
fi

done_testing
