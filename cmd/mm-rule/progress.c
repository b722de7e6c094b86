#include <stdlib.h>

#include "address.h"
#include "job.h"
#include "mem.h"
#include "num.h"
#include "step.h"

/* "<...>" at the start of *rest, cut off; absent if there is none. */
static struct str
take_path(struct str *rest)
{
	struct path p;
	*rest = str_trim(*rest);
	if (path_parse(*rest, &p) < 0)
		return STR_NONE;
	struct str path = str_n(rest->p, (size_t)(p.address.p + p.address.n + 1 - rest->p));
	*rest = str_trim(str_skip(*rest, path.n));
	return path;
}

static bool
take_place(struct str word, struct done *d)
{
	uint64_t rule, action;
	struct str second = word, first = str_cut(&second, '/');
	if (!second.p || num_u64(first, 0, SIZE_MAX, &rule) < 0 ||
		num_u64(second, 0, SIZE_MAX, &action) < 0)
		return false;
	d->rule = (size_t)rule;
	d->action = (size_t)action;
	return true;
}

static bool
has_moved(const struct done *d, struct str set_name, const struct ruleset *set)
{
	if (!str_eq(set_name, str_of(set->name)) || d->rule >= set->nrules ||
		d->action >= set->rules[d->rule].nactions)
		return true;
	const struct action *a = &set->rules[d->rule].actions[d->action];
	return !str_eq(d->name, str_of(action_name(a->kind))) ||
	       !str_eq(d->target, str_of(a->target));
}

static void
read_field(struct progress *p, struct str rest, const struct ruleset *set)
{
	struct done d = {0};
	struct str set_name = str_word(&rest), place = str_word(&rest);
	(void)str_word(&rest); /* the rule's name, for people */
	d.name = str_word(&rest);
	d.target = str_word(&rest);
	struct str status = str_word(&rest), path;
	if (!take_place(place, &d))
		return;
	d.disposition = disposition_parse(status);
	d.status = d.disposition != DISPOSITION_CONTINUE || str_eq(status, STR("ok"))
			   ? STATUS_OK
			   : STATUS_PERMFAIL;
	d.moved = has_moved(&d, set_name, set);
	size_t first = p->n;
	while ((path = take_path(&rest)).p) {
		p->list = xgrow(p->list, &p->cap, p->n + 1, sizeof(*p->list));
		d.path = path;
		p->list[p->n++] = d;
	}
	if (str_starts(rest, STR("as <"))) {
		rest = str_skip(rest, 3);
		d.as = take_path(&rest);
	}
	for (size_t i = first; i < p->n; i++) {
		p->list[i].as = d.as;
		p->list[i].reply = rest;
	}
}

void
progress_read(struct progress *p, const struct record *r, const struct ruleset *set)
{
	size_t at = 0;
	struct str value;
	while (record_next(r, "done", &at, &value))
		read_field(p, value, set);
	for (size_t i = p->n; i-- > 0;) {
		size_t *first = textmap_find(&p->by_path, p->list[i].path);
		if (first) {
			p->list[i].next = &p->list[*first];
			*first = i;
		} else {
			textmap_add(&p->by_path, p->list[i].path, i);
		}
	}
}

void
progress_release(struct progress *p)
{
	textmap_release(&p->by_path);
	free(p->list);
	*p = (struct progress){0};
}

static bool
is_at(const struct done *d, const struct job *j, const struct action *a)
{
	if (d->moved)
		return str_eq(d->name, str_of(action_name(a->kind))) &&
		       str_eq(d->target, str_of(a->target));
	return d->rule == j->rule && d->action == a->index;
}

static struct done *
find_origin(struct job *j, const struct action *a, const struct recipient *r, size_t origin)
{
	struct str as = recipient_replaced(r) ? r->path : STR_NONE;
	const size_t *first = textmap_find(&j->progress.by_path, j->origins[origin].path);
	struct done *d = first ? &j->progress.list[*first] : NULL;
	while (d && !(is_at(d, j, a) && !d->as.p == !as.p && str_eq(d->as, as)))
		d = d->next;
	return d;
}

bool
progress_find(struct job *j, const struct action *a, struct recipient *r)
{
	struct done *d = NULL;
	size_t at = 0, origin;
	if (j->progress.n == 0)
		return false;
	while (recipient_origin(j, r, &at, &origin)) {
		d = find_origin(j, a, r, origin);
		if (!d)
			return false;
		/* it stands for this action from now on, for no further one */
		d->moved = false;
		d->rule = j->rule;
		d->action = a->index;
	}
	if (!d)
		return false;
	r->step_status = d->status;
	r->step_disposition = d->disposition;
	free(r->step_reply);
	r->step_reply = str_dup(d->reply);
	return true;
}

void
progress_note(struct job *j, const struct action *a)
{
	step_fields(j->learned, "done", j, a, true);
}
