/* encoded_word.h: RFC 2047. */
#ifndef MM_ENCODED_WORD_H
#define MM_ENCODED_WORD_H

#include "buf.h"

/* Appends the text with its encoded words decoded and everything else made UTF-8 as
 * charset_guess() does with `charset`; space between two encoded words goes (section 6.2).  A
 * character that is split over two of one charset is made whole. */
void encoded_words(struct buf *out, struct str text, struct str charset);

#endif
