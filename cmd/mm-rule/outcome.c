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

/* Results mostly stand in the order of the recipients: the search goes on where
 * it last ended. */
static struct origin *
origin_of(struct job *j, struct str path, size_t *from)
{
	for (size_t i = 0; i < j->norigins; i++) {
		struct origin *o = &j->origins[(*from + i) % j->norigins];
		if (!str_eq(o->path, path))
			continue;
		*from = (*from + i + 1) % j->norigins;
		return o;
	}
	return NULL;
}

void
outcome_take_results(struct job *j)
{
	size_t at = 0, from = 0;
	struct str value;
	struct result result;
	while (record_next(j->rec, "result", &at, &value)) {
		if (!result_parse(value, &result) || result.status == STATUS_TEMPFAIL)
			continue;
		struct origin *o = origin_of(j, result.path, &from);
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
	if (r->gone) {
		*reply = r->reply;
		return r->status;
	}
	if (!made && (refused || (failed && !stored))) {
		*reply = either(refused, failed);
		return STATUS_PERMFAIL;
	}
	*reply = either(either(made, stored), "250 2.0.0 accepted, no rule delivers it");
	return STATUS_OK;
}

bool
outcome_nothing(const struct job *j, const struct recipient *r)
{
	for (size_t i = 0; i < j->norigins; i++) {
		const struct deliveries *before = &j->origins[i].before;
		if (recipient_stands_for(r, i) &&
			(before->made || before->stored || before->refused || before->failed))
			return false;
	}
	const struct deliveries *got = &r->got;
	return !r->gone && !got->made && !got->stored && !got->refused && !got->failed;
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

/* The worst of all that stand for it. */
static void
conclude(struct job *j, size_t origin)
{
	struct origin *o = &j->origins[origin];
	const char *worst = NULL;
	for (size_t i = 0; i < j->nrecipients; i++) {
		const struct recipient *r = &j->recipients[i];
		const char *reply;
		if (!recipient_stands_for(r, origin))
			continue;
		enum status status = outcome_of(r, o, &reply);
		if (badness(status) <= badness(o->status))
			continue;
		o->status = status;
		worst = reply;
	}
	o->reply = xstrdup(worst ? worst : "250 2.0.0 ok");
}

static void
conclude_all(struct job *j)
{
	bool replaced =
		j->nrecipients > 0 && recipient_replaced(&j->recipients[j->nrecipients - 1]);
	for (size_t i = 0, r = 0; i < j->norigins; i++) {
		struct origin *o = &j->origins[i];
		const char *reply;
		if (o->final)
			continue;
		if (replaced) {
			conclude(j, i);
			continue;
		}
		/* the recipients are the origins that are not final, in that order */
		o->status = outcome_of(&j->recipients[r++], o, &reply);
		o->reply = xstrdup(reply);
	}
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
		record_outcome(rec, STATUS_PERMFAIL, "554 5.5.1 the message has no recipients");
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
	conclude_all(j);
	bool waits = any_waits(j);
	rec->charged = j->rec->charged;
	record_remove(rec, "result");
	if (!waits)
		record_remove(rec, "done");
	for (size_t i = 0; i < j->learned->nfields; i++) {
		struct str name = record_name_at(j->learned, i);
		if (!waits && str_eq(name, STR("done")))
			continue;
		struct str value = record_value_at(j->learned, i);
		struct str line = str_n(name.p, (size_t)(value.p + value.n - name.p));
		record_adopt_line(rec, line, name.n);
	}
	set_outcome(rec, j);
	return rec;
}
