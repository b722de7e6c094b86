/* An mbox in pieces gives the same messages as whole; no octet is given twice. */
#include <stdint.h>
#include <stdlib.h>

#include "mbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	size_t messages, octets;
	uint64_t hash;
};

static void
add(void *ctx, struct str octets, uint64_t at, int64_t from_ms)
{
	struct sum *s = ctx;
	s->messages++;
	s->octets += octets.n;
	s->hash = s->hash * 31 + at + (uint64_t)from_ms;
	for (size_t i = 0; i < octets.n; i++)
		s->hash = s->hash * 31 + (unsigned char)octets.p[i];
}

static struct sum
read_in(const uint8_t *data, size_t size, size_t piece, enum mbox_kind kind)
{
	struct sum s = {0};
	struct mbox m = {.message = add, .ctx = &s, .kind = kind, .limit = SIZE_MAX};
	for (size_t at = 0; at < size; at += piece)
		mbox_feed(&m, data + at, piece < size - at ? piece : size - at);
	mbox_end(&m);
	mbox_release(&m);
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int kind = MBOX_GUESS; kind <= MBOX_NO; kind++) {
		struct sum whole = read_in(data, size, size + 1, (enum mbox_kind)kind);
		struct sum pieces = read_in(data, size, 7, (enum mbox_kind)kind);
		if (whole.messages != pieces.messages || whole.octets != pieces.octets ||
			whole.hash != pieces.hash || whole.octets > size)
			abort();
	}
	return 0;
}
