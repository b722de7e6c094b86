/* mimetext_header.h: what a header field of a message says, as UTF-8 text. */
#ifndef MM_MIMETEXT_HEADER_H
#define MM_MIMETEXT_HEADER_H

#include "buf.h"
#include "message.h"

#define MIMETEXT_MAX_HEADER (64u << 10) /* octets of text taken from one header field */

/* Appends a header field's value as text: unfolded, encoded words decoded (RFC
 * 2047), control characters made spaces.  Raw 8-bit octets are UTF-8 if they can be,
 * else of that charset, if it is known, else windows-1252. */
void mimetext_header(struct buf *out, struct str value, struct str charset);

/* Appends the charset of a message's first text part, for mimetext_header(). */
void mimetext_charset(struct buf *out, const struct message *m);

#endif
