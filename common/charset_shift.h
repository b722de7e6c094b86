/* charset_shift.h: charsets of seven bits that shift between sets of characters. */
#ifndef MM_CHARSET_SHIFT_H
#define MM_CHARSET_SHIFT_H

#include "buf.h"

/* ISO-2022-JP and HZ, by these names of charset_name.h: iconv does not know the one, and
 * loses its place in the other behind a character that it does not know.  Appends the
 * octets in a charset of eight bits and returns its name; NULL: name is another. */
const char *charset_unshift(struct buf *out, struct str octets, const char *name);

#endif
