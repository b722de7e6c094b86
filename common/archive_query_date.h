/* archive_query_date.h: dates as queries write them; UTC. */
#ifndef MM_ARCHIVE_QUERY_DATE_H
#define MM_ARCHIVE_QUERY_DATE_H

#include <stdint.h>

#include "str.h"

/* 2026, 2026-11, 2026/11, 2026-11-22, a time of RFC 3339, or, unless that is QUERY_NO_NOW,
 * today, yesterday or a duration before `now` (36h, 7d, 2w, 1y). *first and *last are the
 * milliseconds that it spans.  0, or -1. */
int query_date(struct str text, int64_t now, int64_t *first, int64_t *last);

/* A..B, A.., ..B or A: from the first of A to the last of B; an open end is left
 * as it is in *min or *max.  0, or -1. */
int query_date_range(struct str s, int64_t now, int64_t *min, int64_t *max);

#endif
