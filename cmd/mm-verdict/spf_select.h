/* spf_select.h: which of a name's TXT records is its SPF record. */
#ifndef MM_VERDICT_SPF_SELECT_H
#define MM_VERDICT_SPF_SELECT_H

#include "answers.h"
#include "buf.h"

/* How many SPF records are in the answer (RFC 7208 section 4.5); *out becomes the
 * text of the last of them. */
size_t spf_select(const struct answer *a, struct buf *out);

#endif
