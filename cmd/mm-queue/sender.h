/* sender.h: whether a notification would go to who sent the message, or to
 * somebody whose address was used (backscatter). */
#ifndef MM_QUEUE_SENDER_H
#define MM_QUEUE_SENDER_H

#include "record.h"

enum bounce { BOUNCE_ALWAYS, BOUNCE_VERIFIED, BOUNCE_NEVER };

/* Is the reverse-path known to be the sender's own?  It came from no connection,
 * or from somebody who logged in, or SPF, DKIM or DMARC passed for the
 * reverse-path's domain or a domain above it.  `stored` is what the queue was
 * given, `answer` what the worker found out. */
bool sender_verified(const struct record *stored, const struct record *answer);

#endif
