/* The message as some of the recipients have it, of job.h. */
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "mem.h"

struct blob *
variant_body(struct job *j, struct variant *v)
{
	const struct blob *base = v->root->base;
	(void)j;
	if (!v->body && v->root == v)
		v->body = blob_ref(v->base);
	else if (!v->body)
		v->body = base->n ? blob_join(buf_str(&v->top), str_n(base->p, base->n))
				  : blob_empty();
	return v->body;
}

/* The message is not copied to look at its header. */
struct facts *
variant_facts(struct job *j, struct variant *v)
{
	const struct blob *base = v->root->base;
	if (v->readable)
		return &v->facts;
	if (v->root != v) {
		(void)variant_facts(j, v->root);
		message_parse_on_top(&v->msg, buf_str(&v->top), &v->root->msg);
	} else {
		message_parse(&v->msg, str_n(base->p, base->n));
	}
	ruleset_take_facts(j->set, &v->facts);
	facts_begin(&v->facts, j->rec, base->n ? &v->msg : NULL);
	v->readable = true;
	return &v->facts;
}

void
job_forget_bodies(struct job *j)
{
	for (struct variant *v = j->first.next; v; v = v->next)
		v->used = false;
	for (size_t i = 0; i < j->nrecipients; i++)
		if (!j->recipients[i].gone)
			j->recipients[i].variant->used = j->recipients[i].variant->root->used =
				true;
	for (struct variant *v = j->first.next; v; v = v->next) {
		if (v->used)
			continue;
		blob_unref(v->body);
		blob_unref(v->base);
		v->body = v->base = NULL;
	}
}

static struct variant *
new_variant(struct job *j, struct variant *parent)
{
	struct variant *v = xcalloc(1, sizeof(*v));
	v->parent = parent;
	j->last_variant->next = v;
	j->last_variant = v;
	return v;
}

struct variant *
job_add_header(struct job *j, struct variant *parent, const struct action *a)
{
	for (struct variant *v = j->first.next; v; v = v->next)
		if (v->parent == parent && v->header == a)
			return v;
	struct variant *v = new_variant(j, parent);
	v->header = a;
	v->root = parent->root;
	buf_addstr(&v->top, a->header); /* the last one stands first, as trace fields do */
	buf_adds(&v->top, buf_str(&parent->top));
	return v;
}

struct variant *
job_rewrite(struct job *j, struct variant *parent, struct blob *body)
{
	const struct blob *old = variant_body(j, parent);
	if (old->n == body->n && (body->n == 0 || memcmp(old->p, body->p, body->n) == 0)) {
		blob_unref(body);
		return parent;
	}
	struct variant *v = new_variant(j, parent);
	v->root = v;
	v->base = body;
	return v;
}

struct variant *
job_edit(struct job *j, struct variant *v, const struct action *a)
{
	if (v->edited == a)
		return v->edition;
	struct blob *message = variant_body(j, v), *edited = NULL;
	if (message->n)
		edited = edit_apply(a->edit, message);
	v->edited = a;
	v->edition = edited ? job_rewrite(j, v, edited) : v;
	return v->edition;
}
