/* analyser.h: what an analyser is.  Each has a file of its own. */
#ifndef MM_SCAN_ANALYSER_H
#define MM_SCAN_ANALYSER_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "record.h"

struct scan_settings {
	const char *name;   /* in the fields */
	const char *socket; /* of clamd or rspamd; NULL: its usual place */
	const char *url;    /* of rspamd; NULL: its usual place */
	char *const *program;
	const struct dns_lists *lists;
	bool txt;           /* ask the lists why they list something */
	int parallel;       /* messages analysed at once */
	uint64_t max_size;  /* octets; larger messages are not analysed */
	int64_t timeout_ms; /* a message */
};

enum scan_verdict { SCAN_PASS, SCAN_FAIL, SCAN_GRAY, SCAN_PROCESSING_FAILED };

struct scanner;

/* One message before one analyser. */
struct scan {
	struct scanner *scanner;
	struct record *rec; /* its body is what is to be analysed */
	void *job;          /* the analyser's own */

	/* private */
	struct ev_timer timer;
	struct scan *next;
};

struct analyser {
	const char *name;
	bool envelope;   /* does it analyse records without a message too? */
	bool executes;   /* does it need to start programs? */
	bool any_size;   /* does it heed max_size itself? */
	bool keeps_time; /* does it heed timeout_ms itself?  Then it has no cancel. */
	bool lists;      /* does it ask DNS lists? */
	int parallel;    /* what the settings are unless told otherwise */
	int64_t timeout_ms;

	/* NULL after an error was logged.  The settings outlive it. */
	void *(*open)(struct ev_loop *loop, const struct scan_settings *settings);

	/* Begins; scan_finish() follows exactly once, from within or later, unless
	 * cancel is called. */
	void (*start)(void *state, struct scan *s);

	/* Ends a scan that takes too long; scan_finish() must not follow. */
	void (*cancel)(void *state, struct scan *s);

	void (*close)(void *state);
};

extern const struct analyser analyser_clamav, analyser_command, analyser_dnsbl, analyser_dbl,
	analyser_rspamd;

/* Adds a finding: analysis: NAME FIELD VALUE. */
void scan_found(struct scan *s, const char *field, struct str value);

/* Ends the scan.  reason: why there is no verdict, else NULL. */
void scan_finish(struct scan *s, enum scan_verdict verdict, const char *reason);

#endif
