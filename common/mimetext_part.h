/* mimetext_part.h: walks the parts of a message for mimetext.c. */
#ifndef MM_MIMETEXT_PART_H
#define MM_MIMETEXT_PART_H

#include <gmime/gmime.h>

#include "mimetext.h"

struct part_walk {
	struct mimetext *text;
	size_t body_max;
	unsigned parts;
};

/* Adds the text and the attachments of a part (NULL is allowed) and of those
 * within it. */
void mimetext_part(struct part_walk *w, GMimeObject *part, int depth);

#endif
