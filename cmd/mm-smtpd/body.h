/* body.h: collects a message of unknown length: in memory, from BLOB_SPOOL_SIZE on
 * in a spool file, and all in spool files while 64 MiB of them are in memory.  What is over the
 * limit is counted and thrown away. */
#ifndef SMTPD_BODY_H
#define SMTPD_BODY_H

#include <stdbool.h>

#include "blob.h"

struct body {
	struct buf mem;
	struct blob_builder spool;
	bool spooling;
	size_t octets; /* of the message, without the trace field before it */
	size_t limit;
	int error; /* errno of a spool that cannot be written, else 0 */
};

/* `trace` goes before the message and is not counted. */
void body_start(struct body *b, size_t limit, struct str trace);
void body_add(void *body, const char *p, size_t n); /* a data_sink */
bool body_over(const struct body *b);

/* 0 and the blob (the caller's), or -1 with errno set when it could not be kept.
 * Not for a body that is over its limit. */
int body_finish(struct body *b, struct blob **out);
void body_abandon(struct body *b); /* {0} is allowed */

#endif
