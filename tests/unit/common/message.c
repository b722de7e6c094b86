#include <stdlib.h>

#include "buf.h"
#include "message.h"
#include "tap.h"

/* "Name=[value]..., B[body]" */
static char *
shape(const struct message *m)
{
	struct buf b = {0};
	for (size_t i = 0; i < m->nfields; i++)
		buf_addf(&b, "%.*s=[%.*s]", STR_ARG(m->fields[i].name),
			STR_ARG(m->fields[i].value));
	if (m->body.p)
		buf_addf(&b, "B[%.*s]", STR_ARG(m->body));
	buf_cstr(&b);
	return b.p;
}

static void
parses(const char *text, const char *expected, const char *name)
{
	struct message m = {0};
	message_parse(&m, str_of(text));
	char *got = shape(&m);
	is_str(got, expected, name);
	free(got);
	message_release(&m);
}

static void
whole(void)
{
	static const char text[] = "From x\r\nA: 1\r\nB: 2\r\n 3\r\n\r\nbody";
	struct message m = {0};
	message_parse(&m, STR(text));
	is_int((long long)m.nfields, 2, "two fields");
	is_strn(m.header.p, m.header.n, "From x\r\nA: 1\r\nB: 2\r\n 3\r\n", "the header");
	is_strn(m.fields[1].whole.p, m.fields[1].whole.n, "B: 2\r\n 3\r\n", "a whole field");
	is_strn(m.body.p, m.body.n, "body", "the body");
	ok(!m.stray, "all of it fields");
	message_parse(&m, STR("A: 1\r\nno field\r\nB: 2\r\n"));
	ok(m.stray && m.nfields == 2, "a line that is no field is noticed");
	message_parse(&m, STR("C: 1\r\n"));
	ok(!m.stray && !m.dropped && m.nfields == 1 && !m.body.p, "the same struct again");
	message_release(&m);
}

static void
lookup(void)
{
	struct message m = {0};
	const struct header_field *f;
	size_t at = 0;
	message_parse(&m, STR("To: a\r\nX: b\r\nTO: c\r\n\r\n"));
	f = message_field(&m, "to");
	is_strn(f->value.p, f->value.n, " a", "the first, without case");
	ok(!message_field(&m, "cc"), "none");
	int n = 0;
	while (message_next(&m, "To", &at, &f))
		n++;
	is_int(n, 2, "both");
	is_strn(f->value.p, f->value.n, " c", "in order");
	message_release(&m);
}

static void
limit(void)
{
	struct buf b = {0};
	struct message m = {0};
	for (int i = 0; i < MESSAGE_MAX_FIELDS + 5; i++)
		buf_addstr(&b, "A: b\r\n");
	buf_addstr(&b, "\r\nbody");
	message_parse(&m, buf_str(&b));
	is_int((long long)m.nfields, MESSAGE_MAX_FIELDS, "fields are counted");
	ok(m.dropped && !m.stray, "and it says that there are more");
	is_strn(m.body.p, m.body.n, "body", "and the body found all the same");
	message_release(&m);
	buf_release(&b);
}

static void
unfolds(const char *value, size_t n, const char *expected)
{
	char *got = header_unfold(str_n(value, n));
	is_str(got, expected, expected);
	free(got);
}

static void
on_top(void)
{
	struct message below = {0}, m = {0};
	message_parse(&below, STR("A: 1\r\nB: 2\r\n\r\nbody"));
	message_parse_on_top(&m, STR("X: 4\r\nX: 3\r\n"), &below);
	ok(m.nfields == 4 && str_eq(m.fields[1].value, STR(" 3")) &&
			str_eq(m.fields[3].value, STR(" 2")),
		"fields on top, then those of the message");
	ok(str_eq(m.body, STR("body")) && m.octets.p == below.octets.p, "its body");
	message_release(&below);
	message_parse(&below, STR(""));
	message_parse_on_top(&m, STR("X: 4\r\n"), &below);
	ok(m.nfields == 1, "nothing below");
	message_release(&m);
}

static void
hops(void)
{
	ok(message_hops(STR("")) == 0, "no hops");
	ok(message_hops(STR("Received: a\r\n\tb\r\nreceived: c\nX-Received: d\r\n"
			    "RECEIVED : e\r\n\r\nReceived: f\r\n")) == 3,
		"hops of the header alone, in any case and with any line end");
	ok(message_hops(STR("A: 1\r\n Received: b\r\n")) == 0, "none in a folded line");
}

int
main(void)
{
	parses("A: 1\r\nB:2\r\n\r\nbody\r\n", "A=[ 1]B=[2]B[body\r\n]", "CRLF");
	parses("A: 1\nB:2\n\nbody\n", "A=[ 1]B=[2]B[body\n]", "LF");
	parses("A: 1\r\n\t2\r\n  3\r\nB: x\r\n\r\n", "A=[ 1\r\n\t2\r\n  3]B=[ x]B[]",
		"folding");
	parses("A: 1\r\n \r\nB: x\r\n\r\n", "A=[ 1\r\n ]B=[ x]B[]",
		"a line of white space folds");
	parses("A : 1\r\n\r\n", "A=[ 1]B[]", "space before the colon");
	parses("A:\r\n\r\n", "A=[]B[]", "empty value");
	parses("A: 1", "A=[ 1]", "no line end, no body");
	parses("A: 1\r\n", "A=[ 1]", "no body");
	parses("\r\nbody", "B[body]", "no header");
	parses("body only\r\nA: 1\r\n", "B[body only\r\nA: 1\r\n]",
		"a first line that is no field");
	parses(" A: 1\r\n\r\n", "B[ A: 1\r\n\r\n]", "a first line that is folded");
	parses("A: 1\r\njunk\r\nB: 2\r\n\r\nbody", "A=[ 1]B=[ 2]B[body]",
		"junk between fields");
	parses("From me\nA: 1\n\nbody", "A=[ 1]B[body]", "mbox line");
	parses("From: me\n\nbody", "From=[ me]B[body]", "no mbox line");
	parses(": 1\r\n\r\n", "B[: 1\r\n\r\n]", "no name");
	parses("\xc3\xa4: 1\r\n", "B[\xc3\xa4: 1\r\n]", "8-bit name");
	parses("", "", "nothing");
	whole();
	hops();
	lookup();
	limit();
	on_top();
	unfolds(" a\r\n b \r\n", 9, "a b");
	unfolds("a\0b", 3, "ab");
	unfolds("", 0, "");
	return done();
}
