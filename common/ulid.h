/* ulid.h: message ids.  26 characters of Crockford base 32: 48 bits of time in
 * milliseconds, 80 random bits; they sort by time of making. */
#ifndef MM_ULID_H
#define MM_ULID_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

#define ULID_SIZE 27 /* with the NUL */

char *ulid_new(int64_t ms, char out[ULID_SIZE]); /* returns out */

/* Is s fit to be an id at all: 1 to 128 of A-Z a-z 0-9 . _ - and not starting
 * with a dot, so that it can be part of a file name? */
bool id_valid(struct str s);

#endif
