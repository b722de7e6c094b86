#!/bin/bash
# mm-archive get --text, --html, --attachments, --extract: the parts of a message.
. "$(dirname "$0")/../lib/tap.sh"
need python3

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=mx1
cd "$T" || exit 1
mm-archive create Box --retention PERMANENT >/dev/null
python3 - <<'EOF'
import base64
def part(head, body):
    return head.encode() + b"\n\n" + body + b"\n"
def multi(kind, boundary, *parts):
    return b"Content-Type: multipart/%s; boundary=%s\n\n" % (kind, boundary) + b"".join(
        b"--" + boundary + b"\n" + p for p in parts) + b"--" + boundary + b"--\n"
html = part('Content-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable',
            b"<html><body><p>Cr=E8me</p><p>one<br>two</p></body></html>")
plain = part("Content-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: 8bit", "Привет\tмир".encode("koi8-r"))
pdf = part('Content-Type: application/pdf; name="=?utf-8?Q?r=C3=A9sum=C3=A9?=.pdf"\n'
           "Content-Transfer-Encoding: base64", base64.encodebytes(bytes(range(256)))[:-1])
inner = part("Content-Type: message/rfc822", b"From: c@d\nSubject: =?utf-8?Q?In=C3=A9r?=\n\ninner text\x1b[2J")
head = b"From: a@b\nDate: Sun, 22 Nov 2026 11:00:00 +0100\nSubject: %s\nMIME-Version: 1.0\n"
open("whole.eml", "wb").write(head % b"whole" + multi(b"mixed", b"outer", multi(b"alternative", b"alt", plain, html), pdf, inner))
open("plain.eml", "wb").write(head % b"plain" + b"\nonly text\r\n")
names = ["../../etc/passwd", "..", ".bashrc", "-rf", "a\x00b", "a\tb", "x/../../y", "C:\\windows\\evil.exe",
         "same.txt", "same.txt", "same.txt", "gpj.\u202eexe", "n" * 300 + ".png", " ", "~root", "dir/", "\x7f\x1b[2J"]
def named(n):
    word = base64.b64encode(n.encode()).decode()
    return part('Content-Disposition: attachment; filename="=?utf-8?B?%s?="' % word, n.encode())
open("hostile.eml", "wb").write(head % b"hostile" + multi(b"mixed", b"b", *map(named, names)))
EOF
for m in whole plain hostile; do
	mm-archive add Box --mail-from '<a@b.example>' --rcpt-to '<c@d.example>' $m.eml >/dev/null
done
id_of() {
	mm-search -a Box --ids "subject:$1"
}
whole=$(id_of whole) plain=$(id_of plain) hostile=$(id_of hostile)

# --- text and HTML
is "text: one of two alternatives, the attached message" "$(mm-archive get Box "$whole" --text)" \
	$'Привет\tмир\n\nFrom: c@d\nSubject: Inér\n\ninner text?[2J'
is "HTML as it is, in UTF-8" "$(mm-archive get Box "$whole" --html)" \
	"<html><body><p>Crème</p><p>one<br>two</p></body></html>"
is "text of a plain message" "$(mm-archive get Box "$plain" --text | od -An -c | tr -s ' ')" \
	' o n l y t e x t \n'
exit_is "a message without HTML" 66 mm-archive get Box "$plain" --html
like "says so" "$(mm-archive get Box "$plain" --html 2>&1)" "message $plain has no HTML"
printf 'From: a@b\nSubject: htmlonly\nContent-Type: text/html\n\n%s\n' \
	'<style>x</style><h1>Big</h1>  <p>a   b<b>c</b></p><br><br><br><table><tr><td>1</td><td>2</td></tr></table>' >h.eml
mm-archive add Box --mail-from '<a@b.example>' --rcpt-to '<c@d.example>' h.eml >/dev/null
is "HTML as text" "$(mm-archive get Box "$(id_of htmlonly)" --text)" $'Big\n\na bc\n\n1 2'

# --- the list
inner=$(printf 'From: c@d\r\nSubject: =?utf-8?Q?In=C3=A9r?=\r\n\r\ninner text\033[2J' | wc -c)
is "a table" "$(mm-archive get Box "$whole" --attachments | tr -s ' ')" \
	"$whole 1 256 application/pdf résumé.pdf
$whole 2 $inner message/rfc822"
is "JSON Lines" "$(mm-archive get Box "$whole" --attachments --json | head -n 1)" \
	"{\"ArchivedMessageId\":\"$whole\",\"Number\":1,\"ContentType\":\"application/pdf\",\"Size\":256,\"FileName\":\"résumé.pdf\"}"
is "nothing attached, nothing listed" "$(mm-archive get Box "$plain" --attachments)" ""
is "of ids on standard input" \
	"$(printf '%s\n' "$whole" "$hostile" | mm-archive get Box --attachments --json | wc -l)" 19

# --- extracting
python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(256)))' >octets
mm-archive get Box "$whole" --extract 1 -d - | cmp - octets
is "a number, to standard output" $? 0
mm-archive get Box "$whole" --extract résumé.pdf -d - | cmp - octets
is "a name" $? 0
exit_is "an attachment that is not" 66 mm-archive get Box "$whole" --extract 3
exit_is "several to standard output" 66 mm-archive get Box "$whole" --extract all -d -
exit_is "a directory that is not" 73 mm-archive get Box "$whole" --extract all -d none
mkdir d
is "all" "$(mm-archive get Box "$whole" --extract all -d d)" $'d/résumé.pdf\nd/attachment-2.eml'
is "an attached message is one" \
	"$(mm-archive get Box "$whole" --extract 2 -d - | head -n 1)" $'From: c@d\r'
is "nothing is overwritten" "$(mm-archive get Box "$whole" --extract 1 -d d)" "d/résumé-1.pdf"
cmp d/résumé.pdf octets && cmp d/résumé-1.pdf octets
is "octet for octet" $? 0
ln -s "$T/target" d/attachment-2-1.eml
is "nor through a link" "$(mm-archive get Box "$whole" --extract 2 -d d)" "d/attachment-2-2.eml"
is "which leads where it led" "$(test -e target || echo nowhere)" nowhere
mkdir -p deep/er/x
mm-archive get Box "$hostile" --extract all -d deep/er/x >names
is "hostile names stay in their directory" \
	"$(find deep -type f | wc -l) $(find deep/er/x -type f | wc -l)" "17 17"
is "and are safe" "$(sed 's|deep/er/x/||' names)" "_.._etc_passwd
attachment-2.txt
bashrc
rf
a b
a b-1
x_.._.._y
C:_windows_evil.exe
same.txt
same-1.txt
same-2.txt
gpj._exe
$(printf 'n%.0s' {1..196}).png
attachment-14.txt
root
dir_
[2J"
mkdir full
exit_is "no room" 75 \
	sh -c "ulimit -f 0; trap '' XFSZ; mm-archive get Box $whole --extract 1 -d full"
is "leaves nothing" "$(ls full)" ""

# --- the command line
exit_is "two forms" 64 mm-archive get Box "$whole" --text --html
exit_is "-d alone" 64 mm-archive get Box "$whole" -d d
exit_is "--json alone" 64 mm-archive get Box "$whole" --json

# --- as another reader finds it
if [ -d "$testdata/mime" ]; then
	mm-archive create Corpus --retention PERMANENT >/dev/null
	find "$testdata/mime" -type f \( -name '*.eml' -o -name '*.msg' -o -path '*email*' \) -print0 |
		xargs -0 mm-archive add Corpus --mail-from '<a@b.example>' --rcpt-to '<c@d.example>' >/dev/null
	compared=$(mm-search -a Corpus --ids | "$top/tests/tools/archive_parts.py" Corpus "$T/parts")
	echo "# $compared"
	like "attachments as Python's email package has them" "$compared" \
		'^[1-9][0-9][0-9] compared, .* 0 differ$'
else
	skip "attachments as Python's email package has them" "no ../shared/testdata"
fi
done_testing
