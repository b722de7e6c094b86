#include <stdlib.h>

#include "mailmanager_forms.h"
#include "mem.h"
#include "policy.h"
#include "site.h"

static char *
ingress_policy(struct policy *p, const char *dir, const char *operand, struct problems *ps)
{
	struct json_doc doc;
	char *path = NULL;
	p->files[2] = site_find(dir, SITE_INGRESS_POINT, str_of(operand));
	if (!p->files[2] ||
		site_load_operand(&doc, dir, SITE_INGRESS_POINT, p->files[2], ps) < 0)
		return NULL;
	struct str reference = json_str(doc.root, "TrafficPolicyId");
	path = site_find(dir, SITE_TRAFFIC_POLICY, reference);
	if (!path) {
		struct json_at at = {.key = "TrafficPolicyId"};
		json_problem(ps, &doc, &at, false, PROBLEM_ERROR,
			"there is no traffic policy \"%.*s\"; expected it in "
			"%s/traffic-policies",
			STR_ARG(reference), dir);
	}
	json_doc_release(&doc);
	return path;
}

static char *
policy_path(struct policy *p, const char *dir, const char *operand, struct problems *ps)
{
	size_t before = ps->errors;
	if (site_operand_is_path(operand))
		return xstrdup(operand);
	char *path = site_find(dir, SITE_TRAFFIC_POLICY, str_of(operand));
	if (!path)
		path = ingress_policy(p, dir, operand, ps);
	if (!path && ps->errors == before) {
		char *text =
			xasprintf("there is no traffic policy and no ingress point \"%s\"; "
				  "expected traffic-policies/%s.json here",
				operand, operand);
		problem_add(ps, PROBLEM_ERROR, dir, 0, 0, "", text);
		free(text);
	}
	return path;
}

static bool
is_allow(const json_t *object, const char *key)
{
	return str_eq(json_str(object, key), STR("ALLOW"));
}

/* Statements that are well formed, though others may not be: all that is wrong
 * with a document is told at once.  `since` is the number of its first problem. */
static void
compile_statements(
	struct policy *p, const struct json_doc *doc, size_t since, struct problems *ps)
{
	const json_t *list = json_object_get(doc->root, "PolicyStatements");
	struct json_at all = {.key = "PolicyStatements"};
	p->nstatements = json_array_size(list);
	p->statements = xcalloc(p->nstatements + 1, sizeof(*p->statements));
	for (size_t i = 0; i < p->nstatements; i++) {
		const json_t *s = json_array_get(list, i);
		struct json_at here = {.up = &all, .index = i},
			       conditions = {.up = &here, .key = "Conditions"};
		if (problems_below(ps, since, &here))
			continue;
		p->statements[i].allow = is_allow(s, "Action");
		p->statements[i].note = xasprintf("%s policy=%s statement=%zu",
			p->statements[i].allow ? "allow" : "deny", p->name, i);
		(void)conditions_compile(&p->statements[i].conditions, doc,
			json_object_get(s, "Conditions"), &conditions, &p->refs, ps);
	}
}

static void
compile(struct policy *p, const struct json_doc *doc, size_t since, struct problems *ps)
{
	struct str id = json_str(doc->root, "TrafficPolicyId");
	p->json = json_incref(doc->root);
	p->refs.envelope_only = true;
	p->name = str_dup(json_str(doc->root, "TrafficPolicyName"));
	p->id = id.p ? str_dup(id) : xstrdup(p->name);
	p->default_allow = is_allow(doc->root, "DefaultAction");
	p->max_size =
		(uint64_t)json_integer_value(json_object_get(doc->root, "MaxMessageSizeBytes"));
	p->size_limit = p->max_size ? xasprintf("%llu", (unsigned long long)p->max_size) : NULL;
	p->default_note =
		xasprintf("%s policy=%s default", p->default_allow ? "allow" : "deny", p->name);
	compile_statements(p, doc, since, ps);
}

static void
set_replies(struct policy *p, const char *dir)
{
	struct problems ps = {0};
	struct json_doc site;
	if (site_settings(&site, dir, &ps) == 0) {
		struct str deny = json_str(site.root, "DenyReply"),
			   size = json_str(site.root, "SizeReply");
		p->deny_reply = deny.p ? str_dup(deny) : xstrdup("550 5.7.1 refused by policy");
		p->size_reply = size.p ? str_dup(size)
				       : xasprintf("552 5.3.4 larger than the %llu octets that "
						   "the policy allows",
						 (unsigned long long)p->max_size);
		json_doc_release(&site);
	}
	problems_release(&ps);
}

struct policy *
policy_load(const char *dir, const char *operand, bool lenient, struct problems *ps)
{
	struct policy *p = xcalloc(1, sizeof(*p));
	struct json_doc doc = {0};
	size_t before = ps->errors;
	p->files[1] = xasprintf("%s/site.json", dir);
	p->files[0] = policy_path(p, dir, operand, ps);
	if (!p->files[0] || references_open(&p->refs, dir, lenient, ps) < 0 ||
		mailmanager_load(&doc, p->files[0], &shape_traffic_policy, ps) < 0)
		goto out;
	size_t since = ps->n;
	if (schema_check(&doc, &shape_traffic_policy, lenient, ps) ||
		ps->n - since < SCHEMA_MAX_PROBLEMS) {
		compile(p, &doc, since, ps);
		set_replies(p, dir);
	}
	json_doc_release(&doc);
out:
	if (ps->errors == before)
		return p;
	policy_free(p);
	return NULL;
}

void
policy_free(struct policy *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->nstatements; i++) {
		conditions_release(&p->statements[i].conditions);
		free(p->statements[i].note);
	}
	for (size_t i = 0; i < 3; i++)
		free(p->files[i]);
	free(p->statements);
	free(p->name);
	free(p->id);
	free(p->default_note);
	free(p->size_limit);
	json_decref(p->json);
	free(p->deny_reply);
	free(p->size_reply);
	references_release(&p->refs);
	free(p);
}

/* The first condition that does not hold; NULL when all do. */
static const struct condition *
first_failing(const struct statement *s, struct facts *f)
{
	for (size_t i = 0; i < s->conditions.n; i++) {
		const struct condition *c = conditions_at(&s->conditions, i);
		if (!condition_match(c, f, NULL))
			return c;
	}
	return NULL;
}

struct decision
policy_decide(const struct policy *p, struct facts *f)
{
	static const bool order[] = {false, true}; /* DENY before ALLOW */
	for (size_t pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < p->nstatements; i++)
			if (p->statements[i].allow == order[pass] &&
				!first_failing(&p->statements[i], f))
				return (struct decision){order[pass], false, i};
	return (struct decision){p->default_allow, true, 0};
}

const char *
policy_note(const struct policy *p, const struct decision *d)
{
	return d->by_default ? p->default_note : p->statements[d->statement].note;
}

static void
add_condition(struct buf *out, const struct condition *c, struct facts *f)
{
	if (out->n)
		buf_addstr(out, "; ");
	buf_addf(out, "%s (found ", condition_text(c));
	(void)condition_match(c, f, out);
	buf_addc(out, ')');
}

void
policy_reason(
	const struct policy *p, const struct decision *d, struct facts *f, struct buf *out)
{
	if (!d->by_default) {
		const struct conditions *c = &p->statements[d->statement].conditions;
		for (size_t i = 0; i < c->n; i++)
			add_condition(out, conditions_at(c, i), f);
		return;
	}
	for (size_t i = 0; i < p->nstatements; i++) {
		const struct condition *c = first_failing(&p->statements[i], f);
		if (c)
			add_condition(out, c, f);
	}
}
