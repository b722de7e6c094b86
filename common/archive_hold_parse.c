#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive_hold.h"
#include "archive_query.h"
#include "json.h"
#include "mem.h"
#include "schema.h"

static const struct shape name = {.kind = SHAPE_STRING,
	.name = "a name of 2 to 64 letters, digits, - and _",
	.pattern = "[A-Za-z0-9][A-Za-z0-9_-]{0,62}[A-Za-z0-9]"};
static const struct shape text = {.kind = SHAPE_STRING, .name = "a text", .min = 1};
static const struct shape query = {.kind = SHAPE_STRING, .name = "a query"};
static const struct shape id = {
	.kind = SHAPE_STRING, .name = "an id", .pattern = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}"};
static const struct shape ids = {.kind = SHAPE_LIST, .element = &id, .min = 1};
static const struct member members[] = {{"Name", &name, true}, {"Reason", &text, true},
	{"Query", &query, false}, {"Ids", &ids, false}, {"Created", &text, true},
	{"By", &text, true}, {0}};
static const struct shape hold = {.kind = SHAPE_STRUCT, .name = "a hold", .members = members};

static struct query *
refuse(struct query *q, const struct query *at, struct query_error *e)
{
	e->column = at->place;
	snprintf(e->text, sizeof(e->text), "a hold is of one archive; expected no in:");
	query_free(q);
	return NULL;
}

struct query *
archive_hold_query(struct str s, struct query_error *e)
{
	struct query *q = query_parse(s, QUERY_NO_NOW, e);
	const struct query *in = q ? query_find(q, QUERY_ARCHIVE) : NULL;
	return in ? refuse(q, in, e) : q;
}

static void
read_query(struct archive_hold *h, const struct json_doc *doc, struct problems *ps)
{
	const struct json_at at = {NULL, "Query", 0};
	struct str s = json_str(doc->root, "Query");
	struct query_error e;
	if (!s.p)
		return;
	h->query_text = str_dup(s);
	h->query = archive_hold_query(s, &e);
	if (!h->query)
		json_problem(
			ps, doc, &at, false, PROBLEM_ERROR, "column %zu: %s", e.column, e.text);
}

static int
by_text(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

static void
read_ids(struct archive_hold *h, const json_t *list)
{
	size_t i;
	json_t *one;
	h->ids = xcalloc(json_array_size(list) + 1, sizeof(char *));
	json_array_foreach (list, i, one)
		h->ids[h->nids++] = str_dup(json_text(one));
	if (h->nids)
		qsort(h->ids, h->nids, sizeof(char *), by_text);
}

static void
read_hold(struct archive_hold *h, const struct json_doc *doc, struct problems *ps)
{
	h->name = str_dup(json_str(doc->root, "Name"));
	h->reason = str_dup(json_str(doc->root, "Reason"));
	h->created = str_dup(json_str(doc->root, "Created"));
	h->by = str_dup(json_str(doc->root, "By"));
	read_query(h, doc, ps);
	read_ids(h, json_object_get(doc->root, "Ids"));
	if (!h->query_text && h->nids == 0)
		json_problem(ps, doc, NULL, false, PROBLEM_ERROR, "expected Query or Ids");
}

int
archive_hold_parse(struct archive_hold *h, const char *file, struct str s, struct problems *ps)
{
	struct json_doc doc;
	size_t before = ps->errors;
	*h = (struct archive_hold){0};
	if (json_doc_parse(&doc, file, s, ps) < 0)
		return -1;
	if (schema_check(&doc, &hold, false, ps))
		read_hold(h, &doc, ps);
	json_doc_release(&doc);
	return ps->errors == before ? 0 : -1;
}
