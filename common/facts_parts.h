/* facts_parts.h: the parts of a message that is asked about, for facts.c: taken
 * apart when the first asks, once a message. */
#ifndef MM_FACTS_PARTS_H
#define MM_FACTS_PARTS_H

#include "mimetext.h"

struct facts_parts {
	struct mimetext text;
	bool ready; /* set to false when another message begins */
};

/* NULL when there is no message. */
const struct mimetext *facts_parts(struct facts_parts *p, const struct message *msg);
void facts_parts_release(struct facts_parts *p);

#endif
