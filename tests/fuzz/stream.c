/* Whatever the reader takes must be written as it was read, in any pieces. */
#include <stdint.h>
#include <stdlib.h>

#include "stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
append(struct buf *out, const struct record *r)
{
	buf_addf(out, "mail 1 %zu\n", r->body->n);
	buf_adds(out, buf_str(&r->head));
	buf_addc(out, '\n');
	buf_add(out, r->body->p, r->body->n);
}

/* Octets of whole records, as written again into `out`; *broken as it ended. */
static void
read_in_steps(struct str in, size_t step, struct buf *out, bool *broken)
{
	struct stream_reader r = {0};
	struct record *rec;
	int rc = 0;
	while (in.n && rc >= 0) {
		size_t n = step < in.n ? step : in.n;
		stream_feed(&r, in.p, n);
		in = str_skip(in, n);
		while ((rc = stream_next(&r, &rec)) > 0) {
			append(out, rec);
			record_free(rec);
		}
	}
	*broken = rc < 0 || stream_end(&r) < 0;
	if (*broken && (!r.error[0] || stream_next(&r, &rec) != -1))
		abort();
	stream_reader_release(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_n((const char *)data, size);
	struct buf whole = {0}, steps = {0};
	bool broken, broken_in_steps;
	if (size == 0)
		return 0;
	read_in_steps(in, size, &whole, &broken);
	read_in_steps(in, 1 + data[size - 1] % 13, &steps, &broken_in_steps);
	if (broken != broken_in_steps || !str_eq(buf_str(&whole), buf_str(&steps)))
		abort();
	if (whole.n > size || !str_eq(buf_str(&whole), str_n(in.p, whole.n)))
		abort();
	if (!broken && whole.n != size)
		abort();
	buf_release(&whole);
	buf_release(&steps);
	return 0;
}
