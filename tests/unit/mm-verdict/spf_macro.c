/* Macros of RFC 7208 section 7, with the examples of section 7.4. */
#include <sys/socket.h>

#include "spf_macro.h"
#include "tap.h"

static struct spf_query query = {.ip = {.family = AF_INET, .octets = {192, 0, 2, 3}},
	.sender = "strong-bad@email.example.com",
	.domain = "email.example.com",
	.helo = "mx.example.org",
	.receiver = "our.example"};
static struct spf_macros macros = {.query = &query, .domain = "email.example.com"};

static void
expands(const char *text, const char *expected)
{
	struct buf b = {0};
	if (ok(spf_macro_expand(&b, str_of(text), &macros), "%s is well formed", text))
		is_strn(buf_str(&b).p, b.n, expected, text);
	buf_release(&b);
}

static void
malformed(const char *text)
{
	struct buf b = {0};
	ok(!spf_macro_expand(&b, str_of(text), &macros), "%s is malformed", text);
	buf_release(&b);
}

static void
examples(void)
{
	expands("%{s}", "strong-bad@email.example.com");
	expands("%{o}", "email.example.com");
	expands("%{d}", "email.example.com");
	expands("%{d4}", "email.example.com");
	expands("%{d3}", "email.example.com");
	expands("%{d2}", "example.com");
	expands("%{d1}", "com");
	expands("%{dr}", "com.example.email");
	expands("%{d2r}", "example.email");
	expands("%{l}", "strong-bad");
	expands("%{l-}", "strong.bad");
	expands("%{lr}", "strong-bad");
	expands("%{lr-}", "bad.strong");
	expands("%{l1r-}", "strong");
	expands("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com");
	expands("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
		"bad.strong.lp.3.2.0.192.in-addr._spf.example.com");
	expands("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net");
	query.ip =
		(struct ip){.family = AF_INET6, .octets = {0x20, 1, 0xd, 0xb8, [14] = 0xcb, 1}};
	expands("%{ir}.%{v}._spf.%{d2}",
		"1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2."
		"ip6._spf.example.com");
	macros.explanation = true;
	expands("%{c} %{r}", "2001:db8::cb01 our.example");
	macros.explanation = false;
}

static void
edges(void)
{
	expands("", "");
	expands("%%%_%-", "% %20");
	expands("%{h}%{p}", "mx.example.orgunknown");
	expands("%{H2R}", "example.mx");
	expands("%{D99999999999999999999999}", "email.example.com");
}

static void
syntax(void)
{
	static const char *const bad[] = {"%", "%a", "%{", "%{d", "%{}", "%{d0}", "%{d00r}",
		"%{dd}", "%{dr2}", "%{d!}", "%{x}", "%{c}", "%{r}", "%{t}", "%{ d}", "a%"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		malformed(bad[i]);
	ok(spf_macro_length(STR("%{t}"), true) == 4 && !spf_macro_length(STR("%{t}"), false),
		"t is of explanations");
	ok(spf_macro_used(STR("a%%%{P2r}"), 'p') && !spf_macro_used(STR("%%{p}"), 'p') &&
			!spf_macro_used(STR("p%{d}"), 'p'),
		"which macros are used");
}

/* Section 7.3: whole labels go, from the left. */
static void
names(void)
{
	char sender[400] = "", name[DNS_NAME_SIZE];
	for (int i = 0; i < 6; i++)
		memcpy(sender + 50L * i, "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghi.",
			50);
	memcpy(sender + 300, "end@x.example", 14);
	query.sender = sender;
	ok(spf_macro_name(name, STR("%{l}.example.com."), &macros), "a long name");
	is_int((long long)strlen(name), 200 + 3 + 12, "is cut between labels");
	is_str(name + 200, "end.example.com", "from the left");
	ok(!spf_macro_name(name, STR("%{l}%{l}.."), &macros), "an empty label");
	ok(!spf_macro_name(name, STR("%{h}..example"), &macros), "another");
	query.helo = "";
	ok(!spf_macro_name(name, STR("%{h}"), &macros), "no name at all");
	memset(sender, 'x', 300);
	ok(!spf_macro_name(name, STR("%{l}"), &macros), "a label that is too long");
	struct buf many = {0};
	for (int i = 0; i < 100; i++)
		buf_addstr(&many, "%{s}");
	ok(!spf_macro_name(name, buf_str(&many), &macros), "an expansion without end");
	buf_release(&many);
}

int
main(void)
{
	examples();
	edges();
	syntax();
	names();
	return done();
}
