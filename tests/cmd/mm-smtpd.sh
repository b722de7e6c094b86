#!/bin/bash
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3

# Descriptors 0 and 1

printf '%s\r\n' 'EHLO me.example' 'MAIL FROM:<a@b.example> SIZE=20 BODY=8BITMIME' \
	'RCPT TO:<c@d.example>' 'RCPT TO: e@d.example' DATA 'Subject: hi' '' '..dot' '.' \
	QUIT >"$T/session"
is 'a session on standard input' \
	"$(mm-smtpd --no-policy --hostname mx.test -- "$answer" "$T/stored" <"$T/session" 2>"$T/err" | tr -d '\r')" \
	'220 mx.test ESMTP mm-smtpd
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
250 HELP
250 2.1.0 sender ok
250 2.1.5 recipient ok
250 2.1.5 recipient ok
354 end the message with a dot on a line of its own
250 2.0.0 stored
221 2.0.0 bye'
is 'the record that the handler got' "$(stored)" 'mail 1 N
id: ULID
session: ULID
received: TIME
helo: me.example
protocol: ESMTP
mail-from: <a@b.example> SIZE=20 BODY=8BITMIME
rcpt-to: <c@d.example>
rcpt-to: <e@d.example>

Received: from me.example
	by mx.test (mm-smtpd) with ESMTP id ULID;
	DATE
Subject: hi

.dot'
is 'one log line a message, one a session' \
	"$(sed -E 's/[0-9A-HJKMNP-TV-Z]{26}/ULID/g; s/(duration-ms=)[0-9]+/\1N/' "$T/err")" \
	'level=info prog=mm-smtpd msg=message id=ULID session=ULID helo=me.example mail-from="<a@b.example> SIZE=20 BODY=8BITMIME" rcpt-to=<c@d.example> rcpt-to=<e@d.example> size=21 status=ok reply="250 2.0.0 stored" duration-ms=N
level=info prog=mm-smtpd msg=session session=ULID helo=me.example end=quit commands=6 messages=1 refused=0 errors=0 duration-ms=N'

exit_is 'neither policy nor ingress point: no open relay by accident' 75 \
	mm-smtpd -- "$answer"
exit_is 'no handler' 75 mm-smtpd --no-policy
exit_is 'an unknown option' 75 mm-smtpd --no-policy --frobnicate -- "$answer"
exit_is 'help' 0 mm-smtpd --help
exit_is 'a size that is none' 75 mm-smtpd --no-policy --max-size lots -- "$answer"
exit_is 'TLS required without a certificate' 75 \
	mm-smtpd -C "$T" --no-policy --require-tls -- "$answer"
exit_is 'a log that cannot be written' 75 mm-smtpd --no-policy --log "$T/no/log" -- "$answer"
like 'which is said' "$(mm-smtpd --no-policy --log "$T/no/log" -- "$answer" 2>&1)" \
	'--log .*: No such file or directory'
exit_is 'a port that is none' 75 mm-smtpd --no-policy -l 127.0.0.1:99999 -- "$answer"

# Commands

smtpd main --no-policy --max-recipients 3 --max-size 5000 --max-errors 8 -- "$answer" "$T/stored"
is 'what comes at the wrong time, and what is not understood' "$(talk <<'END'
MAIL FROM:<a@b.example>
HELO
EHLO me.example
RCPT TO:<c@d.example>
DATA
FROB
DATA now
END
)" '220 mx.test ESMTP mm-smtpd
503 5.5.1 say EHLO first
501 5.5.4 expected the name of your host
250-mx.test
250-PIPELINING
250-SIZE 5000
250-8BITMIME
250-BINARYMIME
250-CHUNKING
250-SMTPUTF8
250-ENHANCEDSTATUSCODES
250-DSN
250-LIMITS RCPTMAX=3
250 HELP
503 5.5.1 say MAIL first
503 5.5.1 say MAIL first
500 5.5.2 unknown command
503 5.5.1 say MAIL first'

is 'MAIL' "$(talk <<'END'
HELO me.example
MAIL FROM:<a@b.example> SIZE=1
EHLO [127.0.0.1]
MAIL TO:<a@b.example>
MAIL FROM:<a@b@c>
MAIL FROM:<a@b.example> SIZE=5001
MAIL FROM:<a@b.example> SIZE=5000 BODY=7BIT
MAIL FROM:<a@b.example>
RSET
MAIL FROM:<a@b.example> BODY=9BIT
MAIL FROM:<a@b.example> REQUIRETLS
MAIL FROM:<ä@b.example>
END
)" '220 mx.test ESMTP mm-smtpd
250 mx.test
555 5.5.4 say EHLO
250-mx.test
250-PIPELINING
250-SIZE 5000
250-8BITMIME
250-BINARYMIME
250-CHUNKING
250-SMTPUTF8
250-ENHANCEDSTATUSCODES
250-DSN
250-LIMITS RCPTMAX=3
250 HELP
501 5.5.4 expected MAIL FROM:<address>
501 5.1.7 expected a sender such as <alice@example.org>
552 5.3.4 message is too big
250 2.1.0 sender ok
503 5.5.1 a message is under way already
250 2.0.0 ok
501 5.5.4 expected BODY=7BIT, 8BITMIME or BINARYMIME
555 5.5.4 unknown parameter
553 5.6.7 the address needs SMTPUTF8'

: >"$T/stored"
is 'RCPT, and the null sender, source routes, UTF-8' "$(talk <<'END'
HELO me.example
EHLO me.example
MAIL FROM:<> SMTPUTF8
RCPT TO:<>
RCPT TO:<@relay.example,@b.example:postmaster>
RCPT TO:<@relay.example:c@d.example>
RCPT TO:<ü@d.example>
RCPT TO:<d@d.example>
DATA
@send Subject: x
.
NOOP
VRFY postmaster
HELP
EXPN all
QUIT
@eof
END
)" '220 mx.test ESMTP mm-smtpd
250 mx.test
250-mx.test
250-PIPELINING
250-SIZE 5000
250-8BITMIME
250-BINARYMIME
250-CHUNKING
250-SMTPUTF8
250-ENHANCEDSTATUSCODES
250-DSN
250-LIMITS RCPTMAX=3
250 HELP
250 2.1.0 sender ok
501 5.1.3 expected a recipient such as <bob@example.org>
250 2.1.5 recipient ok
250 2.1.5 recipient ok
250 2.1.5 recipient ok
452 4.5.3 too many recipients
354 end the message with a dot on a line of its own
250 2.0.0 stored
250 2.0.0 ok
252 2.1.5 send some mail and see
214 2.0.0 see RFC 5321
502 5.5.1 there are no lists here
221 2.0.0 bye
<eof>'
is 'the envelope of that' "$(stored | sed -n '/^protocol/,/^rcpt-to: <ü/p')" \
	'protocol: UTF8SMTP
mail-from: <> SMTPUTF8
rcpt-to: <postmaster>
rcpt-to: <c@d.example>
rcpt-to: <ü@d.example>'
is 'replies to pipelined commands' "$(talk <<'END' | tail -n 5
EHLO me.example
@raw 'MAIL FROM:<a@b.example>\r\nRCPT TO:<>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n'
@read 4
@raw 'x\r\n.\r\n'
@read
END
)" '250 2.1.0 sender ok
501 5.1.3 expected a recipient such as <bob@example.org>
250 2.1.5 recipient ok
354 end the message with a dot on a line of its own
250 2.0.0 stored'
is 'a list of recipients longer than a message may have' "$(talk <<'END' | tail -n 13
EHLO me.example
@raw 'MAIL FROM:<a@b.example>\r\nRCPT TO:<1@d.example>\r\nRCPT TO:<2@d.example>\r\nRCPT TO:<3@d.example>\r\nRCPT TO:<4@d.example>\r\nRCPT TO:<5@d.example>\r\nRCPT TO:<6@d.example>\r\nRCPT TO:<7@d.example>\r\nRCPT TO:<8@d.example>\r\nDATA\r\n'
@read 10
@send Subject: x
.
MAIL FROM:<a@b.example> =x
MAIL FROM:<a@b.example> AUTH=<>
END
)" '250 2.1.0 sender ok
250 2.1.5 recipient ok
250 2.1.5 recipient ok
250 2.1.5 recipient ok
452 4.5.3 too many recipients
452 4.5.3 too many recipients
452 4.5.3 too many recipients
452 4.5.3 too many recipients
452 4.5.3 too many recipients
354 end the message with a dot on a line of its own
250 2.0.0 stored
555 5.5.4 unknown parameter
555 5.5.4 unknown parameter'

# What a sender wants to be told, RFC 3461

: >"$T/stored"
is 'RET and ENVID, NOTIFY and ORCPT' "$(talk <<'END' | tail -n 9
EHLO me.example
MAIL FROM:<a@b.example> RET=HDRS ENVID=a+2Bb=c
MAIL FROM:<a@b.example> RET=HDRS RET=FULL
MAIL FROM:<a@b.example> NOTIFY=NEVER
MAIL FROM:<a@b.example> RET=HDRS ENVID=a+2Bb
RCPT TO:<c@d.example> NOTIFY=NEVER,DELAY
RCPT TO:<c@d.example> ORCPT=rfc822;c@d.example orcpt=rfc822;e@d.example
RCPT TO:<c@d.example>  NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c+2Bx@d.example
DATA
@send Subject: x
.
END
)" '501 5.5.4 expected ENVID=xtext of 1 to 100 characters
501 5.5.4 RET and ENVID are given once
555 5.5.4 unknown parameter
250 2.1.0 sender ok
501 5.5.4 expected NOTIFY=NEVER or some of SUCCESS,FAILURE,DELAY
501 5.5.4 NOTIFY and ORCPT are given once
250 2.1.5 recipient ok
354 end the message with a dot on a line of its own
250 2.0.0 stored'
is 'are kept in the record, and not in the Received field' \
	"$(stored | grep -aE '^(mail-from|rcpt-to)|	for')" \
	'mail-from: <a@b.example> RET=HDRS ENVID=a+2Bb
rcpt-to: <c@d.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c+2Bx@d.example
	for <c@d.example>;'
is 'none of the one is taken for one of the other' "$(talk <<'END' | tail -n 1
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example> RET=FULL
END
)" '555 5.5.4 unknown parameter'
is 'not after HELO' "$(talk <<'END' | tail -n 1
HELO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example> NOTIFY=NEVER
END
)" '555 5.5.4 say EHLO'
is 'too many errors' "$(talk <<'END' | tail -n 3
FROB
FROB
FROB
FROB
FROB
FROB
FROB
FROB
@read 2
END
)" '500 5.5.2 unknown command
421 4.7.0 too many errors
<eof>'
is 'a message bigger than it may be' "$(talk <<'END' | tail -n 2
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
DATA
@times 5000 'x'
@raw '\r\n.\r\n'
@read
NOOP
END
)" '552 5.3.4 message is too big
250 2.0.0 ok'

# The handler's outcome

outcome() {
	talk <<END | tail -n 2
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<$1@x.example>
DATA
@send Subject: x
.
NOOP
END
}
is 'permfail' "$(outcome perm)" '550 5.1.1 no such user
250 2.0.0 ok'
is 'tempfail' "$(outcome temp)" '451 4.3.0 the disk is full
250 2.0.0 ok'
is 'a 250 that the status does not bear out' "$(outcome liar)" '451 4.3.0 try again later
250 2.0.0 ok'
is 'no status: nothing is acknowledged by accident' "$(outcome silent)" '451 4.3.0 try again later
250 2.0.0 ok'
is 'results apart: the worst is the answer' "$(outcome mixed)" '451 4.2.1 two
250 2.0.0 ok'
like 'a handler that dies' "$(outcome die)" $'^451 4.3.0 handler [^\n]*\n250 2.0.0 ok$'
is 'and one that is there again' "$(outcome bob)" '250 2.0.0 stored
250 2.0.0 ok'

# Clients that leave

: >"$T/stored"
talk >/dev/null <<'END'
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
DATA
@send Subject: cut off
@close
END
like 'in the middle of a message' "$(logged main 'end=eof commands=4')" 'messages=0'
is 'nothing is handed on' "$(cat "$T/stored")" ''

# Stopping

printf '%s\n' 'EHLO me.example' 'MAIL FROM:<a@b.example>' '@read 2' >"$T/waiting"
(talk <"$T/waiting" >"$T/waiting.out") &
client=$!
ok 'a session waits' wait_for 'the client' grep -q 'sender ok' "$T/waiting.out"
stop main
is "SIGTERM ends it with 0" $? 0
wait $client
is 'and tells a session that waits' "$(tail -n 2 "$T/waiting.out")" \
	'421 4.3.2 service is stopping, try again later
<eof>'

smtpd slow --no-policy --handler-timeout 1s -- "$answer" "$T/hung"
is 'a handler that hangs is answered for in time' "$(outcome hang)" \
	'451 4.3.0 handler gave no answer in time
250 2.0.0 ok'

# Once the handler has it: a reset may take with it what has not been read.
: >"$T/hung"
talk >/dev/null <<END
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<hang@d.example>
DATA
@raw 'Subject: x\r\n.\r\n'
@wait $T/hung
@reset
END
like 'the outcome is logged also when the client has gone' "$(logged slow client=gone)" \
	'msg=message .* rcpt-to=<hang@d.example> .* status=tempfail'

# Spooled ones

smtpd spool --no-policy -- "$answer" "$T/large"
head -c 3000000 /dev/urandom | base64 >"$T/body"
ok 'a large message' python3 - "$port" "$T/body" <<'END'
import smtplib, sys
s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
s.sendmail("a@b.example", ["c@d.example"], "Subject: x\r\n\r\n" + open(sys.argv[2]).read())
s.quit()
END
is 'arrives whole' "$(sed '1,/^Subject: x/d' "$T/large" | tr -d '\r' | tail -n +2 | md5sum)" \
	"$(md5sum <"$T/body")"

done_testing
