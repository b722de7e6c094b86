#include "encoded_word.h"
#include "header_text.h"
#include "utf8.h"

struct str
header_unfolded(struct arena *a, struct str value)
{
	value = str_trim(value);
	if (value.n == 0 || !memchr(value.p, '\n', value.n))
		return value;
	char *out = arena_alloc(a, value.n);
	size_t n = 0;
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] != '\r' && value.p[i] != '\n')
			out[n++] = value.p[i];
	return str_n(out, n);
}

static struct str
copy(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n);
	memcpy(p, s.p, s.n);
	return str_n(p, s.n);
}

struct str
header_text(struct arena *a, struct str value)
{
	struct str plain = header_unfolded(a, value);
	if (plain.n == 0 || (!str_contains(plain, STR("=?")) && utf8_valid(plain)))
		return plain;
	struct buf decoded = {0};
	encoded_words(&decoded, plain, STR_NONE);
	struct str text = copy(a, buf_str(&decoded));
	buf_release(&decoded);
	return text;
}
