/* Lists of domains: those that a message comes from and leads to. */
#include <stdlib.h>

#include "domains.h"
#include "lookup.h"
#include "mem.h"

struct job {
	struct scan *scan;
	struct domains domains;
	struct lookup *lookup;
};

static void *
dbl_open(struct ev_loop *loop, const struct scan_settings *settings)
{
	return list_asker_open(loop, settings);
}

static void
on_done(void *arg)
{
	struct job *j = arg;
	lookup_conclude(j->lookup, j->scan);
	domains_release(&j->domains);
	free(j);
}

static void
dbl_start(void *state, struct scan *s)
{
	struct list_asker *a = state;
	struct job *j = xcalloc(1, sizeof(*j));
	j->scan = s;
	domains_collect(&j->domains, s->rec, s->rec->body->n <= a->settings->max_size);
	j->lookup = lookup_new(a, on_done, j);
	for (size_t i = 0; i < j->domains.n; i++)
		lookup_ask(j->lookup, j->domains.list[i].name, j->domains.list[i].name,
			j->domains.list[i].where);
	if (j->domains.n == 0)
		on_done(j);
}

const struct analyser analyser_dbl = {
	.name = "dbl",
	.envelope = true,
	.any_size = true,
	.keeps_time = true,
	.lists = true,
	.parallel = 100,
	.timeout_ms = 5000,
	.open = dbl_open,
	.start = dbl_start,
	.close = list_asker_close,
};
