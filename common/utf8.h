/* utf8.h: what RFC 3629 allows, nothing else. */
#ifndef MM_UTF8_H
#define MM_UTF8_H

#include <stdbool.h>

#include "str.h"

/* Length of the character at the start of s: 1 to 4, or 0 when it is none
 * (overlong, surrogate, cut short, above U+10FFFF). */
size_t utf8_length(struct str s);

bool utf8_valid(struct str s);

/* How much of s, from its start, is UTF-8 without control characters (U+0000 to
 * U+001F, U+007F to U+009F). */
size_t utf8_text_length(struct str s);

/* Is the character at the start of s one of the controls U+0080..U+009F? */
bool utf8_is_c1(struct str s);

#endif
