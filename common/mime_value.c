#include <stdlib.h>

#include "charset.h"
#include "message.h"
#include "mime_value.h"
#include "num.h"

#define VALUE_MAX (64u << 10)
#define SEGMENTS_MAX 100 /* of one parameter, RFC 2231 section 3 */
#define PARAMS_MAX 1000

void
mime_value_parse(struct mime_value *v, struct str value)
{
	v->text = header_unfold(value.n > VALUE_MAX ? str_n(value.p, VALUE_MAX) : value);
	v->params = str_of(v->text);
	v->word = str_trim(str_cut(&v->params, ';'));
}

void
mime_value_release(struct mime_value *v)
{
	free(v->text);
	*v = (struct mime_value){0};
}

/* Cuts the next "name=value" off; a ';' within quotes does not end it. */
static struct str
cut_param(struct str *rest)
{
	bool quoted = false;
	size_t n = 0;
	for (; n < rest->n; n++) {
		char c = rest->p[n];
		if (c == '\\' && quoted)
			n++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == ';' && !quoted)
			break;
	}
	struct str param = str_n(rest->p, n < rest->n ? n : rest->n);
	*rest = n < rest->n ? str_skip(*rest, n + 1) : str_n(rest->p + rest->n, 0);
	return param;
}

static void
unquote(struct buf *out, struct str s)
{
	if (s.n == 0 || s.p[0] != '"') {
		buf_adds(out, s);
		return;
	}
	for (size_t i = 1; i < s.n && s.p[i] != '"'; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		buf_addc(out, s.p[i]);
	}
}

static int
hex(char c)
{
	c = ascii_lower(c);
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
percent_decode(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		int high = s.p[i] == '%' && i + 2 < s.n ? hex(s.p[i + 1]) : -1;
		int low = high >= 0 ? hex(s.p[i + 2]) : -1;
		if (low >= 0)
			i += 2;
		buf_addc(out, low >= 0 ? (char)(high << 4 | low) : s.p[i]);
	}
}

struct segment {
	struct str value;
	bool there, encoded;
};

/* "*", "*0", "*0*" behind a parameter's name. */
static bool
read_mark(struct str mark, int *number, bool *encoded)
{
	*number = 0;
	*encoded = mark.n && mark.p[mark.n - 1] == '*';
	if (mark.n == 0 || mark.p[0] != '*')
		return false;
	if (mark.n == 1)
		return true;
	mark = str_n(mark.p + 1, mark.n - 1 - *encoded);
	return num_int(mark, 0, SEGMENTS_MAX - 1, number) == 0;
}

/* Finds the plain parameter and the segments of that name. */
static bool
collect(struct str params, struct str name, struct str *plain, struct segment *segments)
{
	bool found = false;
	for (int i = 0; params.n && i < PARAMS_MAX; i++) {
		struct str value = cut_param(&params), key;
		int number;
		bool encoded;
		key = str_trim(str_cut(&value, '='));
		if (!value.p || !str_istarts(key, name))
			continue;
		value = str_trim(value);
		if (key.n == name.n && !plain->p)
			*plain = value;
		if (read_mark(str_skip(key, name.n), &number, &encoded) &&
			!segments[number].there) {
			segments[number] = (struct segment){value, true, encoded};
			found = true;
		}
	}
	return found || plain->p;
}

/* charset'language'octets, the first segment's. */
static struct str
cut_charset(struct str *value)
{
	struct str rest = *value, charset = str_cut(&rest, '\'');
	if (!rest.p)
		return STR_NONE;
	(void)str_cut(&rest, '\'');
	if (!rest.p)
		return STR_NONE;
	*value = rest;
	return charset;
}

static void
join(struct buf *out, const struct segment *segments)
{
	struct buf octets = {0}, plain = {0};
	struct str charset = STR_NONE;
	for (int i = 0; i < SEGMENTS_MAX && segments[i].there; i++) {
		struct str value = segments[i].value;
		buf_reset(&plain);
		if (i == 0 && segments[0].encoded)
			charset = cut_charset(&value);
		unquote(&plain, value);
		if (segments[i].encoded)
			percent_decode(&octets, buf_str(&plain));
		else
			buf_adds(&octets, buf_str(&plain));
	}
	charset_to_utf8(out, buf_str(&octets), charset);
	buf_release(&octets);
	buf_release(&plain);
}

bool
mime_value_param(const struct mime_value *v, const char *name, struct buf *out)
{
	struct segment segments[SEGMENTS_MAX] = {0};
	struct str plain = STR_NONE;
	if (!v->text || !collect(v->params, str_of(name), &plain, segments))
		return false;
	if (segments[0].there)
		join(out, segments);
	else if (plain.p)
		unquote(out, plain);
	else
		return false;
	return true;
}
