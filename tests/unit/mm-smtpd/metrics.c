#include "metrics_text.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "metrics.h"
#include "tap.h"

#define CHILDREN 4
#define TURNS 20000

static bool
says(const char *ingress, const char *line)
{
	struct buf text = {0};
	metrics_text(&text, ingress);
	bool found = strstr(buf_cstr(&text), line) != NULL;
	buf_release(&text);
	return found;
}

static void
count_in_a_child(void)
{
	if (fork() != 0)
		return;
	for (int i = 0; i < TURNS; i++) {
		metrics_count(METRIC_MESSAGES, "tempfail", NULL);
		metrics_add(METRIC_CONNECTIONS_OPEN, 1);
		metrics_add(METRIC_CONNECTIONS_OPEN, -1);
	}
	_exit(0);
}

static void
shared(void)
{
	for (int i = 0; i < CHILDREN; i++)
		count_in_a_child();
	while (wait(NULL) > 0)
		;
	is_int((long long)metric_get(METRIC_MESSAGES, 1), (long long)CHILDREN * TURNS,
		"children add to the same counter");
	is_int((long long)metric_get(METRIC_CONNECTIONS_OPEN, 0), 0, "a gauge comes back to 0");
}

static void
labels(void)
{
	metrics_count(METRIC_SESSIONS, "quit", NULL);
	metrics_count(METRIC_SESSIONS, "no such word", NULL);
	metrics_count(METRIC_SESSIONS, NULL, NULL);
	metrics_count(METRIC_TLS_HANDSHAKES, "failed", "none");
	ok(says(NULL, "\nmm_smtpd_sessions_total{end=\"quit\"} 1\n"), "a word");
	ok(says(NULL, "\nmm_smtpd_sessions_total{end=\"other\"} 2\n"), "others");
	ok(says(NULL, "{result=\"failed\",version=\"none\"} 1\n"), "two labels");
	ok(says("in", "\nmm_smtpd_connections_total{ingress=\"in\"} 0\n"), "an ingress point");
	ok(says("a\\b\"c\nd", "{ingress=\"a\\\\b\\\"c\\nd\",end=\"quit\"} 1\n"),
		"an ingress point with a difficult name");
}

static void
histogram(void)
{
	metrics_observe(METRIC_HANDLER_SECONDS, 0);
	metrics_observe(METRIC_HANDLER_SECONDS, 10);
	metrics_observe(METRIC_HANDLER_SECONDS, 11);
	metrics_observe(METRIC_HANDLER_SECONDS, 3600000);
	ok(says(NULL, "_seconds_bucket{le=\"0.001\"} 1\n"), "the first bucket");
	ok(says(NULL, "_seconds_bucket{le=\"0.01\"} 2\n"), "a bound belongs to its bucket");
	ok(says(NULL, "_seconds_bucket{le=\"0.05\"} 3\n"), "buckets add up");
	ok(says(NULL, "_seconds_bucket{le=\"540\"} 3\n"), "the last with a bound");
	ok(says(NULL, "_seconds_bucket{le=\"+Inf\"} 4\n"), "the one without");
	ok(says(NULL, "_seconds_sum 3600.021\n"), "sum");
	ok(says(NULL, "_seconds_count 4\n"), "count");
}

int
main(void)
{
	metrics_count(METRIC_MESSAGES, "ok", NULL);
	is_int((long long)metric_get(METRIC_MESSAGES, 0), 0, "nothing is counted before");
	if (!ok(metrics_open() == 0, "open"))
		return done();
	shared();
	labels();
	histogram();
	metrics_close();
	return done();
}
