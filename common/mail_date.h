/* mail_date.h: the date of a header field, RFC 5322 section 3.3 and what mail has
 * instead. */
#ifndef MM_MAIL_DATE_H
#define MM_MAIL_DATE_H

#include <stdint.h>

#include "str.h"

/* Milliseconds since 1970 of a Date field's value; 0 when it cannot be read. */
int64_t mail_date(struct str value);

#endif
