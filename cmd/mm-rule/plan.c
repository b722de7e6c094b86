#include <stdlib.h>

#include "filter.h"
#include "mem.h"
#include "outcome.h"
#include "plan.h"
#include "step.h"

bool
plan_external(struct job *j, const struct action *a)
{
	(void)a;
	for (size_t i = 0; i < j->nrecipients; i++) {
		struct recipient *r = &j->recipients[i];
		if (!r->acting)
			continue;
		free(r->step_reply);
		r->step_status = STATUS_OK;
		r->step_reply = xstrdup("250 2.0.0 ok");
	}
	return true;
}

static void
plan_settled(struct job *j, const struct action *a)
{
	step_fields(j->learned, "plan", j, a, false);
}

/* Accepted, and nothing comes of it: what most needs to be seen beforehand. */
static void
plan_nothing(struct job *j)
{
	struct buf text = {0};
	for (size_t i = 0; i < j->nrecipients; i++) {
		const struct recipient *r = &j->recipients[i];
		if (!outcome_nothing(j, r))
			continue;
		buf_addf(&text, "%s end - Nothing - %.*s", j->set->name, STR_ARG(r->path));
		record_add(j->learned, "plan", buf_str(&text));
		buf_reset(&text);
	}
	buf_release(&text);
}

static void
plan_finished(struct job *j)
{
	struct filter *f = j->ctx;
	struct record *rec = j->rec;
	plan_nothing(j);
	struct record *learned = j->learned;
	j->rec = NULL;
	j->learned = NULL;
	job_free(j);
	record_remove(rec, "plan");
	for (size_t i = 0; i < learned->nfields; i++)
		record_copy_field(rec, learned, i);
	record_free(learned);
	filter_emit(f, rec);
}

const struct executor plan_executor = {
	.external = plan_external,
	.settled = plan_settled,
	.finished = plan_finished,
};
