#include <stdlib.h>

#include "address.h"
#include "job.h"
#include "mem.h"
#include "outcome.h"

/* "<address>" of "<address> NOTIFY=NEVER"; the whole value when it is no path. */
static struct str
path_of(struct str rcpt_to, bool *valid)
{
	struct path p;
	*valid = path_parse(rcpt_to, &p) == 0;
	return *valid ? str_n(rcpt_to.p, (size_t)(p.address.p + p.address.n + 1 - rcpt_to.p))
		      : rcpt_to;
}

/* A recipient named twice is one. */
static void
take_origins(struct job *j)
{
	size_t n = record_count(j->rec, "rcpt-to"), at = 0;
	struct str value;
	j->origins = xcalloc(n + 1, sizeof(*j->origins));
	while (record_next(j->rec, "rcpt-to", &at, &value)) {
		bool valid;
		struct str path = path_of(value, &valid);
		if (!textmap_add(&j->by_path, path, j->norigins))
			continue;
		struct origin *o = &j->origins[j->norigins++];
		*o = (struct origin){.rcpt_to = value, .path = path, .final = !valid};
		if (!valid) {
			o->status = STATUS_PERMFAIL;
			o->reply = xstrdup("553 5.1.3 not an address");
		}
	}
}

static void
take_recipients(struct job *j)
{
	j->recipients = xgrow(NULL, &j->cap, j->norigins + 1, sizeof(*j->recipients));
	for (size_t i = 0; i < j->norigins; i++)
		if (!j->origins[i].final)
			j->recipients[j->nrecipients++] =
				(struct recipient){.rcpt_to = j->origins[i].rcpt_to,
					.path = j->origins[i].path,
					.origin = i,
					.variant = &j->first};
	j->active = j->nrecipients;
}

struct job *
job_new(struct record *r, struct ruleset *set, const struct executor *x, void *ctx)
{
	struct job *j = xcalloc(1, sizeof(*j));
	j->rec = r;
	j->set = ruleset_ref(set);
	j->executor = x;
	j->ctx = ctx;
	j->learned = record_new();
	j->first.base = blob_ref(r->body);
	j->first.root = &j->first;
	j->last_variant = &j->first;
	take_origins(j);
	outcome_take_results(j);
	take_recipients(j);
	progress_read(&j->progress, r, set);
	return j;
}

static void
variant_release(struct variant *v, struct ruleset *set)
{
	if (v->readable) {
		ruleset_give_facts(set, &v->facts);
		message_release(&v->msg);
	}
	blob_unref(v->body);
	blob_unref(v->base);
	buf_release(&v->top);
}

static void
deliveries_release(struct deliveries *d)
{
	free(d->made);
	free(d->stored);
	free(d->refused);
	free(d->failed);
}

void
job_free(struct job *j)
{
	for (struct variant *v = j->first.next, *next; v; v = next) {
		next = v->next;
		variant_release(v, j->set);
		free(v);
	}
	variant_release(&j->first, j->set);
	for (size_t i = 0; i < j->norigins; i++) {
		free(j->origins[i].reply);
		deliveries_release(&j->origins[i].before);
	}
	for (size_t i = 0; i < j->nrecipients; i++) {
		free(j->recipients[i].origins);
		free(j->recipients[i].step_reply);
		free(j->recipients[i].reply);
		deliveries_release(&j->recipients[i].got);
	}
	textmap_release(&j->by_path);
	free(j->origins);
	free(j->recipients);
	progress_release(&j->progress);
	record_free(j->learned);
	record_free(j->rec);
	ruleset_unref(j->set);
	free(j);
}

static void
keep_last(char **to, const char *from)
{
	if (!from)
		return;
	free(*to);
	*to = xstrdup(from);
}

bool
recipient_origin(const struct job *j, const struct recipient *r, size_t *at, size_t *origin)
{
	size_t i = r->origins ? *at : r->origin;
	if (!r->origins && *at > 0)
		return false;
	while (r->origins && i < j->norigins && !(r->origins[i / 64] >> (i % 64) & 1))
		i++;
	if (i == j->norigins)
		return false;
	*origin = i;
	*at = i + 1;
	return true;
}

/* What the recipient got counts for those it stood for. */
static void
hand_back_deliveries(struct job *j, const struct recipient *r)
{
	const struct deliveries *d = &r->got;
	size_t at = 0, origin;
	if (!d->made && !d->stored && !d->refused && !d->failed)
		return;
	while (recipient_origin(j, r, &at, &origin)) {
		struct deliveries *before = &j->origins[origin].before;
		keep_last(&before->made, d->made);
		keep_last(&before->stored, d->stored);
		keep_last(&before->refused, d->refused);
		keep_last(&before->failed, d->failed);
	}
}

static void
add_replacements(struct job *j, struct variant *v, const struct action *a)
{
	v->replacements = j->nrecipients;
	j->recipients = xgrow(j->recipients, &j->cap, j->nrecipients + a->nreplacements,
		sizeof(*j->recipients));
	for (size_t i = 0; i < a->nreplacements; i++) {
		struct str path = str_of(a->replacements[i]);
		j->recipients[j->nrecipients++] = (struct recipient){.rcpt_to = path,
			.path = path,
			.origins = xcalloc(j->norigins / 64 + 1, sizeof(uint64_t)),
			.variant = v,
			.matched = true};
	}
	j->active += a->nreplacements;
}

static void
stand_for(struct job *j, struct recipient *to, const struct recipient *from)
{
	if (!from->origins) {
		to->origins[from->origin / 64] |= UINT64_C(1) << (from->origin % 64);
		return;
	}
	for (size_t i = 0; i < j->norigins / 64 + 1; i++)
		to->origins[i] |= from->origins[i];
}

void
job_replace(struct job *j, const struct action *a)
{
	size_t before = j->nrecipients;
	if (a->nreplacements == 0)
		return;
	for (struct variant *v = &j->first; v; v = v->next)
		v->replacements = 0;
	for (size_t i = 0; i < before; i++) {
		if (j->recipients[i].gone || !j->recipients[i].matched)
			continue;
		struct variant *v = j->recipients[i].variant;
		if (v->replacements == 0) /* 0 is never one: somebody is replaced */
			add_replacements(j, v, a);
		for (size_t k = 0; k < a->nreplacements; k++)
			stand_for(j, &j->recipients[v->replacements + k], &j->recipients[i]);
		hand_back_deliveries(j, &j->recipients[i]);
		job_leave(j, &j->recipients[i], STATUS_NONE, NULL);
	}
}

void
job_leave(struct job *j, struct recipient *r, enum status status, char *reply)
{
	r->gone = true;
	r->matched = r->acting = false;
	r->status = status;
	free(r->reply);
	r->reply = reply;
	j->active--;
}

const struct rule *
job_rule(const struct job *j)
{
	return &j->set->rules[j->rule];
}
