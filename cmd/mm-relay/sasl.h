/* sasl.h: the client's side of SASL PLAIN (RFC 4616) and LOGIN, in base64. */
#ifndef MM_SASL_H
#define MM_SASL_H

#include "buf.h"

void sasl_plain(struct buf *out, const char *user, const char *password);

#endif
