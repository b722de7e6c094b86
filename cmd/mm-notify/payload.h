/* payload.h: a record told in JSON as Amazon SES tells it: the notification of a
 * received message, for SNS, Lambda and webhooks. */
#ifndef MM_PAYLOAD_H
#define MM_PAYLOAD_H

#include "buf.h"
#include "record.h"
#include "references.h"
#include "target.h"

#define PAYLOAD_HEADERS_WITH_CONTENT 20480 /* octets of header beside the content */
#define PAYLOAD_HEADERS_ALONE 102400
#define PAYLOAD_SNS_LIMIT 262144 /* octets of a whole SNS message */

struct payload_options {
	bool content;                          /* the message itself goes along */
	bool base64;                           /* in base64, so that every octet survives */
	size_t max_size;                       /* octets of the JSON; 0: no limit */
	const struct match_settings *settings; /* how SPF's words become verdicts */
};

/* Appends the JSON text.  0, or -1 when it would be larger than max_size. */
int payload_build(const struct target *t, const struct payload_options *o,
	const struct record *r, struct buf *out);

#endif
