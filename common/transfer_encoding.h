/* transfer_encoding.h: undoes Content-Transfer-Encoding, as far as it makes sense. */
#ifndef MM_TRANSFER_ENCODING_H
#define MM_TRANSFER_ENCODING_H

#include <stdbool.h>

#include "buf.h"

/* Does the encoding change nothing? */
bool transfer_is_identity(struct str encoding);

/* Appends the octets of a part that has that encoding; what is none, or is none that
 * is known, is taken as it is.  At most `max` octets of s are looked at. */
void transfer_decode(struct buf *out, struct str s, struct str encoding, size_t max);

/* Appends what base64 encodes: other characters are passed over, it ends at "=". */
void transfer_decode_base64(struct buf *out, struct str s);

#endif
