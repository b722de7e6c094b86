/* metrics.h: the counters of --metrics.  They lie in memory that processes forked
 * later share, so that all of them add to the same ones. */
#ifndef SMTPD_METRICS_H
#define SMTPD_METRICS_H

#include <stddef.h>
#include <stdint.h>

enum metric {
	METRIC_CONNECTIONS,
	METRIC_CONNECTIONS_OPEN,
	METRIC_TURNED_AWAY,
	METRIC_MESSAGES,
	METRIC_MESSAGE_OCTETS,
	METRIC_RECIPIENTS,
	METRIC_LOGINS,
	METRIC_TLS_HANDSHAKES,
	METRIC_SESSIONS,
	METRIC_HANDLER_SECONDS,
	METRIC_START_TIME,
	METRICS
};

/* Before any process is forked that is to count.  0, or -1 and errno.  Until then
 * nothing is counted. */
int metrics_open(void);
void metrics_close(void);

/* Gauges are kept for each process apart: which of METRICS_PROCESSES this is (0 until
 * said), and that one has ended, however it did, so that it has nothing open. */
#define METRICS_PROCESSES 64
void metrics_process(size_t index);
void metrics_process_ended(size_t index);

/* a, b: the values of the metric's labels, in order; NULL where it has none.  One that
 * is not in the table counts as the last that is. */
void metrics_count(enum metric m, const char *a, const char *b);
void metrics_add(enum metric m, int64_t n);      /* of one without labels */
void metrics_observe(enum metric m, int64_t ms); /* of a histogram */

/* For who shows them. */

#define METRIC_LABELS 2
#define METRIC_BOUNDS 12

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM, METRIC_TIME };

struct metric_label {
	const char *name;
	const char *const *values; /* up to NULL */
};

struct metric_family {
	const char *name;
	enum metric_kind kind;
	const char *help;
	struct metric_label labels[METRIC_LABELS]; /* {0}: none */
};

/* Upper bounds of the buckets of a histogram; one without a bound follows. */
extern const int64_t metric_bounds_ms[METRIC_BOUNDS];

const struct metric_family *metric_family(enum metric m);
size_t metric_values(const struct metric_label *l); /* 1 for no label */

/* slot: the index of label value a times the values of label b, plus the index of b's;
 * or a bucket.  METRIC_TIME: milliseconds.  0 before metrics_open(). */
uint64_t metric_get(enum metric m, size_t slot);
uint64_t metric_sum_ms(enum metric m); /* of a histogram */

#endif
