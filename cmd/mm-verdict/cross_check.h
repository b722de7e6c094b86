/* cross_check.h: a second opinion.  One long-lived child, this program with the
 * library engines, is given each record once we have judged it; where it comes to
 * something else about SPF or DKIM, that is logged.  The mail never waits for it. */
#ifndef MM_VERDICT_CROSS_CHECK_H
#define MM_VERDICT_CROSS_CHECK_H

#include <ev.h>

#include "record.h"
#include "verdict.h"

struct cross_check;

/* Starts the child with these further options, up to a NULL.  To be called before the
 * sandbox is entered, in which nothing can be started: a child that dies is not
 * started again. */
struct cross_check *cross_check_new(struct ev_loop *loop, char *const *options);

/* The record as it came, and what we say of it. */
void cross_check_record(
	struct cross_check *c, const struct record *rec, const struct verdict *v);

/* Gives what is in flight some seconds; the child then ends.  NULL is allowed. */
void cross_check_free(struct cross_check *c);

#endif
