#!/bin/bash
# BDAT, RFC 3030.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3

begin="EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>"
binary="EHLO me.example
MAIL FROM:<a@b.example> BODY=BINARYMIME
RCPT TO:<c@d.example>"

# The replies after that to RCPT.
replies() {
	: >"$T/stored"
	talk | sed '1,/^250 2.1.5/d'
}

body() {
	python3 -c '
import sys
raw = open(sys.argv[1], "rb").read()
print(repr(raw[raw.index(b"Subject:"):]) if b"Subject:" in raw else "none")' "$T/stored"
}

smtpd main --no-policy --max-size 5000 --max-line 998 -- "$answer" "$T/stored"

is 'one chunk, without an end of line' "$(replies <<END
$begin
@raw 'BDAT 17 LAST\r\nSubject: hi\r\n\r\nho'
@read
END
)" '250 2.0.0 stored'
is 'is the message' "$(body)" "b'Subject: hi\\r\\n\\r\\nho'"
is 'the record' "$(stored | sed -n '/^protocol/,$p')" 'protocol: ESMTP
mail-from: <a@b.example>
rcpt-to: <c@d.example>

Received: from me.example ([127.0.0.1])
	by mx.test (mm-smtpd) with ESMTP id ULID
	for <c@d.example>;
	DATE
Subject: hi

ho'

is 'chunks that split a CRLF, an empty last one, dots, all in one write' "$(replies <<END
$begin
@raw 'BDAT 12\r\nSubject: hi\rBDAT 7\r\n\n\r\n.\r\n.BDAT 2\r\n\r\nBDAT 0 LAST\r\nNOOP\r\n'
@read 5
END
)" '250 2.0.0 12 octets received
250 2.0.0 7 octets received
250 2.0.0 2 octets received
250 2.0.0 stored
250 2.0.0 ok'
is 'are the message' "$(body)" "b'Subject: hi\\r\\n\\r\\n.\\r\\n.\\r\\n'"

is 'one octet at a time' "$(replies <<END
$begin
@drip 0 'BDAT 12 last\r\nSubject: x\r\nNOOP\r\n'
@read 2
END
)" '250 2.0.0 stored
250 2.0.0 ok'
for odd in 'a\nb' 'a\n.\nb' 'a\rb' 'a\0b' 'ab\n' '\nab' 'abc\r'; do
	n=$(printf '%b' "$odd" | wc -c)
	is "text is text: $odd" "$(replies <<END
$begin
@raw 'BDAT $((12 + n)) LAST\r\nSubject: x\r\n${odd}NOOP\r\n'
@read 2
END
)" '554 5.6.0 bare CR, bare LF or NUL in the message, and no BODY=BINARYMIME
250 2.0.0 ok'
	is 'and is not handed on' "$(body)" none
done

is 'BINARYMIME takes all of it' "$(replies <<END
$binary
@raw 'BDAT 22 LAST\r\nSubject: x\r\n\r\n\0\r\n.\n\r.x'
@read
END
)" '250 2.0.0 stored'
is 'as it is' "$(body)" "b'Subject: x\\r\\n\\r\\n\\x00\\r\\n.\\n\\r.x'"
is 'but for the header' "$(replies <<END
$binary
@raw 'BDAT 18 LAST\r\nSubject: \0x\r\n\r\nabc'
@read
END
)" '554 5.6.0 bare CR, bare LF or NUL in the header'
is 'and not by DATA' "$(replies <<END
$binary
DATA
@raw 'BDAT 10 LAST\r\nSubject: x'
@read
END
)" '503 5.5.1 BODY=BINARYMIME needs BDAT
250 2.0.0 stored'

is 'a chunk at the wrong time is thrown away, whatever it says' "$(talk <<'END' | tail -n 7
EHLO me.example
@raw 'BDAT 12\r\nMAIL FROM:<>BDAT 6 LAST\r\nQUIT\r\n'
@read 2
MAIL FROM:<a@b.example>
@raw 'BDAT 6 LAST\r\nRSET\r\nNOOP\r\n'
@read 2
@raw 'RCPT TO:<c@d.example>\r\nNOOP\r\n'
@read 2
END
)" "503 5.5.1 say MAIL first
503 5.5.1 say MAIL first
250 2.1.0 sender ok
503 5.5.1 say RCPT first
250 2.0.0 ok
503 5.5.1 say MAIL first
250 2.0.0 ok"

is 'neither DATA nor RCPT nor MAIL once it has begun; RSET forgets it' "$(replies <<END
$begin
@raw 'BDAT 6\r\nfirst '
@read
DATA
RCPT TO:<e@d.example>
MAIL FROM:<a@b.example>
RSET
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
@raw 'BDAT 10 LAST\r\nSubject: 2'
@read
END
)" '250 2.0.0 6 octets received
503 5.5.1 the message has begun already
503 5.5.1 the message has begun already
503 5.5.1 a message is under way already
250 2.0.0 ok
250 2.1.0 sender ok
250 2.1.5 recipient ok
250 2.0.0 stored'
is 'and only the other is handed on' "$(body)" "b'Subject: 2'"

is 'too big in all, noticed with the chunk that makes it so' "$(replies <<END
$begin
@raw 'BDAT 4000\r\n'
@times 4000 'x'
@raw 'BDAT 1001\r\n'
@times 1001 'x'
@raw 'BDAT 5 LAST\r\n.....NOOP\r\n'
@read 4
END
)" '250 2.0.0 4000 octets received
552 5.3.4 message is too big
503 5.5.1 say MAIL first
250 2.0.0 ok'
is 'the largest there may be' "$(replies <<END
$begin
@raw 'BDAT 5000 LAST\r\nSubject:\r\n'
@times 499 '12345678\r\n'
@read
END
)" '250 2.0.0 stored'
is 'a line that is too long' "$(replies <<END
$begin
@raw 'BDAT 999 LAST\r\n'
@times 999 'x'
@read
END
)" '554 5.6.0 message has a line that is too long'
is 'one that is announced far too big is not even read' "$(replies <<END
$begin
@raw 'BDAT 10002\r\nx'
@read 2
END
)" '552 5.3.4 message is far too big
<eof>'
for wrong in '' x '5 FIRST' -1 '5 LAST x' 99999999999999999999 5LAST; do
	is "BDAT $wrong" "$(replies <<END
$begin
@raw 'BDAT $wrong\r\n12345'
@read 2
END
)" '501 5.5.4 expected BDAT octets [LAST]
<eof>'
done
is 'many small chunks' "$(replies <<END | sort | uniq -c | sed 's/^ *//'
$begin
@times 210 'BDAT 1\r\nx'
@read 200
@eof
END
)" '199 250 2.0.0 1 octets received
1 421 4.7.0 too many commands without a message
1 <eof>'
done_testing
