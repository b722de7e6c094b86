/* pool.h: the coprocesses of the actions, one for each distinct command line,
 * started when it is first needed and kept. */
#ifndef MM_RULE_POOL_H
#define MM_RULE_POOL_H

#include <ev.h>

#include "action.h"
#include "coproc.h"

struct pool;

/* timeout_ms: for one record and one action.  Puts the directory of this program
 * first in $PATH. */
struct pool *pool_new(struct ev_loop *loop, int64_t timeout_ms);
void pool_free(struct pool *p); /* waits for the children to end */

/* The coprocess for an action that has a command; the pool's. */
struct coproc *pool_get(struct pool *p, const struct action *a);

#endif
