/* The decoder of mail data against the plainest reading of RFC 5321, split at
 * places that the input chooses. */
#include <stdint.h>
#include <stdlib.h>

#include "buf.h"
#include "data.h"

static void
collect(void *arg, const char *p, size_t n)
{
	buf_add(arg, p, n);
}

/* Octet by octet, with everything at hand. */
static enum data_result
plain(struct str in, size_t *used, struct buf *out)
{
	bool start = true;
	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];
		if (start && c == '.') {
			start = false;
			if (i + 1 == in.n)
				break;
			c = in.p[++i];
			if (c == '\r' && i + 1 < in.n && in.p[i + 1] == '\n') {
				*used = i + 2;
				return DATA_END;
			}
		}
		if (c == '\0')
			return DATA_NUL;
		if (c == '\n')
			return DATA_BARE_LF;
		start = false;
		if (c == '\r') {
			if (i + 1 == in.n)
				break;
			if (in.p[i + 1] == '\0')
				return DATA_NUL;
			if (in.p[++i] != '\n')
				return DATA_BARE_CR;
			buf_add(out, "\r\n", 2);
			start = true;
		} else {
			buf_addc(out, c);
		}
	}
	*used = in.n;
	return DATA_MORE;
}

static enum data_result
split(struct str in, size_t step, size_t *used, struct buf *out)
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf a = {0}, b = {0};
	size_t used_a = 0, used_b = 0;
	if (size < 1)
		return 0;
	struct str in = str_n((const char *)data + 1, size - 1);
	enum data_result ra = plain(in, &used_a, &a), rb = split(in, data[0] + 1u, &used_b, &b);
	bool refused = ra > DATA_END;
	/* A NUL ahead of a bare CR or LF in the same read is told first. */
	if (refused != (rb > DATA_END) || (!refused && ra != rb))
		abort();
	if (!refused && (used_a != used_b || !str_eq(buf_str(&a), buf_str(&b))))
		abort();
	buf_release(&a);
	buf_release(&b);
	return 0;
}
