#include <stdlib.h>

#include "address.h"
#include "list_codes.h"
#include "log.h"
#include "num.h"
#include "site.h"

static void
release_list(struct dns_list *list)
{
	for (size_t i = 0; i < list->ncodes; i++)
		free(list->codes[i].meaning);
	free(list->zone);
	free(list->name);
}

void
lists_release(struct dns_lists *l)
{
	for (size_t i = 0; i < l->n; i++)
		release_list(&l->list[i]);
	l->n = 0;
}

static int
weight(struct str s, int *out)
{
	bool minus = str_starts(s, STR("-"));
	if (num_int(str_skip(s, minus), 0, LIST_MAX_WEIGHT, out) < 0)
		return -1;
	*out = minus ? -*out : *out;
	return 0;
}

static int
fault(struct dns_list *list, const char **why, const char *text)
{
	release_list(list);
	*why = text;
	return -1;
}

int
lists_add(struct dns_lists *l, const char *spec, const char **why)
{
	struct str counts = str_of(spec), codes = str_cut(&counts, '*');
	struct str zone = str_cut(&codes, '=');
	struct dns_list list = {.weight = 1};
	if (l->n == LISTS_MAX)
		return fault(&list, why, "expected 32 lists at most");
	if (counts.p && weight(counts, &list.weight) < 0)
		return fault(&list, why, "expected a weight from -1000 to 1000");
	if (!domain_valid(zone))
		return fault(&list, why, "expected the name of a zone");
	while (codes.p)
		if (list_code_add(&list, str_cut(&codes, ','), STR_NONE) < 0)
			return fault(&list, why,
				"expected answers such as 127.0.0.2 or 127.0.0.10..11, at most "
				"64");
	list.zone = str_dup(zone);
	list.name = str_dup(zone);
	l->list[l->n++] = list;
	return 0;
}

struct reading {
	struct json_doc doc;
	struct problems problems;
};

static void
read_codes(struct reading *r, json_t *codes, const struct json_at *up, struct dns_list *list)
{
	struct json_at at = {.up = up, .key = "Codes"};
	const char *code;
	json_t *meaning;
	if (codes && !json_is_object(codes))
		json_problem(&r->problems, &r->doc, &at, false, PROBLEM_ERROR,
			"expected an object, answers and what they mean");
	json_object_foreach (codes, code, meaning) {
		struct json_at entry = {.up = &at, .key = code};
		if (!json_is_string(meaning))
			json_problem(&r->problems, &r->doc, &entry, false, PROBLEM_ERROR,
				"expected a string, what the answer means");
		else if (list_code_add(list, str_of(code), json_text(meaning)) < 0)
			json_problem(&r->problems, &r->doc, &entry, true, PROBLEM_ERROR,
				"expected answers such as 127.0.0.2 or 127.0.0.10..11, at most "
				"64");
	}
}

static void
read_list(struct reading *r, json_t *entry, const struct json_at *at, struct dns_lists *l)
{
	struct json_at zone_at = {.up = at, .key = "Zone"};
	struct dns_list *list = &l->list[l->n++];
	struct str zone = json_str(entry, "Zone"), name = json_str(entry, "Name");
	json_t *counts = json_object_get(entry, "Weight");
	*list = (struct dns_list){.weight = counts ? (int)json_integer_value(counts) : 1};
	if (!domain_valid(zone))
		json_problem(&r->problems, &r->doc, &zone_at, false, PROBLEM_ERROR,
			"expected the name of a zone");
	list->zone = str_dup(zone);
	list->name = str_dup(name.p ? name : zone);
	read_codes(r, json_object_get(entry, "Codes"), at, list);
}

int
lists_load(struct dns_lists *l, const char *site, const char *addon)
{
	struct reading r = {0};
	struct json_at up = {.key = "Lists"};
	size_t i;
	json_t *entry;
	if (site_load(&r.doc, site, SITE_ADDON, str_of(addon), &r.problems) == 0) {
		json_array_foreach (json_object_get(r.doc.root, "Lists"), i, entry) {
			struct json_at at = {.up = &up, .index = i};
			if (l->n < LISTS_MAX)
				read_list(&r, entry, &at, l);
		}
		json_t *threshold = json_object_get(r.doc.root, "Threshold");
		if (threshold && l->threshold == 0)
			l->threshold = (int)json_integer_value(threshold);
		json_doc_release(&r.doc);
	}
	bool good = r.problems.errors == 0;
	problems_log(&r.problems);
	problems_release(&r.problems);
	return good ? 0 : -1;
}
