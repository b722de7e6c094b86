/* facts.h: what can be asked about one recipient of one message: the attributes
 * of Mail Manager's conditions, taken from a record's fields and the message's
 * header.  Decoded once a message, on demand. */
#ifndef MM_FACTS_H
#define MM_FACTS_H

#include "cidr.h"
#include "message.h"
#include "record.h"

struct facts {
	const struct record *rec;
	const struct message *msg; /* NULL when the record is an envelope alone */
	struct str recipient;      /* without brackets and parameters */
	struct facts_cache *cache; /* private */
};

void facts_init(struct facts *f, const struct record *rec, const struct message *msg);
void facts_set_recipient(struct facts *f, struct str rcpt_to); /* a rcpt-to value */
void facts_release(struct facts *f);

#endif
