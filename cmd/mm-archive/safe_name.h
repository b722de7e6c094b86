/* safe_name.h: a name for a file, made of one that a stranger chose. */
#ifndef MM_ARCHIVE_SAFE_NAME_H
#define MM_ARCHIVE_SAFE_NAME_H

#include "buf.h"

#define SAFE_NAME_MAX 200 /* octets; file systems have room for 255 */

/* Sets out to a name in UTF-8 without '/', '\', controls and characters that turn the
 * direction of text, that begins with none of ". -~" and ends with none of ". ".  What is
 * too long loses its middle, not its ending.  When nothing is left of `name`, it is
 * "attachment-NUMBER" with an ending by the type. */
void safe_name(struct buf *out, struct str name, struct str type, unsigned number);

/* Sets out to the name with "-N" before its ending. */
void safe_name_numbered(struct buf *out, struct str name, unsigned n);

#endif
