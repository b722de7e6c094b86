/* put.h: a record's message becomes an object. */
#ifndef MM_PUT_H
#define MM_PUT_H

#include "http.h"
#include "record.h"
#include "s3.h"

struct putter {
	const struct s3 *s3;
	struct http *http;
	int64_t timeout_ms;
	void (*finished)(void *arg, struct record *r);
	void *arg;
};

/* Takes the record; `finished` gives it back with its outcome.  The key is the
 * prefix and the record's id, so a repetition writes the same object again. */
void put_start(struct putter *p, struct record *r);

#endif
