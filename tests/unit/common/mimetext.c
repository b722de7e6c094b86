#include <sys/resource.h>
#include <unistd.h>

#include "htmltext.h"
#include "mime_part.h"
#include "mimetext.h"
#include "mimetext_header.h"
#include "tap.h"
#include "utf8_put.h"

static struct mimetext text;

static void
extract(const char *message)
{
	mimetext_extract(&text, str_of(message), 1 << 20);
}

static void
is_html(const char *html, const char *expected)
{
	struct buf out = {0};
	htmltext(&out, str_of(html));
	is_strn(out.p ? out.p : "", out.n, expected, html);
	buf_release(&out);
}

static void
html(void)
{
	is_html("<p>a</p><p>b</p>", " a  b ");
	is_html("<b>w</b>o<i>rd</i>", "word");
	is_html("x<!-- <p>no</p> -->y", "xy");
	is_html("<style>p{}</style>a<SCRIPT>if (a<b) {}</SCRIPT >b", "  a  b");
	is_html("caf&eacute; &amp; cr&#232;me &#x4e1c;&euro;",
		"caf\u00e9 & cr\u00e8me \u4e1c\u20ac");
	is_html("a < b & c &unknown; &#xd800; &#0;", "a < b & c &unknown; &#xd800; &#0;");
	is_html("<a href=\"x>y\">link</a>", "link");
	is_html("<p unfinished", " ");
	is_html("<script>never closed", " ");
	is_html("a<p title=\"x>y <b>z<!-- <i>u</i> >w", "a y zu >w");
	is_html("&", "&");
	is_html("<", "<");
}

static void
is_lines(const char *html, const char *expected)
{
	struct buf out = {0};
	htmltext_lines(&out, str_of(html));
	is_strn(out.p ? out.p : "", out.n, expected, html);
	buf_release(&out);
}

static void
html_for_people(void)
{
	is_lines("<p>a\r\t b</p><p>c", "a b\n\nc\n");
	is_lines("a<br>b<BR/>c", "a\nb\nc\n");
	is_lines("<br><br><br>", "");
	is_lines("a<div><div><div>b</div></div></div>", "a\n\nb\n\n");
	is_lines("<tr><td>1</td>\t<td>2</td></tr>", "1 2\n\n");
	is_lines("w<b>or</b>d", "word\n");
	is_lines("", "");
}

static void
header(void)
{
	extract("From: =?utf-8?Q?Jos=C3=A9?= <j@x.example>\r\nSubject: =?utf-8?B?"
		"5p2x5Lqs?=\r\n =?utf-8?Q?_tower?=\r\nMessage-ID: <a@b>\r\nTo: a\xe9\x62@x\r\n"
		"To: second@x\r\nDate: Sun, 22 Nov 2026 11:00:00 +0100\r\n\r\nbody\r\n");
	is_strn(text.from.p, text.from.n, "Jos\u00e9 <j@x.example>", "an encoded name");
	is_strn(text.subject.p, text.subject.n, "\u6771\u4eac tower",
		"encoded words side by side");
	is_strn(text.message_id.p, text.message_id.n, "a@b", "Message-ID without brackets");
	is_strn(text.to.p, text.to.n, "a\u00e9b@x, second@x",
		"raw octets repaired, both fields");
	is_int(text.date, 1795341600000, "Date");
	is_strn(text.body.p, text.body.n, "body\r\n\n", "the body");
}

static void
parts(void)
{
	extract("Content-Type: image/png; name=\"=?iso-8859-1?Q?r=E9sum=E9?= 1.png\"\n\nx\n");
	is_strn(text.names.p, text.names.n, "r\u00e9sum\u00e9 1.png\n",
		"a name in encoded words");
	extract("Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n#8V%T\n`\nend\n");
	is_strn(text.body.p, text.body.n, "cat\n", "uuencoded text");
	extract("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
		"Content-Type: text/plain; charset=iso-8859-1\n"
		"Content-Transfer-Encoding: quoted-printable\n\ncr=E8me\n--b\n"
		"Content-Type: text/html\n\n<p>seen</p>\n--b\n"
		"Content-Type: application/pdf; name=\"r\u00e9sum\u00e9.pdf\"\n"
		"Content-Transfer-Encoding: base64\n\nAAAA\n--b\n"
		"Content-Type: message/rfc822\n\nSubject: inner\n\ndeep\n--b--\n");
	is_strn(text.body.p, text.body.n, "cr\u00e8me\n seen \ninner\ndeep\n", "all text");
	is_int(text.attachments, 2, "a file and a message are attached");
	is_strn(text.names.p, text.names.n, "r\u00e9sum\u00e9.pdf\n", "the file's name");
}

static void
is_header(const char *value, const char *expected)
{
	struct buf out = {0};
	mimetext_header(&out, str_of(value), STR_NONE);
	is_strn(out.p ? out.p : "", out.n, expected, expected);
	buf_release(&out);
}

static void
words(void)
{
	is_header("=?utf-8?B?csOpc3Vtw6k=?=\r\n =?UTF-8?B?c3RyYcOfZQ==?=",
		"r\u00e9sum\u00e9stra\u00dfe");
	is_header("=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9_x?= y", "caf\u00e9 x y");
	is_header("a =?iso-8859-1?q?=E9?= =?koi8-r?b?0NI=?= b", "a \u00e9\u043f\u0440 b");
	is_header("=?us-ascii*en?Q?lang?=", "lang");
	is_header("=?x-bogus?Q?=E9?=", "\u00e9");
	is_header("=?utf-8?Q?open", "=?utf-8?Q?open");
	is_header("a=?b?=c =?utf-8?X?no?=", "a=?b?=c =?utf-8?X?no?=");
	is_header("=?utf-8?Q?"
		  "?=",
		"");
	is_header("=?utf-8?Q?a=0Ab=?=", "a b=");
}

static void
limits(void)
{
	struct buf deep = {0};
	mimetext_extract(&text, STR("Subject: x\r\n\r\ncaf\u00e9 caf\u00e9"), 4);
	is_strn(text.body.p, text.body.n, "caf\n", "cut between characters");
	for (int i = 0; i < 5000; i++)
		buf_addf(&deep, "Content-Type: multipart/mixed; boundary=%d\n\n--%d\n", i, i);
	mimetext_extract(&text, buf_str(&deep), 1000);
	ok(true, "five thousand levels");
	buf_reset(&deep);
	buf_addstr(&deep, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (int i = 0; i < 20000; i++)
		buf_addstr(&deep, "--b\nContent-Disposition: attachment\n\nx\n");
	mimetext_extract(&text, buf_str(&deep), 1000);
	ok(text.attachments <= MIME_MAX_PARTS, "twenty thousand parts");
	buf_release(&deep);
}

static void
repeat(struct buf *b, const char *s, int times)
{
	for (int i = 0; i < times; i++)
		buf_addstr(b, s);
}

/* Each of these took minutes when the time was quadratic; an alarm ends the test. */
static void
time_is_linear(void)
{
	static const struct {
		const char *head, *again;
	} hostile[] = {
		{"Content-Type: text/html\n\n", "<!-- x>"},
		{"Content-Type: text/html\n\n", "<a ='>'"},
		{"Subject: ", "=?a?b? "},
		{"Content-Disposition: attachment; filename=\"", "=?a?b? "},
		{"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
		 "Content-Type: message/rfc822\n\nSubject: ",
			"=?a?b? "},
	};
	struct buf b = {0};
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		buf_reset(&b);
		buf_addstr(&b, hostile[i].head);
		repeat(&b, hostile[i].again, 300000);
		alarm(30 * TAP_PATIENCE);
		mimetext_extract(&text, buf_str(&b), 512 << 10);
		alarm(0);
		ok(true, "%s", hostile[i].again);
	}
	buf_release(&b);
}

static long
peak_kb(void)
{
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	return use.ru_maxrss;
}

/* The sanitizers' own memory is left out of account. */
static void
memory_is_bounded(void)
{
#ifdef __SANITIZE_ADDRESS__
	const int times = 100;
#else
	const int times = 1;
#endif
	struct buf b = {0};
	buf_addstr(&b, "Content-Transfer-Encoding: base64\n\n");
	repeat(&b, "YWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJj\n", 1500000);
	long before = peak_kb();
	mimetext_extract(&text, buf_str(&b), 1000);
	ok(peak_kb() - before < 110000 * times, "seventy megabytes of text");
	is_int((long)text.body.n, 1000, "of which the beginning is taken");
	buf_reset(&b);
	repeat(&b, "X:y\n", 6000000);
	before = peak_kb();
	mimetext_extract(&text, buf_str(&b), 1000);
	ok(peak_kb() - before < 300000 * times, "six million fields");
	buf_release(&b);
}

static void
body_is(const char *message, const char *expected, const char *name)
{
	extract(message);
	is_strn(text.body.p ? text.body.p : "", text.body.n, expected, name);
}

#define MIXED "Content-Type: multipart/mixed; boundary=\"b 1\"\n\n"

static void
repaired(void)
{
	struct buf out = {0};
	utf8_repair(&out, str_n("a\0\xff\x80 \xc3\xa9", 7));
	is_strn(out.p, out.n, "a \u00ff\u20ac \u00e9", "what is not UTF-8 is windows-1252");
	buf_release(&out);
}

static void
html_as_it_is(void)
{
	static const char message[] =
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n"
		"--b\r\n\r\ntext\r\n"
		"--b\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n"
		"<a href=\"x\">\xfc</a>\r\n--b--\r\n";
	struct mimetext t = {.html_max = 1000};
	mimetext_extract(&t, STR(message), 1000);
	ok(str_starts(buf_str(&t.html), STR("<a href=\"x\">\xc3\xbc</a>")),
		"HTML as it is, in UTF-8");
	t.html_max = 5;
	mimetext_extract(&t, STR(message), 1000);
	is_strn(t.html.p, t.html.n, "<a hr", "no more of it than is wanted");
	t.html_max = 0;
	mimetext_extract(&t, STR(message), 1000);
	ok(t.html.n == 0 && t.body.n > 0, "none, by default");
	mimetext_release(&t);
}

static void
broken(void)
{
	body_is(MIXED
		"pre\n--b 1\n\none\n--b 1 \t\n\ntwo\n--b 12\n--b 1--\nafter\n--b 1\n\nno\n",
		"one\ntwo\n--b 12\n", "nothing before, between and behind boundaries");
	body_is(MIXED "--b 1\r\n\r\none\r\n--b 1\r\n\r\nopen\r\n", "one\nopen\r\n\n",
		"a boundary too few");
	body_is(MIXED "no boundary\n", "no boundary\n\n", "a boundary that is nowhere");
	body_is(MIXED "text\n--b 1--\n", "text\n--b 1--\n\n", "a boundary that only ends");
	body_is("Content-Type: multipart/mixed\n\nx\n", "x\n\n", "a boundary that is not told");
	body_is(MIXED "--b 1\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nin\n"
		      "--b 1\n\nout\n--b 1--\n",
		"in\nout\n", "an outer boundary ends what is within");
	body_is("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: s\n\nx\n--b--\n",
		"s\nx\n", "a digest has messages");
	body_is("Content-Type: nonsense\n\nx\n", "x\n\n", "a type that is none");
	body_is("Content-Type: image/png\n\nx\n", "", "a picture");
	body_is("Content-Transfer-Encoding: base64\n\nY2F0!\nZ G9n\nCg=\nmore\n", "catdog\n\n",
		"base64 with strange characters");
	body_is("Content-Transfer-Encoding: Quoted-Printable\n\na=20=\r\nb=\tc=3d=zz= \n",
		"a b=\tc==zz\n", "quoted-printable that is not always");
	extract("Subject: \xd0\xd2\xc9\nContent-Type: text/plain; charset=koi8-r\n\nx\n");
	is_strn(text.subject.p, text.subject.n, "\u043f\u0440\u0438",
		"a raw header has the body's charset");
	extract("Subject: caf\u00e9\nContent-Type: text/plain; charset=koi8-r\n\nx\n");
	is_strn(text.subject.p, text.subject.n, "caf\u00e9", "unless it is UTF-8");
}

int
main(void)
{
	html();
	html_for_people();
	header();
	parts();
	words();
	memory_is_bounded();
	limits();
	time_is_linear();
	html_as_it_is();
	broken();
	repaired();
	mimetext_release(&text);
	return done();
}
