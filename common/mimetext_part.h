/* mimetext_part.h: what the parts of a message have for mimetext.c: text, charset,
 * attachments. */
#ifndef MM_MIMETEXT_PART_H
#define MM_MIMETEXT_PART_H

#include "mimetext.h"

/* Adds text, attachments and charset of all parts. */
void mimetext_message(struct mimetext *t, const struct message *m, size_t body_max);

#endif
