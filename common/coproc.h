/* coproc.h: a long-lived child that speaks the filter contract: write a record,
 * get it back with its outcome.  Many in flight; replies in any order; a child
 * that dies is started again with back-off.  Whatever happens, every record
 * sent comes back exactly once. */
#ifndef MM_COPROC_H
#define MM_COPROC_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "record.h"

struct coproc;

/* Takes r.  When the child failed, r is what was sent, with status tempfail and
 * a reply that says so ("451 4.3.0 ...").  It may call coproc_send() and
 * coproc_forget(), not coproc_free(). */
typedef void coproc_done(void *arg, struct record *r);

struct coproc_options {
	const char *name;      /* for logs and replies; copied */
	char *const *argv;     /* searched in $PATH; copied */
	int64_t timeout_ms;    /* for one record; 0 is none.  A child silent for that long
				  with work at hand is killed. */
	unsigned max_tries;    /* times a record is given to a child that dies; 0 means 1.
				  What a dying child cannot have seen does not count. */
	size_t window_records; /* coproc_full() from here on; 0: 4096 */
	size_t window_bytes;   /* likewise; 0: 64 MiB */
	bool fields_only;      /* answers may come without the message, see child.h */
};

/* Why a record has come back. */
enum coproc_cause {
	COPROC_ANSWERED,
	COPROC_DIED,     /* the child ended or broke the contract with this record at hand */
	COPROC_NO_START, /* there is no such program, or it ended saying that it cannot work:
			    exit status 75, 78, 126 or 127 */
	COPROC_TIMEOUT,
	COPROC_STOPPED, /* by coproc_free() */
};

/* Means something within a coproc_done only, where it speaks of its record. */
enum coproc_cause coproc_cause(const struct coproc *c);

/* Starts the child at once.  Never NULL: a child that cannot be started is
 * retried like one that died, and an error is logged. */
struct coproc *coproc_new(struct ev_loop *loop, const struct coproc_options *o);

/* Takes r.  The record goes out before the loop next waits.  The child sees one
 * more field, `tag`, by which the answer is found; done gets it without. */
void coproc_send(struct coproc *c, struct record *r, coproc_done *done, void *arg);

/* Forgets that the caller waits: done will not be called for this arg. */
void coproc_forget(struct coproc *c, void *arg);

bool coproc_full(const struct coproc *c);
size_t coproc_in_flight(const struct coproc *c);

/* Fails what is in flight (nothing may be sent meanwhile), closes the child's
 * input, waits until it has ended (kills it after 10 seconds) and frees c. */
void coproc_free(struct coproc *c);

#endif
