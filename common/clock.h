/* clock.h: points in time, in milliseconds since 1970 (UTC). */
#ifndef MM_CLOCK_H
#define MM_CLOCK_H

#include <stdint.h>
#include <stddef.h>

#include "str.h"

int64_t clock_now_ms(void);  /* wall clock */
int64_t clock_mono_ms(void); /* never goes back; only differences mean anything */

#define CLOCK_RFC3339_SIZE 32
#define CLOCK_RFC5322_SIZE 40

/* "2026-11-22T10:00:00.123Z"; returns out. */
char *clock_rfc3339(int64_t ms, char out[CLOCK_RFC3339_SIZE]);
/* "Sun, 22 Nov 2026 10:00:00 +0000"; returns out. */
char *clock_rfc5322(int64_t ms, char out[CLOCK_RFC5322_SIZE]);

/* Reads RFC 3339, also a bare date, also without seconds, fraction or zone (then
 * UTC).  A leap second is the first second of the next minute.
 * 0, or -1 when it is no such time. */
int clock_parse_rfc3339(struct str s, int64_t *ms);

#endif
