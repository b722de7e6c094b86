#include "data.h"

#include "buf.h"
#include "tap.h"

static void
collect(void *arg, const char *p, size_t n)
{
	buf_add(arg, p, n);
}

/* Decodes in pieces of `step` octets. */
static enum data_result
decode(struct str in, size_t step, size_t *used, struct buf *out)
{
	struct data_decoder d = {0};
	enum data_result result = DATA_MORE;
	*used = 0;
	while (result == DATA_MORE && *used < in.n) {
		size_t n = in.n - *used < step ? in.n - *used : step, taken = 0;
		result = data_decode(&d, str_n(in.p + *used, n), &taken, collect, out);
		*used += taken;
	}
	return result;
}

static void
check(const char *name, struct str in, enum data_result expected, const char *message,
	size_t left)
{
	bool good = true;
	for (size_t step = 1; step <= in.n; step++) {
		struct buf out = {0};
		size_t used;
		enum data_result got = decode(in, step, &used, &out);
		good = good && got == expected;
		if (expected == DATA_END || expected == DATA_MORE)
			good = good && str_eq(buf_str(&out), str_of(message)) &&
			       used == in.n - left;
		buf_release(&out);
	}
	ok(good, "%s, however it is split", name);
}

int
main(void)
{
	check("a message", STR("a: b\r\n\r\nc\r\n.\r\n"), DATA_END, "a: b\r\n\r\nc\r\n", 0);
	check("an empty message", STR(".\r\n"), DATA_END, "", 0);
	check("stuffed dots", STR("..\r\n...x\r\n.y\r\n.\r\n"), DATA_END, ".\r\n..x\r\ny\r\n",
		0);
	check("dots within lines", STR("a.\r\nb.c\r\n.\r\n"), DATA_END, "a.\r\nb.c\r\n", 0);
	check("what follows the end is left", STR("x\r\n.\r\nQUIT\r\n"), DATA_END, "x\r\n", 6);
	check("no end yet", STR("x\r\ny\r\n"), DATA_MORE, "x\r\ny\r\n", 0);
	check("no end without CRLF before the dot", STR("x.\r\n"), DATA_MORE, "x.\r\n", 0);
	check("a held CR", STR("x\r"), DATA_MORE, "x", 0);
	check("bare LF", STR("x\n.\r\n"), DATA_BARE_LF, "", 0);
	check("bare LF first", STR("\n"), DATA_BARE_LF, "", 0);
	check("dot LF", STR("x\r\n.\n"), DATA_BARE_LF, "", 0);
	check("bare CR", STR("x\ry\r\n.\r\n"), DATA_BARE_CR, "", 0);
	check("two CR", STR("x\r\r\n.\r\n"), DATA_BARE_CR, "", 0);
	check("dot CR", STR("x\r\n.\rx"), DATA_BARE_CR, "", 0);
	check("dot CR CR LF", STR("x\r\n.\r\r\n"), DATA_BARE_CR, "", 0);
	check("NUL", STR("x\0y\r\n.\r\n"), DATA_NUL, "", 0);
	check("NUL behind a dot", STR("x\r\n.\0\r\n"), DATA_NUL, "", 0);

	struct data_decoder d = {0};
	struct buf out = {0};
	size_t used;
	data_decode(&d, STR("123\r\n1"), &used, collect, &out);
	data_decode(&d, STR("2345"), &used, collect, &out);
	data_decode(&d, STR("67\r\n8\r\n.\r\n"), &used, collect, &out);
	is_int((long long)d.longest, 7, "the longest line");
	buf_release(&out);
	return done();
}
