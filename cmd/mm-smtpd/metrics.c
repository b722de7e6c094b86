#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "clock.h"
#include "metrics.h"

#define SLOTS 32 /* of one metric; the last is a histogram's sum */
#define SUM (SLOTS - 1)

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct metric_family families[METRICS] = {
	[METRIC_CONNECTIONS] = {"mm_smtpd_connections_total", METRIC_COUNTER,
		"Connections that were taken."},
	[METRIC_CONNECTIONS_OPEN] = {"mm_smtpd_connections_open", METRIC_GAUGE,
		"Connections that are open now."},
	[METRIC_TURNED_AWAY] = {"mm_smtpd_turned_away_total", METRIC_COUNTER,
		"Connections answered with 421 because there were too many.",
		{{"why", WORDS("max-connections", "max-per-address", "other")}}},
	[METRIC_MESSAGES] = {"mm_smtpd_messages_total", METRIC_COUNTER,
		"Messages whose data came in, by how they were answered.",
		{{"status", WORDS("ok", "tempfail", "permfail")}}},
	[METRIC_MESSAGE_OCTETS] = {"mm_smtpd_message_octets_total", METRIC_COUNTER,
		"Octets of these messages, as the clients sent them."},
	[METRIC_RECIPIENTS] = {"mm_smtpd_recipients_total", METRIC_COUNTER,
		"Recipients, by the answer to RCPT.",
		{{"result", WORDS("accepted", "refused")}}},
	[METRIC_LOGINS] = {"mm_smtpd_logins_total", METRIC_COUNTER,
		"Passwords that were checked.", {{"result", WORDS("ok", "failed")}}},
	[METRIC_TLS_HANDSHAKES] = {"mm_smtpd_tls_handshakes_total", METRIC_COUNTER,
		"TLS handshakes; those that failed have version none.",
		{{"result", WORDS("ok", "failed")},
			{"version", WORDS("TLSv1.2", "TLSv1.3", "none", "other")}}},
	[METRIC_SESSIONS] = {"mm_smtpd_sessions_total", METRIC_COUNTER,
		"Sessions that have ended, by why.",
		{{"end",
			WORDS("quit", "eof", "lost", "timeout", "stopped", "tls-failed",
				"early-talker", "errors", "refusals", "auth-failures", "idling",
				"pipelining", "http", "long-line", "bare-lf", "bare-cr", "nul",
				"bdat", "too-big", "proxy", "max-per-address", "other")}}},
	[METRIC_HANDLER_SECONDS] = {"mm_smtpd_handler_seconds", METRIC_HISTOGRAM,
		"How long messages were at the handler."},
	[METRIC_START_TIME] = {"process_start_time_seconds", METRIC_TIME,
		"When the process started, in seconds since 1970."},
};

const int64_t metric_bounds_ms[METRIC_BOUNDS] = {
	1, 5, 10, 50, 100, 500, 1000, 5000, 10000, 30000, 120000, 540000};

typedef _Atomic uint64_t slots[SLOTS];

_Static_assert(METRIC_BOUNDS + 1 <= SUM, "the buckets fit");

static struct shared {
	slots counters[METRICS];
	_Atomic uint64_t gauges[METRICS][METRICS_PROCESSES];
} * shared;
static size_t process;

int
metrics_open(void)
{
	void *p = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -1;
	shared = p;
	metrics_add(METRIC_START_TIME, clock_now_ms());
	return 0;
}

void
metrics_close(void)
{
	if (shared)
		(void)munmap(shared, sizeof(*shared));
	shared = NULL;
}

void
metrics_process(size_t index)
{
	process = index;
}

void
metrics_process_ended(size_t index)
{
	for (size_t m = 0; shared && m < METRICS; m++)
		atomic_store_explicit(&shared->gauges[m][index], 0, memory_order_relaxed);
}

static void
add(enum metric m, size_t slot, int64_t n)
{
	if (!shared)
		return;
	_Atomic uint64_t *at = families[m].kind == METRIC_GAUGE ? &shared->gauges[m][process]
								: &shared->counters[m][slot];
	atomic_fetch_add_explicit(at, (uint64_t)n, memory_order_relaxed);
}

size_t
metric_values(const struct metric_label *l)
{
	size_t n = 0;
	while (l->values && l->values[n])
		n++;
	return n ? n : 1;
}

static size_t
index_of(const struct metric_label *l, const char *word)
{
	size_t last = metric_values(l) - 1, i = 0;
	while (l->values && i < last && (!word || strcmp(l->values[i], word) != 0))
		i++;
	return i;
}

void
metrics_count(enum metric m, const char *a, const char *b)
{
	const struct metric_label *l = families[m].labels;
	add(m, index_of(&l[0], a) * metric_values(&l[1]) + index_of(&l[1], b), 1);
}

void
metrics_add(enum metric m, int64_t n)
{
	add(m, 0, n);
}

void
metrics_observe(enum metric m, int64_t ms)
{
	size_t i = 0;
	while (i < METRIC_BOUNDS && ms > metric_bounds_ms[i])
		i++;
	add(m, i, 1);
	add(m, SUM, ms);
}

const struct metric_family *
metric_family(enum metric m)
{
	return &families[m];
}

static uint64_t
load(const _Atomic uint64_t *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

uint64_t
metric_get(enum metric m, size_t slot)
{
	uint64_t sum = 0;
	if (!shared)
		return 0;
	if (families[m].kind != METRIC_GAUGE)
		return load(&shared->counters[m][slot]);
	for (size_t i = 0; i < METRICS_PROCESSES; i++)
		sum += load(&shared->gauges[m][i]);
	return sum;
}

uint64_t
metric_sum_ms(enum metric m)
{
	return metric_get(m, SUM);
}
