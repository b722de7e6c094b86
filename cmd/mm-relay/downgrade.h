/* downgrade.h: a message with 8-bit octets made fit for a server without 8BITMIME
 * (RFC 6152 section 3): its parts in quoted-printable or base64. */
#ifndef MM_DOWNGRADE_H
#define MM_DOWNGRADE_H

#include "buf.h"

/* Appends the message, lines ended by CRLF.  NULL, or why it cannot be: what is signed
 * or encrypted must stay as it is. */
const char *downgrade(struct str message, struct buf *out);

#endif
