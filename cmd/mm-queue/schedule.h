/* schedule.h: when a record is tried again.  Times are ms since 1970, durations ms. */
#ifndef MM_QUEUE_SCHEDULE_H
#define MM_QUEUE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

struct schedule {
	int64_t retry_min, retry_max, lifetime;
	int64_t delay_warning; /* 0: none */
};

/* After `attempts` (1 and up) of a record queued at `queued`: the wait doubles
 * from retry_min up to retry_max, a fifth more or less by chance so that what
 * failed together does not come back together; never beyond the lifetime, so
 * that the last attempt is made when it ends. */
int64_t schedule_next(const struct schedule *s, unsigned attempts, int64_t queued, int64_t now);

bool schedule_expired(const struct schedule *s, int64_t queued, int64_t now);

/* Divides every duration; none but 0 becomes less than 1 ms. */
void schedule_scale(struct schedule *s, uint64_t by);

#endif
