#include <stdlib.h>

#include "body.h"
#include "mem.h"
#include "tap.h"

#define BODIES 80
#define PIECE ((size_t)1000000)

static size_t
spooled(const struct body *bodies)
{
	size_t n = 0;
	for (int i = 0; i < BODIES; i++)
		n += bodies[i].spooling;
	return n;
}

int
main(void)
{
	static struct body bodies[BODIES];
	char *piece = xcalloc(1, PIECE);
	struct blob *blob = NULL;
	for (int i = 0; i < BODIES; i++) {
		body_start(&bodies[i], 2 * PIECE, STR("Received: x\r\n"));
		body_add(&bodies[i], piece, PIECE);
	}
	ok(!bodies[0].spooling, "a body below 1 MiB stays in memory");
	ok(spooled(bodies) == BODIES - 67, "unless 64 MiB of others are there");
	ok(body_finish(&bodies[BODIES - 1], &blob) == 0 && blob->n == PIECE + 13,
		"it is whole all the same");
	blob_unref(blob);
	ok(body_finish(&bodies[0], &blob) == 0 && blob->n == PIECE + 13, "as are the others");
	blob_unref(blob);
	for (int i = 1; i < BODIES - 1; i++)
		body_abandon(&bodies[i]);
	body_start(&bodies[0], 2 * PIECE, STR(""));
	body_add(&bodies[0], piece, PIECE);
	ok(!bodies[0].spooling, "what is done counts no more");
	body_add(&bodies[0], piece, PIECE);
	ok(bodies[0].spooling && !body_over(&bodies[0]), "from 1 MiB on it is spooled");
	body_add(&bodies[0], piece, 1);
	ok(body_over(&bodies[0]) && !bodies[0].spooling, "over the limit nothing is kept");
	body_abandon(&bodies[0]);
	free(piece);
	return done();
}
