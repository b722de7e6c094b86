/* metrics_output.h: the counters where --metrics WHERE says: in a file, for the
 * textfile collector of Prometheus' node exporter, or on a Unix socket. */
#ifndef SMTPD_METRICS_OUTPUT_H
#define SMTPD_METRICS_OUTPUT_H

#include <ev.h>

struct metrics_output;

/* where: a FILE, written at once, every 15 seconds and by metrics_output_free(); or
 * "unix:PATH", where whoever connects gets the text as an HTTP/1.0 response.  Both
 * strings must outlive it; ingress may be NULL.  For one process of those that share
 * the counters.  NULL after an error was logged. */
struct metrics_output *metrics_output_new(
	struct ev_loop *loop, const char *where, const char *ingress);
void metrics_output_free(struct metrics_output *o); /* NULL is allowed */

#endif
