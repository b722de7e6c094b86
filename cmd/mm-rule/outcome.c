#include <stdlib.h>

#include "address.h"
#include "mem.h"
#include "outcome.h"

bool
result_parse(struct str value, struct result *out)
{
	struct path p;
	if (path_parse(value, &p) < 0)
		return false;
	out->path = str_n(value.p, (size_t)(p.address.p + p.address.n + 1 - value.p));
	struct str rest = p.params, word = str_word(&rest);
	out->reply = str_trim(rest);
	out->status = STATUS_NONE;
	for (int s = STATUS_OK; s <= STATUS_PERMFAIL; s++)
		if (str_eq(word, str_of(status_word((enum status)s))))
			out->status = (enum status)s;
	return out->status != STATUS_NONE;
}

void
outcome_take_results(struct job *j)
{
	size_t at = 0;
	struct str value;
	struct result result;
	while (record_next(j->rec, "result", &at, &value)) {
		if (!result_parse(value, &result) || result.status == STATUS_TEMPFAIL)
			continue;
		const size_t *origin = textmap_find(&j->by_path, result.path);
		struct origin *o = origin ? &j->origins[*origin] : NULL;
		if (!o || o->final)
			continue;
		o->final = true;
		o->status = result.status;
		o->reply = str_dup(result.reply);
	}
}

static const char *
either(const char *a, const char *b)
{
	return a ? a : b;
}

enum status
outcome_of(const struct recipient *r, const struct origin *o, const char **reply)
{
	const char *made = either(r->got.made, o->before.made),
		   *stored = either(r->got.stored, o->before.stored),
		   *refused = either(r->got.refused, o->before.refused),
		   *failed = either(r->got.failed, o->before.failed);
	if (r->gone && !r->stopped) {
		*reply = r->reply;
		return r->status;
	}
	if (!made && (refused || (failed && !stored))) {
		*reply = either(refused, failed);
		return STATUS_PERMFAIL;
	}
	*reply = r->stopped ? r->reply
			    : either(either(made, stored),
				      "250 2.0.0 accepted, no rule delivers it");
	return STATUS_OK;
}

static bool
is_behind_queue(const struct record *r)
{
	return record_get(r, "queued").p || record_get(r, "attempt").p;
}

enum status
outcome_of_bounce(const struct job *j, const struct action *a, const char **reply)
{
	bool final = a->reply[0] == '5' || is_behind_queue(j->rec);
	*reply = final ? a->final_reply : a->reply;
	return final ? STATUS_PERMFAIL : STATUS_TEMPFAIL;
}

static bool
got_nothing(const struct deliveries *d)
{
	return !d->made && !d->stored && !d->refused && !d->failed;
}

bool
outcome_nothing(const struct job *j, const struct recipient *r)
{
	size_t at = 0, origin;
	if (r->gone || !got_nothing(&r->got))
		return false;
	while (recipient_origin(j, r, &at, &origin))
		if (!got_nothing(&j->origins[origin].before))
			return false;
	return true;
}

static int
badness(enum status s)
{
	static const int order[] = {[STATUS_NONE] = 0,
		[STATUS_OK] = 1,
		[STATUS_PERMFAIL] = 2,
		[STATUS_TEMPFAIL] = 3};
	return order[s];
}

/* For every origin that r stands for its outcome, if it is the worst until now. */
static void
take_worst(struct job *j, const struct recipient *r, const char **worst)
{
	size_t at = 0, origin;
	while (recipient_origin(j, r, &at, &origin)) {
		struct origin *o = &j->origins[origin];
		const char *reply;
		enum status status = outcome_of(r, o, &reply);
		if (badness(status) <= badness(o->status))
			continue;
		o->status = status;
		worst[origin] = reply;
	}
}

static void
conclude(struct job *j)
{
	const char **worst = xcalloc(j->norigins, sizeof(*worst));
	for (size_t i = 0; i < j->nrecipients; i++)
		take_worst(j, &j->recipients[i], worst);
	for (size_t i = 0; i < j->norigins; i++)
		if (!j->origins[i].final)
			j->origins[i].reply = xstrdup(worst[i] ? worst[i] : "250 2.0.0 ok");
	free(worst);
}

static void
set_outcome(struct record *rec, const struct job *j)
{
	const struct origin *worst = NULL;
	for (size_t i = 0; i < j->norigins; i++) {
		const struct origin *o = &j->origins[i];
		record_addf(rec, "result", "%.*s %s %s", STR_ARG(o->path),
			status_word(o->status), o->reply);
		if (!worst || badness(o->status) > badness(worst->status))
			worst = o;
	}
	if (worst)
		record_outcome(rec, worst->status, "%s", worst->reply);
	else
		record_outcome(rec, STATUS_PERMFAIL, "%s", OUTCOME_NO_RECIPIENTS);
}

static bool
any_waits(const struct job *j)
{
	for (size_t i = 0; i < j->norigins; i++)
		if (j->origins[i].status == STATUS_TEMPFAIL)
			return true;
	return false;
}

struct record *
outcome_record(struct job *j)
{
	struct record *rec = record_clone(j->rec); /* the origins are views into the other */
	conclude(j);
	bool waits = any_waits(j);
	rec->charged = j->rec->charged;
	record_remove(rec, "result");
	if (!waits)
		record_remove(rec, "done");
	for (size_t i = 0; i < j->learned->nfields; i++)
		if (waits || !str_eq(record_name_at(j->learned, i), STR("done")))
			record_copy_field(rec, j->learned, i);
	set_outcome(rec, j);
	return rec;
}
