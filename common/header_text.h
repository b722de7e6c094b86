/* header_text.h: what a header field's value says to a person: unfolded, RFC 2047
 * words and other charsets decoded to UTF-8. */
#ifndef MM_HEADER_TEXT_H
#define MM_HEADER_TEXT_H

#include "arena.h"
#include "str.h"

/* A view of the value where that will do, else a copy in the arena. */
struct str header_text(struct arena *a, struct str value);

/* Unfolded only. */
struct str header_unfolded(struct arena *a, struct str value);

#endif
