/* encoded_word.h: RFC 2047.  GMime joins the base64 of neighbouring words before it
 * decodes, and so loses what follows the first padding. */
#ifndef MM_ENCODED_WORD_H
#define MM_ENCODED_WORD_H

#include "buf.h"

/* Appends the text with its encoded words decoded and everything else repaired to
 * UTF-8; space between two encoded words goes (section 6.2).  A character that is
 * split over two of one charset is made whole. */
void encoded_words(struct buf *out, struct str text);

#endif
