/* words.h: text as the index takes it apart: words of letters, digits and marks,
 * ideographs and kana one by one, accents and case folded; mm-search(1), Words. */
#ifndef MM_WORDS_H
#define MM_WORDS_H

#include "str.h"

/* The next word of *rest, which is UTF-8; *rest is then what follows.  false when
 * there is none. */
bool words_next(struct str *rest, struct str *word);

/* The word for comparing; the caller frees. */
char *words_fold(struct str word);

#endif
