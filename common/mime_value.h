/* mime_value.h: structured MIME header fields: Content-Type, Content-Disposition. */
#ifndef MM_MIME_VALUE_H
#define MM_MIME_VALUE_H

#include <stdbool.h>

#include "buf.h"

struct mime_value {
	char *text;        /* owned: the value, unfolded */
	struct str word;   /* "text/plain", "attachment": what is before the first ';' */
	struct str params; /* behind it */
};

/* Takes the value of a field, folding and all; release after use. */
void mime_value_parse(struct mime_value *v, struct str value);
void mime_value_release(struct mime_value *v);

/* Appends the value of a parameter as UTF-8, put together and decoded as RFC 2231
 * says; encoded words in it are left.  False when it is not there. */
bool mime_value_param(const struct mime_value *v, const char *name, struct buf *out);

#endif
