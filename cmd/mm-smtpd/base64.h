/* base64.h: RFC 4648 section 4, whole or not at all. */
#ifndef SMTPD_BASE64_H
#define SMTPD_BASE64_H

#include <stdbool.h>

#include "buf.h"

/* Appends what s encodes.  0, or -1 when it is not base64. */
int base64_decode(struct str s, struct buf *out);

#endif
