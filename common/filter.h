/* filter.h: the contract of a filter (mm-stream(5), "Filters"), kept in one
 * place.  A program gives a function that takes records; this module reads
 * standard input or the operands, keeps the window, passes failed records
 * through, flushes before waiting, and turns outcomes into an exit status. */
#ifndef MM_FILTER_H
#define MM_FILTER_H

#include <ev.h>
#include <getopt.h>
#include <stdbool.h>

#include "record.h"
#include "stream.h"

#define FILTER_WINDOW_BYTES (64u << 20)
#define FILTER_WINDOW_RECORDS 4096

struct filter;

struct filter_ops {
	/* Takes the record.  filter_emit() must follow for it exactly once, from
	 * within or later. */
	void (*record)(struct filter *f, struct record *r);

	/* Called before the program would wait for anything: the moment for one
	 * commit over all that has arrived.  May be NULL. */
	void (*drain)(struct filter *f);

	/* For programs that print about records instead of passing them on: those
	 * that failed are wanted too. */
	bool takes_failed;
};

struct filter {
	struct ev_loop *loop; /* made by filter_init() */
	const struct filter_ops *ops;
	void *ctx; /* the program's own */
	size_t window_bytes, window_records;

	/* private */
	struct stream_reader in;
	struct stream_writer out;
	struct ev_io readable, closed;
	struct ev_prepare before_wait;
	struct record *envelope; /* fields given by options for bare messages */
	char **operands;         /* NULL in stream mode */
	bool eof;
	bool fields_only; /* whoever reads us wants no messages back */
	size_t taken, in_flight, in_flight_bytes;
	int exit_status;
};

void filter_init(struct filter *f, const struct filter_ops *ops, void *ctx);

/* Options that every filter takes for bare messages; put FILTER_OPTIONS into the
 * program's getopt_long table and give unknown values to filter_option(), which
 * returns false for what is not its own. */
enum {
	FILTER_OPT_IP = 0x1000,
	FILTER_OPT_HELO,
	FILTER_OPT_MAIL_FROM,
	FILTER_OPT_RCPT_TO,
	FILTER_OPT_INGRESS,
	FILTER_OPT_FIELD,
};
/* clang-format off */
#define FILTER_OPTIONS \
	{"ip", required_argument, NULL, FILTER_OPT_IP}, \
	{"helo", required_argument, NULL, FILTER_OPT_HELO}, \
	{"mail-from", required_argument, NULL, FILTER_OPT_MAIL_FROM}, \
	{"rcpt-to", required_argument, NULL, FILTER_OPT_RCPT_TO}, \
	{"ingress", required_argument, NULL, FILTER_OPT_INGRESS}, \
	{"field", required_argument, NULL, FILTER_OPT_FIELD}
/* clang-format on */
#define FILTER_HELP \
	"for a bare message (an operand, or - for standard input) the envelope comes from\n" \
	"  --ip ADDR --helo NAME --mail-from ADDR --rcpt-to ADDR... --ingress NAME\n" \
	"  --field NAME=VALUE (any other field of mm-stream(5)), else from its header\n"

bool filter_option(struct filter *f, int opt, const char *arg);

/* Runs until the input has ended and every record is out, then returns the exit
 * status.  operands: the message files, up to a NULL, as left by getopt.  The loop
 * may be run on afterwards for what else is in it. */
int filter_run(struct filter *f, char **operands);

/* Hands a finished record on; takes it. */
void filter_emit(struct filter *f, struct record *r);

/* The same for a program that writes something else than records: frees it. */
void filter_discard(struct filter *f, struct record *r);

/* Stops at once with this exit status, e.g. when the state that the program
 * works on is gone; what was not emitted was not acknowledged. */
void filter_abort(struct filter *f, int exit_status);

/* sysexits(3) code of a record's outcome: 0, 65, 69, 75 or 77. */
int filter_exit_code(const struct record *r);

#endif
