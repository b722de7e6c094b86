/* num.h: numbers from text, whole or not at all.  Each returns 0, or -1 when the
 * text is not wholly a number of that kind within min..max (*out untouched). */
#ifndef MM_NUM_H
#define MM_NUM_H

#include <stdint.h>

#include "str.h"

int num_u64(struct str s, uint64_t min, uint64_t max, uint64_t *out);
int num_int(struct str s, int min, int max, int *out);

/* 512, 64K, 10M, 2G (powers of 1024) in octets */
int num_size(struct str s, uint64_t max, uint64_t *out);

/* 30 (seconds), 250ms, 90s, 5m, 2h, 7d in milliseconds */
int num_duration(struct str s, int64_t *out_ms);

#endif
