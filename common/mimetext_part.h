/* mimetext_part.h: walks the parts of a message for mimetext.c (RFC 2045, 2046).  It
 * takes what is broken for what its sender most likely meant: a part ends where any
 * part that it is in ends, a multipart without its boundary is text. */
#ifndef MM_MIMETEXT_PART_H
#define MM_MIMETEXT_PART_H

#include "mimetext.h"

/* Adds text, attachments and charset of all parts. */
void mimetext_message(struct mimetext *t, const struct message *m, size_t body_max);

#endif
