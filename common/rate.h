/* rate.h: how many messages there were of one key in a window of time.  In memory;
 * bounded: the keys that were quiet for longest are forgotten first. */
#ifndef MM_RATE_H
#define MM_RATE_H

#include <stdint.h>

#include "str.h"

#define RATE_MAX_COUNT 10000    /* that can be asked for */
#define RATE_MAX_KEYS 100000    /* of a rate */
#define RATE_MAX_EVENTS 2000000 /* of a rate, all keys together */

struct rate;

/* Counts up to `most` + 1 messages of a key within window_ms. */
struct rate *rate_new(uint32_t most, int64_t window_ms);
void rate_free(struct rate *r); /* NULL is allowed */

/* Counts the message of that id, which came at a time, once however often it is
 * asked about; returns how many of the key came in the window that ends then, it
 * included, most + 1 for more. */
uint32_t rate_count(struct rate *r, struct str key, struct str id, int64_t at_ms);

#endif
