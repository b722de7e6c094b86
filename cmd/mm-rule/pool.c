#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#include "mem.h"
#include "pool.h"

/* A child that dies takes nothing with it: what it had is given to the next.
 * A message that kills every child must not do so for ever. */
#define TRIES 3

struct member {
	UT_hash_handle hh;
	char *command;
	struct coproc *coproc;
};

struct pool {
	struct ev_loop *loop;
	int64_t timeout_ms;
	struct member *members;
};

/* The actions' programs are those that were installed with this one. */
static void
put_own_directory_first(void)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *path = getenv("PATH");
	if (n <= 0)
		return;
	self[n] = '\0';
	char *slash = strrchr(self, '/');
	*slash = '\0';
	char *value = xasprintf("%s%s%s", self, path ? ":" : "", path ? path : "");
	setenv("PATH", value, 1);
	free(value);
}

struct pool *
pool_new(struct ev_loop *loop, int64_t timeout_ms)
{
	struct pool *p = xcalloc(1, sizeof(*p));
	put_own_directory_first();
	p->loop = loop;
	p->timeout_ms = timeout_ms;
	return p;
}

struct coproc *
pool_get(struct pool *p, const struct action *a)
{
	struct member *m;
	HASH_FIND_STR(p->members, a->command, m);
	if (m)
		return m->coproc;
	m = xcalloc(1, sizeof(*m));
	m->command = xstrdup(a->command);
	m->coproc = coproc_new(p->loop, &(struct coproc_options){.name = action_name(a->kind),
						.argv = a->argv,
						.timeout_ms = p->timeout_ms,
						.max_tries = TRIES,
						.fields_only = !a->changes});
	HASH_ADD_KEYPTR(hh, p->members, m->command, strlen(m->command), m);
	return m->coproc;
}

void
pool_free(struct pool *p)
{
	struct member *m, *next;
	HASH_ITER (hh, p->members, m, next) {
		HASH_DEL(p->members, m);
		coproc_free(m->coproc);
		free(m->command);
		free(m);
	}
	free(p);
}
