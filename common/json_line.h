/* json_line.h: JSON Lines that somebody may look at. */
#ifndef MM_JSON_LINE_H
#define MM_JSON_LINE_H

#include <jansson.h>

#include "buf.h"

/* Appends o as a line.  Characters that a terminal would act on are escaped. */
void json_line_add(struct buf *out, const json_t *o);
void json_line_print(const json_t *o); /* to standard output */

#endif
