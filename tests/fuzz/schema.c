/* Whatever is parsed as JSON is checked against every shape, and what passes as
 * a policy or rule set is compiled and evaluated.  Problems always have a text,
 * and a place inside the document. */
#include <stdint.h>
#include <stdlib.h>

#include "condition.h"
#include "mailmanager_forms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_problems(const struct problems *ps, size_t lines)
{
	for (size_t i = 0; i < ps->n; i++) {
		const struct problem *p = &ps->list[i];
		if (!p->text || !*p->text || !p->path || p->line < 0 ||
			(size_t)p->line > lines + 1)
			abort();
	}
}

static void
evaluate(const struct conditions *c)
{
	static const char message[] = "From: a <a@b.example>\r\nSubject: =?utf-8?q?x?=\r\n\r\n";
	struct message m = {0};
	struct facts f = {0};
	struct buf found = {0};
	struct record *r = record_new();
	record_add(r, "client-ip", STR("192.0.2.7"));
	record_add(r, "dkim", STR("pass d=b.example"));
	message_parse(&m, STR(message));
	facts_begin(&f, r, &m);
	facts_set_recipient(&f, STR("<c@d.example>"));
	for (size_t i = 0; i < c->n; i++)
		if (condition_match(conditions_at(c, i), &f, &found) !=
			condition_match(conditions_at(c, i), &f, NULL))
			abort();
	buf_release(&found);
	facts_release(&f);
	message_release(&m);
	record_free(r);
}

static void
compile_in(const struct json_doc *doc, const char *items, const char *member,
	struct references *refs, struct problems *ps)
{
	const json_t *list = json_object_get(doc->root, items);
	struct json_at all = {.key = items};
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct json_at here = {.up = &all, .index = i},
			       at = {.up = &here, .key = member};
		struct conditions c;
		if (conditions_compile(&c, doc,
			    json_object_get(json_array_get(list, i), member), &at, refs,
			    ps) < 0)
			continue;
		evaluate(&c);
		conditions_release(&c);
	}
}

/* In whatever form the document is. */
static void
check_form(struct str text, const struct shape *shape, struct problems *ps)
{
	struct json_doc doc;
	if (json_doc_parse(&doc, "f", text, ps) < 0)
		abort();
	if (mailmanager_form(&doc, shape, ps) < 0)
		return;
	(void)schema_check(&doc, shape, false, ps);
	json_doc_release(&doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct shape *const shapes[] = {&shape_traffic_policy, &shape_rule_set,
		&shape_ingress_point, &shape_relay, &shape_archive, &shape_addon_instance,
		&shape_mailbox, &shape_secret, &shape_settings};
	struct problems ps = {0};
	struct json_doc doc;
	struct references refs;
	size_t lines = 0;
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	if (json_doc_parse(&doc, "f", str_n((const char *)data, size), &ps) < 0) {
		if (ps.n != 1)
			abort();
		problems_release(&ps);
		return 0;
	}
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		check_form(str_n((const char *)data, size), shapes[i], &ps);
		bool strict = schema_check(&doc, shapes[i], false, &ps),
		     lenient = schema_check(&doc, shapes[i], true, &ps);
		if (strict && !lenient)
			abort();
		if (!lenient || i > 1)
			continue;
		if (references_open(&refs, "/nonexistent", true, &ps) < 0)
			abort();
		compile_in(&doc, i ? "Rules" : "PolicyStatements", "Conditions", &refs, &ps);
		compile_in(&doc, i ? "Rules" : "PolicyStatements", "Unless", &refs, &ps);
		references_release(&refs);
	}
	check_problems(&ps, lines);
	problems_release(&ps);
	json_doc_release(&doc);
	return 0;
}
