/* base64.h: RFC 4648 section 4, whole or not at all; and section 5. */
#ifndef MM_BASE64_H
#define MM_BASE64_H

#include <stdbool.h>

#include "buf.h"

void base64_encode(struct str s, struct buf *out); /* appends */

/* Appends what s encodes.  0, or -1 when it is not base64. */
int base64_decode(struct str s, struct buf *out);

/* Appends base64url without padding, as JSON Web Signatures have it (RFC 7515). */
void base64url_encode(struct str s, struct buf *out);

#endif
