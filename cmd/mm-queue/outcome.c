#include <stdlib.h>

#include "mem.h"
#include "outcome.h"

struct result {
	struct path path;
	enum status status; /* NONE: the word is none of the three */
	struct str reply;
};

/* "<bob@example.org> tempfail 451 4.7.1 greylisted" */
static bool
parse_result(struct str value, struct result *out)
{
	if (path_parse(value, &out->path) < 0)
		return false;
	struct str rest = out->path.params, word = str_word(&rest);
	out->status = STATUS_NONE;
	for (int s = STATUS_OK; s <= STATUS_PERMFAIL; s++)
		if (str_eq(word, str_of(status_word((enum status)s))))
			out->status = (enum status)s;
	out->reply = str_trim(rest);
	return true;
}

bool
same_mailbox(const struct path *a, const struct path *b)
{
	return str_eq(a->local, b->local) && str_ieq(a->domain, b->domain);
}

static void
judge_one(struct recipient *rcpt, const struct record *answer)
{
	struct path path;
	struct str value;
	if (path_parse(rcpt->rcpt_to, &path) < 0)
		return;
	for (size_t at = 0; record_next(answer, "result", &at, &value);) {
		struct result result;
		if (!parse_result(value, &result) || !same_mailbox(&result.path, &path))
			continue;
		bool readable = result.status != STATUS_NONE;
		rcpt->status = readable ? result.status : STATUS_TEMPFAIL;
		rcpt->reply = readable ? result.reply
				       : STR("451 4.3.0 the worker's result cannot be read");
	}
}

void
outcome_judge(struct outcome *o, const struct record *stored, const struct record *answer)
{
	*o = (struct outcome){
		.status = record_status(answer), .reply = record_get(answer, "reply")};
	o->silent = o->status == STATUS_NONE;
	if (o->silent) {
		o->status = STATUS_TEMPFAIL;
		o->reply = STR("451 4.3.0 the worker did not say what it did");
	}
	struct str rcpt_to;
	for (size_t at = 0; record_next(stored, "rcpt-to", &at, &rcpt_to);) {
		o->recipients = xgrow(o->recipients, &o->cap, o->n + 1, sizeof(*o->recipients));
		struct recipient *r = &o->recipients[o->n++];
		*r = (struct recipient){rcpt_to, o->status, o->reply};
		judge_one(r, answer);
		o->tempfail += r->status == STATUS_TEMPFAIL;
		o->permfail += r->status == STATUS_PERMFAIL;
	}
}

void
outcome_release(struct outcome *o)
{
	free(o->recipients);
	*o = (struct outcome){0};
}

bool
outcome_all_done(const struct record *answer)
{
	struct str value;
	if (record_status(answer) != STATUS_OK)
		return false;
	for (size_t at = 0; record_next(answer, "result", &at, &value);) {
		struct result result;
		if (!parse_result(value, &result) || result.status != STATUS_OK)
			return false;
	}
	return true;
}

static void
add_unfinished(struct record *r, const struct outcome *o)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->recipients[i].status == STATUS_TEMPFAIL)
			record_add(r, "rcpt-to", o->recipients[i].rcpt_to);
}

/* Only what the worker moved or dropped changes its place. */
struct record *
outcome_progress(
	const struct record *answer, const struct record *stored, const struct outcome *o)
{
	struct record *r = record_new();
	for (size_t i = 0; i < answer->nfields; i++) {
		char *name = str_dup(record_name_at(answer, i));
		bool rcpt_to = strcmp(name, "rcpt-to") == 0;
		bool ours =
			rcpt_to || strcmp(name, "id") == 0 || strcmp(name, "mail-from") == 0;
		if (!ours)
			record_add(r, name, record_value_at(answer, i));
		else if (rcpt_to && !record_has(r, name))
			add_unfinished(r, o);
		else if (!record_has(r, name) && record_has(stored, name))
			record_add(r, name, record_get(stored, name));
		free(name);
	}
	if (!record_has(r, "id"))
		record_add(r, "id", record_get(stored, "id"));
	if (!record_has(r, "mail-from") && record_has(stored, "mail-from"))
		record_add(r, "mail-from", record_get(stored, "mail-from"));
	if (!record_has(r, "rcpt-to"))
		add_unfinished(r, o);
	return r;
}

void
outcome_forget_tempfails(struct record *r)
{
	for (size_t i = r->nfields; i-- > 0;) {
		struct result result;
		if (str_eq(record_name_at(r, i), STR("result")) &&
			parse_result(record_value_at(r, i), &result) &&
			(result.status == STATUS_TEMPFAIL || result.status == STATUS_NONE))
			record_remove_at(r, i);
	}
}
