/* envelope.h: the records that a session makes, mm-stream(5). */
#ifndef SMTPD_ENVELOPE_H
#define SMTPD_ENVELOPE_H

#include "session.h"

/* Everything known about connection and transaction, without recipients. */
struct record *envelope_record(const struct session *s);

/* The word for "with" in trace fields: RFC 3848, RFC 6531 section 4.3. */
const char *envelope_protocol(const struct session *s);

/* The Received field (RFC 5321 section 4.4) for the open transaction, with its
 * CRLF; the caller releases out. */
void envelope_received(const struct session *s, struct buf *out);

#endif
