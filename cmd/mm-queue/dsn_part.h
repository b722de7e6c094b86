/* dsn_part.h: the parts of a notification: dsn.c wraps them. */
#ifndef MM_QUEUE_DSN_PART_H
#define MM_QUEUE_DSN_PART_H

#include "address.h"
#include "dsn.h"

#define DSN_ADDRESS_MAX 900 /* octets shown; keeps a line under RFC 5322's 998 */
#define DSN_DIAGNOSTIC_MAX 512

struct report {
	const struct dsn *d;
	struct path from;
	struct buf out;
	char boundary[64];
	bool utf8; /* an address needs RFC 6533 */
};

/* The boundary and the header of a part. */
void dsn_part(struct report *r, const char *type, const char *encoding);

/* At most max octets of s, which is UTF-8; what the report cannot have becomes
 * '?'. */
void dsn_text(struct report *r, struct str s, size_t max);
void dsn_date(struct buf *b, const char *name, int64_t ms);

/* For people; for machines; the message or its header. */
void dsn_explanation(struct report *r);
void dsn_status(struct report *r);
void dsn_original(struct report *r);

#endif
