#include "step.h"

#define ENOUGH_FOR_A_LINE 16384 /* far below the limit of mm-stream(5) */

struct writing {
	struct record *to;
	const char *field;
	const struct job *job;
	const struct action *action;
	bool outcomes;
	struct buf text;
	const struct recipient *last; /* on the line; NULL: no line is begun */
};

static const char *
outcome_word(const struct recipient *r)
{
	return r->step_disposition == DISPOSITION_CONTINUE
		       ? status_word(r->step_status)
		       : disposition_word(r->step_disposition);
}

static void
begin_line(struct writing *w, const struct recipient *r)
{
	const struct rule *rule = job_rule(w->job);
	const struct action *a = w->action;
	buf_addf(&w->text, "%s %zu/%zu %s %s %s", w->job->set->name, rule->index, a->index,
		rule->name ? rule->name : "-", action_name(a->kind), a->target);
	if (w->outcomes)
		buf_addf(&w->text, " %s", outcome_word(r));
	w->last = r;
}

static void
end_line(struct writing *w)
{
	const struct recipient *r = w->last;
	if (!r)
		return;
	if (recipient_replaced(r))
		buf_addf(&w->text, " as %.*s", STR_ARG(r->path));
	if (w->outcomes && r->step_reply)
		buf_addf(&w->text, " %s", r->step_reply);
	record_add(w->to, w->field, buf_str(&w->text));
	buf_reset(&w->text);
	w->last = NULL;
}

static bool
same_line(const struct writing *w, const struct recipient *r)
{
	const struct recipient *last = w->last;
	if (!last || w->text.n > ENOUGH_FOR_A_LINE)
		return false;
	if (last != r && (recipient_replaced(last) || recipient_replaced(r)))
		return false;
	return !w->outcomes || (last->step_status == r->step_status &&
				       last->step_disposition == r->step_disposition &&
				       str_eq(str_of(last->step_reply), str_of(r->step_reply)));
}

static void
add_recipient(struct writing *w, const struct recipient *r, struct str path)
{
	if (!same_line(w, r)) {
		end_line(w);
		begin_line(w, r);
	}
	buf_addc(&w->text, ' ');
	buf_adds(&w->text, path);
	w->last = r;
}

void
step_fields(struct record *to, const char *field, const struct job *j, const struct action *a,
	bool outcomes)
{
	struct writing w = {to, field, j, a, outcomes, {0}, NULL};
	for (size_t i = 0; i < j->nrecipients; i++) {
		const struct recipient *r = &j->recipients[i];
		if (!r->acting || (outcomes && r->step_status == STATUS_TEMPFAIL))
			continue;
		for (size_t at = 0, origin; recipient_origin(j, r, &at, &origin);)
			add_recipient(&w, r, j->origins[origin].path);
	}
	end_line(&w);
	buf_release(&w.text);
}
