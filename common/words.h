/* words.h: text as the index takes it apart, mm-search(1), "Words": runs of letters,
 * digits and marks, ideographs and kana one by one; case and accents folded. */
#ifndef MM_WORDS_H
#define MM_WORDS_H

#include <stdbool.h>

#include "buf.h"

/* Appends the words of text, UTF-8, folded, with a space between them. */
void words_folded(struct buf *out, struct str text);

/* The next word of *rest, as it is; *rest is then what follows.  false when there is
 * none. */
bool words_next(struct str *rest, struct str *word);

#endif
