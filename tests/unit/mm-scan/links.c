/* Links in text and HTML, as browsers understand them. */
#include "buf.h"
#include "links.h"
#include "tap.h"

static void
on_host(void *arg, struct str host)
{
	struct buf *b = arg;
	if (b->n)
		buf_addc(b, ' ');
	buf_adds(b, host);
}

static void
text(const char *in, const char *expected)
{
	struct buf b = {0};
	links_in_text(str_of(in), on_host, &b);
	is_str(buf_cstr(&b), expected, "text");
	buf_release(&b);
}

static void
html(const char *in, const char *expected)
{
	struct buf b = {0};
	links_in_html(str_of(in), on_host, &b);
	is_str(buf_cstr(&b), expected, "html");
	buf_release(&b);
}

static void
test_text(void)
{
	text("see http://a.example/x and HTTPS://B.example, or (http://c.example).",
		"a.example B.example c.example");
	text("http://user:pw@a.example:80/ http://good.example@evil.example/x",
		"a.example evil.example");
	text("http://evil.example/@good.example http://evil.example?x@good.example "
	     "http://evil.example\\@good.example",
		"evil.example evil.example evil.example");
	text("http:/a.example http:\\\\b.example http:////c.example",
		"a.example b.example c.example");
	text("http://a%2eexample/ http://%62.example%2f@x", "a.example x");
	text("http://a\xe3\x80\x82"
	     "example/ http://b\xc3\xbc.example/",
		"a.example b\xc3\xbc.example");
	text("www.a.example WWW.b.example. x.www.c.example http://www.d.example/",
		"www.a.example WWW.b.example www.d.example");
	text("mailto:bob@a.example?subject=x ftp://b.example", "a.example b.example");
	text("http://10.0.0.1/ http://[2001:db8::1]/", "10.0.0.1");
	text("http: //a.example xhttp://b.example http:a.example http://", "");
	text("http://a.example...... http://-/ http://./", "a.example -");
}

static void
test_html(void)
{
	html("<a href=\"http://a.example/\">x</a><img src=http://b.example/c.gif>",
		"a.example b.example");
	html("<A\nHREF = 'https&#58;&#x2F;/a&#46;example'>", "a.example");
	html("<a href=\"ht\ntp:/\t/a.exa\r\nmple/\">", "a.example");
	html("<a href=\"//a.example/\"><a href=\" \\\\b.example\"><a href=/c.example>",
		"a.example b.example");
	html("<meta content=\"0;url=http://a.example\"><p "
	     "style=\"background:url(http://b.example/x)\">",
		"a.example b.example");
	html("<a href=\"http&colon;//a&period;example&sol;\">http://text.example/",
		"a.example");
	html("<a href=\"http://b&#252;cher.example\">", "b\xc3\xbc"
							"cher.example");
	html("<a title=\"a > b\" href=\"http://a.example\">", "a.example");
	html("<a href=\"http://a.example", "a.example");
	html("<a href=", "");
	html("<<a href=http://a.example>", "a.example");
	html("&#0; < = &#", "");
}

int
main(void)
{
	test_text();
	test_html();
	return done();
}
