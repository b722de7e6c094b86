#include "crlf_check.h"

static void
count(struct crlf_check *c, size_t n)
{
	c->line += n;
	if (c->line > c->longest)
		c->longest = c->line;
}

/* Text without an LF: a CR may only be its last octet. */
static void
add_text(struct crlf_check *c, struct str text)
{
	if (text.n == 0)
		return;
	const char *cr = memchr(text.p, '\r', text.n);
	if (c->cr || memchr(text.p, '\0', text.n) || (cr && cr + 1 < text.p + text.n))
		c->broken = true;
	c->cr = cr != NULL;
	count(c, text.n - c->cr);
}

void
crlf_check_add(struct crlf_check *c, struct str octets)
{
	while (octets.n) {
		const char *lf = memchr(octets.p, '\n', octets.n);
		size_t n = lf ? (size_t)(lf - octets.p) : octets.n;
		add_text(c, str_n(octets.p, n));
		octets = str_skip(octets, lf ? n + 1 : n);
		if (!lf)
			return;
		if (!c->cr)
			c->broken = true;
		c->cr = false;
		c->line = 0;
	}
}

bool
crlf_check_passed(const struct crlf_check *c)
{
	return !c->broken && !c->cr;
}

bool
crlf_is_text(struct str octets)
{
	struct crlf_check c = {0};
	crlf_check_add(&c, octets);
	return crlf_check_passed(&c);
}
