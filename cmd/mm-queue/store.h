/* store.h: what the queue knows of its records, and the messages of those that wait
 * for long; nothing else here knows SQL.  What has just been added is in DIR/intake
 * (intake.h) until store_absorb() makes rows of it.
 *
 *     DIR/queue.db   SQLite in WAL mode
 *     DIR/turn       flock(2): whose turn it is to write.  SQLite's own waiting
 *                    sleeps and is not fair; many writers would starve some.
 *
 * Functions return 0, or -1 with store_error() saying why. */
#ifndef MM_QUEUE_STORE_H
#define MM_QUEUE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"

struct store;

enum store_use {
	STORE_READ,  /* an existing queue, only to look */
	STORE_EDIT,  /* an existing queue */
	STORE_CREATE /* made if it is not there */
};

/* NULL with the reason in why[size] and *full telling whether it was for want of
 * space. */
struct store *store_open(
	const char *dir, enum store_use use, char *why, size_t size, bool *full);
void store_close(struct store *s); /* NULL is allowed */

const char *store_error(const struct store *s);
bool store_full(const struct store *s); /* did the last failure want disk space? */

/* One transaction.  store_begin() waits for its turn; a commit that fails has
 * been rolled back. */
int store_begin(struct store *s);
int store_commit(struct store *s);
void store_rollback(struct store *s);

enum store_held { HELD_NOT, HELD_BY_HAND, HELD_POISON };

#define STORE_NEVER_TRIED (-1)

struct store_row {
	int64_t seq;    /* order of arrival, never used twice */
	int64_t queued; /* ms since 1970 */
	int64_t next;   /* the next attempt, or STORE_NEVER_TRIED: due at once */
	unsigned attempts;
	unsigned deaths; /* of workers that had it in flight */
	enum store_held held;
	size_t size;        /* of the message */
	struct record *rec; /* fields as they stand now; without the message */
	struct str reply;   /* the last one; absent before the first attempt */
};

/* Called with each row.  It may take row->rec by setting that to NULL.  False
 * ends the query. */
typedef bool store_each(void *arg, struct store_row *row);

/* Makes rows of what is new in the intake, of at most about so many records; *more
 * tells whether that was not all. */
int store_absorb(struct store *s, size_t most, bool *more);

/* Clears the intake of what is not needed any more. */
enum store_left {
	LEFT_NOTHING,
	LEFT_TO_OTHERS, /* writers have files that can go later */
	LEFT_MORE,      /* to be done at once */
};
int store_tidy(struct store *s, enum store_left *left);

/* Rows never tried and not held, in order of arrival, from behind seq. */
int store_each_new(struct store *s, int64_t seq, store_each *each, void *arg);

/* Rows to be tried again by `now`, not held, in order of time, from behind
 * (next, seq). */
int store_each_due(
	struct store *s, int64_t now, int64_t next, int64_t seq, store_each *each, void *arg);

/* Up to `limit` rows of any kind, in order of arrival, from behind seq. */
int store_each_row(struct store *s, int64_t seq, size_t limit, store_each *each, void *arg);

/* The row of that id or number; 1 found, 0 there is none. */
int store_find(struct store *s, struct str id, store_each *each, void *arg);
int store_get(struct store *s, int64_t seq, store_each *each, void *arg);

/* Reads the message into rec, from the intake or the database. */
int store_load_body(struct store *s, int64_t seq, size_t size, struct record *rec);

/* The first attempt due after that time, of rows not held; -1 in *next: none. */
int store_next_due(struct store *s, int64_t after, int64_t *next);

/* All below within a transaction. */

/* Adds r as it stands, without the fields that belong to a caller (`tag`) or to
 * an outcome.  An id that is already there is left alone: *added tells. */
int store_add(struct store *s, const struct record *r, int64_t now, bool *added);

int store_remove(struct store *s, int64_t seq);

/* Another attempt at `next`: the fields of `progress` replace those kept before
 * (NULL: they stay). */
struct store_deferral {
	int64_t next;
	unsigned attempts, deaths;
	bool poison; /* hold it */
	const struct record *progress;
	struct str reply;
};
int store_defer(struct store *s, int64_t seq, const struct store_deferral *d);

/* By hand; each leaves in *changed how many rows it concerned. */
int store_remove_id(struct store *s, struct str id, int *changed);
int store_hold_id(struct store *s, struct str id, int *changed);
int store_retry_id(struct store *s, struct str id, int64_t now, int *changed);
int store_release_id(struct store *s, struct str id, int64_t now, int *changed);
int store_retry_all(struct store *s, int64_t now, int *changed);

struct store_stat {
	int64_t messages, octets, fresh, deferred, held;
	int64_t oldest; /* ms since 1970; -1 if there is none */
};
int store_stat(struct store *s, struct store_stat *st);

/* Gives the space of an empty queue back to the file system when it is worth
 * it.  Outside a transaction. */
int store_shrink(struct store *s);

#endif
