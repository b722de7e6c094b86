/* retention.h: how long an archive shows a message: the periods of Mail Manager,
 * in calendar months of UTC. */
#ifndef MM_RETENTION_H
#define MM_RETENTION_H

#include <stdint.h>

#include "str.h"

struct retention {
	int months;
	int days; /* months and days both 0: for ever */
};

/* "THREE_MONTHS" ... "TEN_YEARS", "PERMANENT".  0, or -1 when it is none. */
int retention_parse(struct str word, struct retention *out);
const char *retention_words(void); /* all of them, for messages and help */
const char *retention_word(const struct retention *r);

/* What Mail Manager does for an archive without a Retention member: 180 days. */
extern const struct retention retention_default;

/* The last instant of receiving whose messages have expired at `now`; INT64_MIN
 * when nothing ever expires.  A message expires at the same day and time of day
 * `months` later; where that month has no such day, as the next month begins:
 * nothing goes before its time. */
int64_t retention_cutoff(const struct retention *r, int64_t now);

#endif
