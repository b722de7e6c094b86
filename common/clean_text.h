/* clean_text.h: text that mail or a file brought, for a terminal, which must not see
 * controls: they move the cursor and more. */
#ifndef MM_CLEAN_TEXT_H
#define MM_CLEAN_TEXT_H

#include <stdio.h>

#include "buf.h"
#include "str.h"

/* Appends s with a "?" for each control character, and for each octet that is no
 * UTF-8. */
void clean_text_add(struct buf *out, struct str s);
void clean_text_print(FILE *out, struct str s);

/* Characters: how wide text of UTF-8 is, more or less. */
size_t clean_text_width(const char *text);

#endif
