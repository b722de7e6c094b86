#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "filters.h"
#include "fold_case.h"
#include "mailmanager.h"

static const struct attribute {
	const char *name;
	enum query_kind kind;
	const char *field;
} attributes[] = {
	{"FROM", QUERY_HEADER, "From"},
	{"TO", QUERY_HEADER, "To"},
	{"CC", QUERY_HEADER, "Cc"},
	{"SUBJECT", QUERY_HEADER, "Subject"},
	{"ENVELOPE_TO", QUERY_RCPT, NULL},
	{"ENVELOPE_FROM", QUERY_MAIL_FROM, NULL},
};

static struct query *
contains(const struct attribute *a, struct str value)
{
	struct query *q = query_new(a->kind);
	q->column = a->field;
	if (a->kind == QUERY_HEADER) {
		q->text = fold_case(value);
		return q;
	}
	q->text = str_dup(value);
	for (char *c = q->text; *c; c++)
		*c = ascii_lower(*c);
	return q;
}

/* Of several values one is enough. */
static struct query *
string_expression(const json_t *e)
{
	struct str name = json_str(json_object_get(e, "Evaluate"), "Attribute");
	const struct attribute *a = attributes;
	struct query *any = query_new(QUERY_OR);
	size_t i;
	json_t *value;
	while (!str_eq(name, str_of(a->name)))
		a++;
	json_array_foreach (json_object_get(e, "Values"), i, value)
		query_add_kid(any, contains(a, json_text(value)));
	return any;
}

static struct query *
boolean_expression(const json_t *e)
{
	struct query *has = query_new(QUERY_HAS_ATTACHMENT);
	if (str_eq(json_str(e, "Operator"), STR("IS_TRUE")))
		return has;
	struct query *not = query_new(QUERY_NOT);
	query_add_kid(not, has);
	return not ;
}

static void
add_conditions(struct query *list, const json_t *conditions)
{
	size_t i;
	json_t *c;
	json_array_foreach (conditions, i, c) {
		const json_t *string = json_object_get(c, "StringExpression");
		query_add_kid(list,
			string ? string_expression(string)
			       : boolean_expression(json_object_get(c, "BooleanExpression")));
	}
}

/* All of Include, none of Unless. */
static void
add_filters(struct query *all, const json_t *filters)
{
	struct query *any = query_new(QUERY_OR), *none = query_new(QUERY_NOT);
	add_conditions(all, json_object_get(filters, "Include"));
	add_conditions(any, json_object_get(filters, "Unless"));
	query_add_kid(none, any);
	if (any->n)
		query_add_kid(all, none);
	else
		query_free(none);
}

/* Seconds since 1970, or a time as RFC 3339 has it. */
static void
read_time(const struct json_doc *doc, const char *key, int64_t *ms, struct problems *ps)
{
	const struct json_at at = {NULL, key, 0};
	const json_t *v = json_object_get(doc->root, key);
	double seconds = json_number_value(v);
	if (!v)
		return;
	if (json_is_number(v) && seconds >= 0 && seconds < 1e12)
		*ms = (int64_t)(seconds * 1000);
	else if (!json_is_string(v) || clock_parse_rfc3339(json_text(v), ms) < 0)
		json_problem(ps, doc, &at, false, PROBLEM_ERROR,
			"expected a time such as 2026-11-22T10:00:00Z, or seconds since 1970");
}

static void
read_request(struct filters *f, const struct json_doc *doc, struct problems *ps)
{
	struct query *when = query_new(QUERY_RECEIVED);
	struct str archive = json_str(doc->root, "ArchiveId");
	const json_t *max = json_object_get(doc->root, "MaxResults");
	when->min = INT64_MIN;
	when->max = INT64_MAX;
	read_time(doc, "FromTimestamp", &when->min, ps);
	read_time(doc, "ToTimestamp", &when->max, ps);
	query_add_kid(f->query, when);
	add_filters(f->query, json_object_get(doc->root, "Filters"));
	f->archive = archive.p ? str_dup(archive) : NULL;
	f->limit = json_is_integer(max) ? json_integer_value(max) : -1;
}

static const struct shape *
shape_of(const json_t *root)
{
	if (json_object_get(root, "Include") || json_object_get(root, "Unless"))
		return &shape_archive_filters;
	return json_object_get(root, "ExportDestinationConfiguration") ||
			       json_object_get(root, "IncludeMetadata")
		       ? &shape_archive_export
		       : &shape_archive_search;
}

static int
load(struct json_doc *doc, const char *source, struct problems *ps)
{
	struct str text = str_trim(str_of(source));
	return text.n && text.p[0] == '{' ? json_doc_parse(doc, "--filters", text, ps)
					  : json_doc_load(doc, source, ps);
}

int
filters_read(struct filters *f, const char *source)
{
	struct problems ps = {0};
	struct json_doc doc;
	*f = (struct filters){.query = query_new(QUERY_AND), .limit = -1};
	if (load(&doc, source, &ps) == 0) {
		const struct shape *shape = shape_of(doc.root);
		if (schema_check(&doc, shape, false, &ps) && shape != &shape_archive_filters)
			read_request(f, &doc, &ps);
		else if (ps.errors == 0)
			add_filters(f->query, doc.root);
		json_doc_release(&doc);
	}
	int rc = ps.errors ? -1 : 0;
	problems_print(&ps, stderr);
	problems_release(&ps);
	return rc;
}
