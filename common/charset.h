/* charset.h: text in the charsets that mail has, as UTF-8 (by GMime and iconv). */
#ifndef MM_CHARSET_H
#define MM_CHARSET_H

#include "buf.h"

/* Appends the octets as UTF-8.  charset is a label as mail has it, may be absent;
 * what it cannot explain, or is unknown, is repaired as utf8_repair() does. */
void charset_to_utf8(struct buf *out, struct str octets, struct str charset);

#endif
