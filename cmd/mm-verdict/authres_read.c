#include <stdlib.h>

#include "authres.h"
#include "idn.h"

bool
authres_skip_cfws(struct str *s)
{
	int depth = 0;
	while (s->n) {
		char c = s->p[0];
		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (c == '\\' && depth > 0)
			*s = str_skip(*s, 1);
		else if (depth == 0 && (c == '\0' || !strchr(" \t\r\n", c)))
			return true;
		*s = str_skip(*s, 1);
	}
	return depth == 0;
}

/* A token or a quoted string of RFC 2045, without its quotes. */
static void
take_value(struct str *s, struct buf *out)
{
	bool quoted = s->n && s->p[0] == '"';
	if (quoted)
		*s = str_skip(*s, 1);
	for (; s->n; *s = str_skip(*s, 1)) {
		char c = s->p[0];
		if (quoted ? c == '"' : (c == '\0' || strchr(" \t\r\n()<>@,;:\"/[]?=", c)))
			break;
		if (quoted && c == '\\' && s->n > 1)
			*s = str_skip(*s, 1);
		buf_addc(out, s->p[0]);
	}
}

/* Octets of which readers may make something else, such as white space. */
static bool
printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

/* Section 2.5, and RFC 8616: U-labels and A-labels are the same. */
static bool
same_name(struct str a, struct str b)
{
	char *x = idn_ascii(a), *y = idn_ascii(b);
	bool same = x && y ? strcmp(x, y) == 0 : str_ieq(a, b);
	free(x);
	free(y);
	return same;
}

bool
authres_claims(struct str value, struct str authserv_id)
{
	struct str rest = value, head = value;
	struct buf id = {0};
	bool readable = authres_skip_cfws(&rest);
	if (readable)
		take_value(&rest, &id);
	head = str_cut(&head, ';');
	struct str name = buf_str(&id);
	if (name.n && name.p[name.n - 1] == '.')
		name.n--;
	readable = readable && printable(name);
	bool ours = readable && name.n ? same_name(name, authserv_id)
				       : str_icontains(readable ? head : value, authserv_id);
	buf_release(&id);
	return ours;
}

/* A word up to "=", without the version that may follow it; then its value. */
static bool
take_pair(struct str *s, struct buf *name, struct buf *value)
{
	buf_reset(name);
	buf_reset(value);
	take_value(s, name);
	if (!authres_skip_cfws(s))
		return false;
	if (s->n && s->p[0] == '/') {
		*s = str_skip(*s, 1);
		take_value(s, value);
		buf_reset(value);
	}
	if (!authres_skip_cfws(s) || !s->n || s->p[0] != '=')
		return false;
	*s = str_skip(*s, 1);
	if (!authres_skip_cfws(s))
		return false;
	take_value(s, value);
	if (s->n && s->p[0] == '"')
		*s = str_skip(*s, 1);
	while (s->n && !strchr(" \t\r\n;(", s->p[0])) {
		buf_addc(value, s->p[0]); /* an address, which is no token */
		*s = str_skip(*s, 1);
	}
	return authres_skip_cfws(s);
}

/* One result up to its ";", which is passed over.  A result that cannot be read whole
 * says nothing, and nothing after it does. */
static bool
dmarc_passed(struct str *s, struct str author, bool *readable)
{
	struct buf name = {0}, value = {0};
	bool first = true, dmarc = false, other = false;
	*readable = authres_skip_cfws(s);
	while (*readable && s->n && s->p[0] != ';') {
		*readable = take_pair(s, &name, &value);
		if (first)
			dmarc = str_ieq(buf_str(&name), STR("dmarc")) &&
				str_ieq(buf_str(&value), STR("pass"));
		else if (str_ieq(buf_str(&name), STR("header.from")))
			other |= !str_ieq(buf_str(&value), author);
		first = false;
	}
	*s = str_skip(*s, 1);
	buf_release(&name);
	buf_release(&value);
	return *readable && dmarc && !other;
}

bool
authres_says_dmarc_pass(struct str value, struct str author)
{
	struct buf id = {0};
	bool readable = authres_skip_cfws(&value), said = false;
	take_value(&value, &id);
	buf_release(&id);
	while (value.n && value.p[0] != ';')
		value = str_skip(value, 1);
	value = str_skip(value, 1);
	while (readable && value.n && !said)
		said = dmarc_passed(&value, author, &readable);
	return said;
}
