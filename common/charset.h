/* charset.h: text in the charsets that mail has, as UTF-8 (by iconv). */
#ifndef MM_CHARSET_H
#define MM_CHARSET_H

#include "buf.h"

/* Appends the octets as UTF-8.  charset is a label as mail has it, charset_name.h, may
 * be absent.  What it cannot explain becomes U+FFFD; with one that is unknown, or says
 * nothing, it is repaired as utf8_repair() does. */
void charset_to_utf8(struct buf *out, struct str octets, struct str charset);

/* The same for octets without a label, in a message that has `charset` (may be absent)
 * elsewhere: UTF-8 where it can be, else that. */
void charset_guess(struct buf *out, struct str octets, struct str charset);

#endif
