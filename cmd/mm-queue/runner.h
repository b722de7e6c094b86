/* runner.h: `mm-queue run`: run_options.c reads how, run.c wires the loop, feed.c finds what
 * is due, flight.c gives a record to the worker, settle.c makes its answers durable. */
#ifndef MM_QUEUE_RUNNER_H
#define MM_QUEUE_RUNNER_H

#include <ev.h>
#include <uthash.h>

#include "coproc.h"
#include "doubt.h"
#include "fair.h"
#include "schedule.h"
#include "sender.h"
#include "store.h"

/* A record that is with the worker, or whose outcome is not yet on disk. */
struct flight {
	int64_t seq; /* the hash key */
	int64_t queued;
	unsigned attempts; /* this one included */
	unsigned deaths;
	bool retried;       /* came from among those tried before */
	bool tells_success; /* a recipient has NOTIFY=SUCCESS */
	struct fair_share share;
	struct runner *runner;
	UT_hash_handle hh;
};

enum change_kind { CHANGE_REMOVE, CHANGE_DEFER };

/* What is to be done to the store for one flight. */
struct change {
	enum change_kind kind;
	struct flight *flight;
	struct record *progress; /* owned; for a deferral, may be NULL */
	struct record *dsn;      /* owned; to be added in the same transaction, or NULL */
	int64_t next;
	unsigned deaths;
	bool poison;
	char *reply; /* owned; may be NULL */
};

struct runner {
	/* how */
	const char *dir;
	char *const *worker_argv;
	char *hostname;
	struct schedule schedule;
	enum bounce bounce;
	size_t window_records, window_bytes;
	int64_t timeout_ms, grace_ms;
	unsigned poison;

	struct ev_loop *loop;
	struct store *store;
	struct coproc *worker;
	int wake, lock;
	struct ev_io woken;
	struct ev_signal term, intr;
	struct ev_timer due, pause, again, grace, tidy;
	struct ev_prepare before_wait;
	bool stopping;
	bool reserved; /* there is space kept for a full disk */

	/* feed.c */
	struct flight *flights;
	struct fair fair;
	size_t bytes, retried;
	int64_t seq;               /* of the last fresh record taken */
	int64_t due_next, due_seq; /* of the last one taken of those tried before */
	bool fresh_left, due_left; /* may there be more behind those? */
	bool intake_left;          /* and in the intake, behind the fresh ones? */
	bool tidied;               /* nothing has changed since store_tidy() */
	ev_tstamp tidy_next, tidy_wait;
	size_t company; /* how many those allow that may have killed workers; 0: no such */
	size_t suspect_waits; /* one that goes when fewer than so many are in flight; or 0 */
	bool answered;        /* has the worker ever? */
	struct doubt doubt;
	bool paused;
	int64_t pause_ms;    /* the last pause after a worker's death; 0 once it answers */
	int64_t due_scanned; /* all that was due by then is in flight */
	bool due_stale;      /* the timer for the next one is to be set anew */

	/* settle.c */
	struct change *changes;
	size_t nchanges, cap;
};

/* Fills in what the options say; exits when they are wrong. */
void run_options(struct runner *r, int argc, char **argv);

#define TIDY_EVERY_S 1. /* at least between two times that the intake is cleared */

/* Gives the worker what is due and fits the window. */
void feed(struct runner *r);

/* Look again for fresh records, also in the intake; for those that have become due. */
void feed_fresh(struct runner *r);
void feed_due(struct runner *r);

/* Feeds nothing for a while, longer each time until the worker answers. */
void feed_pause(struct runner *r);

/* By hand something has become due. */
void feed_changed(struct runner *r);

/* Is there room with the worker, and nothing that speaks against more? */
bool flight_possible(const struct runner *r);
struct fair_room flight_room(const struct runner *r, const struct store_row *row, int64_t now);

/* What became of a row that is due: the next may be looked at, or no more now. */
enum flight_progress {
	FLIGHT_NEXT,
	FLIGHT_ENOUGH, /* it was seen to */
	FLIGHT_NOT_NOW /* it was not */
};

/* Gives the row to the worker, takes row->rec then; or parks it, or puts it off.  A
 * record that may kill workers goes in small company, see company.h. */
enum flight_progress flight_consider(struct runner *r, struct store_row *row);

/* Forgets a flight. */
void flight_landed(struct runner *r, struct flight *f);

/* A coproc_done: arg is the flight. */
void settle_answer(void *arg, struct record *answer);

/* Not tried now, but at `next`. */
void settle_later(struct flight *f, const struct store_row *row, int64_t next);

/* The store cannot give its message: tries again later. */
void settle_unreadable(struct flight *f);

/* One transaction over all changes; when it fails they are kept, and tried again
 * a second later. */
void settle_commit(struct runner *r);

/* On a full disk, once: the space that was kept for it.  Was there some? */
bool settle_give_up_reserve(struct runner *r);

/* Forgets changes that could not be made. */
void settle_release(struct runner *r);

#endif
