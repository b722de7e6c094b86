#!/bin/bash
# mm-smtpd -L: LMTP, RFC 2033.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3

smtpd main -L --no-policy --max-recipients 5 --max-size 5000 -- "$answer" "$T/stored"
is 'a reply for each recipient that was taken, with the outcome of each' "$(talk <<'END'
EHLO me.example
MAIL FROM:<a@b.example>
LHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<mixed@x.example>
RCPT TO:<b@x.example> NOTIFY=NEVER
RCPT TO: nobody@
RCPT TO:<d@x.example>
RCPT TO:<c@x.example>
DATA
@raw 'Subject: x\r\n.\r\nNOOP\r\n'
@read 5
QUIT
END
)" '220 mx.test LMTP mm-smtpd
500 5.5.1 this is LMTP, say LHLO
503 5.5.1 say LHLO first
250-mx.test
250-PIPELINING
250-SIZE 5000
250-8BITMIME
250-BINARYMIME
250-CHUNKING
250-SMTPUTF8
250-ENHANCEDSTATUSCODES
250-DSN
250-LIMITS RCPTMAX=5
250 HELP
250 2.1.0 sender ok
250 2.1.5 recipient ok
250 2.1.5 recipient ok
501 5.1.3 expected RCPT TO:<address>
250 2.1.5 recipient ok
250 2.1.5 recipient ok
354 end the message with a dot on a line of its own
250 2.0.0 one
451 4.2.1 two
451 4.2.1 two
550 5.1.1 three
250 2.0.0 ok
221 2.0.0 bye'
is 'the record says LMTP' "$(stored | sed -n 's/^protocol: //p; s/.*\(with LMTP id\).*/\1/p')" \
	'LMTP
with LMTP id'

is 'a message that is refused is refused for each' "$(talk <<'END' | sed '1,/^354/d'
LHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
RCPT TO:<e@d.example>
DATA
@times 600 '123456789\r\n'
@send .
@read 2
NOOP
END
)" '552 5.3.4 message is too big
552 5.3.4 message is too big
250 2.0.0 ok'
is 'BDAT: one to each chunk, to the last as many as recipients' "$(talk <<'END' | tail -n 7
LHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
RCPT TO:<e@d.example>
@raw 'BDAT 11\r\nSubject: x\rBDAT 1 LAST\r\n\nNOOP\r\n'
@read 4
DATA
QUIT
END
)" '250 2.1.5 recipient ok
250 2.0.0 11 octets received
250 2.0.0 stored
250 2.0.0 stored
250 2.0.0 ok
503 5.5.1 say MAIL first
221 2.0.0 bye'
is 'a chunk that makes it too big: one' "$(talk <<'END' | tail -n 2
LHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
RCPT TO:<e@d.example>
@raw 'BDAT 5001\r\n'
@times 5001 'x'
@read
NOOP
END
)" '552 5.3.4 message is too big
250 2.0.0 ok'
is "Python's client" "$(python3 - "$port" <<'END'
import smtplib, sys
s = smtplib.LMTP("127.0.0.1", int(sys.argv[1]))
print(s.sendmail("a@b.example", ["mixed@x.example"], "Subject: x\r\n\r\nx\r\n"))
END
)" '{}'
mm-relay --to "lmtp:127.0.0.1:$port" --mail-from a@b.example --rcpt-to mixed@x.example \
	--rcpt-to b@x.example --rcpt-to c@x.example <(printf 'Subject: x\n\nx\n') >"$T/out" 2>"$T/err"
is 'mm-relay' "$(grep -a '^result: ' "$T/out")" 'result: <mixed@x.example> ok 250 2.0.0 one
result: <b@x.example> tempfail 451 4.2.1 two
result: <c@x.example> permfail 550 5.1.1 three'

is 'SMTP knows no LHLO' "$(printf 'LHLO x\r\nQUIT\r\n' |
	mm-smtpd --no-policy --hostname mx.test -- "$answer" 2>/dev/null | tr -d '\r')" \
	'220 mx.test ESMTP mm-smtpd
500 5.5.1 this is SMTP, say EHLO
221 2.0.0 bye'
done_testing
