/* idn.h: domain names as the DNS has them. */
#ifndef MM_IDN_H
#define MM_IDN_H

#include "str.h"

/* The name in lower case, with A-labels (IDNA 2008, UTS 46); NULL when it cannot
 * have any.  The caller frees. */
char *idn_ascii(struct str domain);

#endif
