#include <unistd.h>

#include "address.h"
#include "buf.h"
#include "tap.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
path(const char *text, const char *address, const char *local, const char *domain,
	const char *params)
{
	struct path p;
	if (!ok(path_parse(str_of(text), &p) == 0, "a path: %s", text))
		return;
	is_strn(p.address.p, p.address.n, address, "address");
	is_strn(p.local.p ? p.local.p : "", p.local.n, local, "local part");
	is_strn(p.domain.p ? p.domain.p : "", p.domain.n, domain, "domain");
	ok((p.domain.p == NULL) == (*domain == '\0'), "domain is absent or not");
	is_strn(p.params.p, p.params.n, params, "parameters");
}

static void
no_path(const char *text)
{
	struct path p;
	ok(path_parse(str_of(text), &p) == -1, "no path: %s", text);
}

static void
paths(void)
{
	path("<alice@example.org>", "alice@example.org", "alice", "example.org", "");
	path("<a@b> SIZE=1  BODY=8BITMIME ", "a@b", "a", "b", "SIZE=1  BODY=8BITMIME");
	path("<>", "", "", "", "");
	path("<> SIZE=5", "", "", "", "SIZE=5");
	path("<postmaster>", "postmaster", "postmaster", "", "");
	path("<PostMaster>", "PostMaster", "PostMaster", "", "");
	path("<@a.example,@b.example:c@d.example>", "c@d.example", "c", "d.example", "");
	path("<\"a>b\"@c>", "\"a>b\"@c", "\"a>b\"", "c", "");
	path("<\"a\\\"b c\"@d>", "\"a\\\"b c\"@d", "\"a\\\"b c\"", "d", "");
	path("<a@[192.0.2.1]>", "a@[192.0.2.1]", "a", "[192.0.2.1]", "");
	path("<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]", "");
	path("<j\xc3\xb6@b\xc3\xbc.example>", "j\xc3\xb6@b\xc3\xbc.example", "j\xc3\xb6",
		"b\xc3\xbc.example", "");
	path("<a.b+c=d@e_f.example>", "a.b+c=d@e_f.example", "a.b+c=d", "e_f.example", "");
	path("<" A64 A64 "@a>", A64 A64 "@a", A64 A64, "a", "");
	static const char *const wrong[] = {"", "<", "a@b", "<a@b", "<a>", "<@>", "<a@>",
		"<@b>", "<a@b>x", "<a@b>>", " <a@b>", "<a b@c>", "<a@b c>", "<.a@b>", "<a.@b>",
		"<a..b@c>", "<a@b.>", "<a@.b>", "<a@b..c>", "<a@-b>", "<a@b->", "<a@b@c>",
		"<\"a@b>", "<\"a\"b@c>", "<a@[192.0.2.1>", "<a@[]>", "<a@[x y]>", "<@a:>",
		"<@a b:c@d>", "<@a,b:c@d>", "<@a,:c@d>", "<a@b\xff>", "<\xc3@b>", "<a\x01@b>",
		"<\"a\x01\"@b>", "<postmaster@>", "<root>", "<a@" L63 "a>",
		"<" A64 A64 A64 A64 A64 "@a>", NULL};
	for (const char *const *w = wrong; *w; w++)
		no_path(*w);
	struct path p;
	ok(path_parse(str_n("<a\0b@c>", 7), &p) == -1, "no path with a NUL");
	ok(path_parse(STR("<j\xc3\xb6@x>"), &p) == 0 && p.utf8, "UTF-8 is seen");
	ok(path_parse(STR("<j@x> A=\xc3\xb6"), &p) == 0 && !p.utf8, "in the address alone");
}

static void
params(void)
{
	struct path p;
	path_parse(STR("<a@b> SIZE=12 NOTIFY= SMTPUTF8 size=3 =x"), &p);
	struct str v = path_param(&p, "size");
	is_strn(v.p, v.n, "12", "the first of the name, without case");
	v = path_param(&p, "notify");
	ok(v.p && v.n == 0, "empty value");
	v = path_param(&p, "SMTPUTF8");
	ok(v.p && v.n == 0, "no value");
	ok(!path_param(&p, "ORCPT").p, "absent");
	ok(!path_param(&p, "SIZ").p, "no prefix");
	ok(!path_param(&p, "").p, "no keyword");
}

static bool
collect(void *arg, struct str spec)
{
	struct buf *b = arg;
	if (b->n)
		buf_addc(b, '|');
	buf_adds(b, spec);
	return true;
}

static void
list(const char *value, const char *expected)
{
	struct buf b = {0};
	address_list_each(str_of(value), collect, &b);
	is_strn(buf_str(&b).p, b.n, expected, expected);
	buf_release(&b);
}

static bool
count_to_two(void *arg, struct str spec)
{
	(void)spec;
	return ++*(int *)arg < 2;
}

static void
lists(void)
{
	list(" a@x", "a@x");
	list("Alice <a@x>, b@y ,\r\n\t\"C, <no@no>\" <c@z>", "a@x|b@y|c@z");
	list("friends: a@x, B <b@y>;, c@z", "a@x|b@y|c@z");
	list("empty:;", "");
	list("a@x (comment, (nested) d@e \\) ) , b@y", "a@x|b@y");
	list("Alice (x <no@no>) <a@x>", "a@x");
	list("\"quoted local\"@x", "\"quoted local\"@x");
	list("\"a@b\" <c@d>", "c@d");
	list("\"folded,\r\n no@no\" <c@d>", "c@d");
	list("<\"a>b\"@x>", "\"a>b\"@x");
	list("<@r1,@r2:a@x>", "a@x");
	list("a@[IPv6:2001:db8::1], b@[192.0.2.1]", "a@[IPv6:2001:db8::1]|b@[192.0.2.1]");
	list("bob @ example . org", "bob@example.org");
	list("< a@x >", "a@x");
	list("<a(c)@x>", "a@x");
	list("Bob Builder b@x", "b@x");
	list("a@x b@y", "a@x|b@y");
	list("<a@x> <b@y>", "a@x|b@y");
	list("<a@x, b@y", "a@x|b@y");
	list("\"open <a@x>", "a@x");
	list("a@x; b@y", "a@x|b@y");
	list(",,;<>", "");
	list("nobody", "");
	list("", "");
	int n = 0;
	address_list_each(STR("a@x, b@x, c@x"), count_to_two, &n);
	is_int(n, 2, "stops when it is told to");
}

/* A header of a message may have megabytes: none of this may take quadratic time. */
static void
hostile_lists(void)
{
	static const char *const parts[] = {"[", "\"\\", "[\\]", "<", "(", "\\\"[", "<@a,"};
	alarm(20 * TAP_PATIENCE);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct buf b = {0};
		int n = 0;
		while (b.n < 2000000)
			buf_addstr(&b, parts[i]);
		address_list_each(buf_str(&b), count_to_two, &n);
		ok(n < 3, "2 MB of %s", parts[i]);
		buf_release(&b);
	}
	alarm(0);
}

static void
domains(void)
{
	ok(domain_valid(STR("a")), "one label");
	ok(domain_valid(STR(L63 "." L63 "." L63 ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				"aaaaaaaaaaaaaaaa")),
		"253 octets");
	ok(!domain_valid(STR(L63 "." L63 "." L63 "." L63)), "255 octets");
	ok(!domain_valid(STR("")) && !domain_valid(STR("a.")) && !domain_valid(STR("a b")),
		"no domains");
}

int
main(void)
{
	paths();
	params();
	lists();
	hostile_lists();
	domains();
	return done();
}
