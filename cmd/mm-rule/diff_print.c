#include <inttypes.h>
#include <stdlib.h>

#include "diff_group.h"
#include "mem.h"
#include "table.h"
#include "utf8_put.h"

static int
by_recipients(const struct diff_group *a, const struct diff_group *b)
{
	return a->recipients < b->recipients ? 1 : a->recipients > b->recipients ? -1 : 0;
}

static void
number_cell(struct table *t, uint64_t n)
{
	char *text = xasprintf("%" PRIu64, n);
	table_cell(t, str_of(text));
	free(text);
}

static void
side_cells(struct table *t, const char *word, const char *rules, const char *text)
{
	table_cell(t, str_of(word));
	table_cell(t, str_of(*rules ? rules : "-"));
	table_cell(t, str_of(text));
}

static void
example_row(struct table *t, const struct diff_example *e)
{
	table_cell(t, STR(""));
	table_cell(t, STR(""));
	table_cell(t, STR("as"));
	table_cell(t, str_of(e->id));
	table_cell(t, str_of(e->recipient));
}

static void
print_table(const struct diff *d)
{
	static const char *const columns[] = {"MESSAGES", "RECIPIENTS", "", "RULES", "ACTIONS"};
	struct table t = {.columns = columns, .ncolumns = 5};
	for (const struct diff_group *g = d->groups; g; g = g->hh.next) {
		number_cell(&t, g->messages);
		number_cell(&t, g->recipients);
		side_cells(&t, "old", g->old_rules, g->old_text);
		table_cell(&t, STR(""));
		table_cell(&t, STR(""));
		side_cells(&t, "new", g->new_rules, g->new_text);
		for (size_t i = 0; i < g->nexamples; i++)
			example_row(&t, &g->examples[i]);
	}
	if (d->groups)
		table_print(&t, stdout);
	table_release(&t);
	printf("%s%" PRIu64 " of %" PRIu64 " messages, %" PRIu64 " of %" PRIu64
	       " recipients are treated differently\n",
		d->groups ? "\n" : "", d->different_messages, d->messages,
		d->different_recipients, d->recipients);
}

static json_t *
text(const char *s)
{
	struct buf clean = {0};
	utf8_repair(&clean, str_of(s));
	json_t *j = json_stringn(clean.n ? clean.p : "", clean.n);
	buf_release(&clean);
	return j;
}

static void
print_line(json_t *line)
{
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
}

static json_t *
side(const char *rules, const char *actions)
{
	return json_pack("{s:o, s:o}", "rules", text(rules), "actions", text(actions));
}

static void
print_json(const struct diff *d)
{
	for (const struct diff_group *g = d->groups; g; g = g->hh.next) {
		json_t *examples = json_array();
		for (size_t i = 0; i < g->nexamples; i++)
			json_array_append_new(
				examples, json_pack("{s:o, s:o}", "id", text(g->examples[i].id),
						  "recipient", text(g->examples[i].recipient)));
		print_line(json_pack("{s:I, s:I, s:o, s:o, s:o}", "messages",
			(json_int_t)g->messages, "recipients", (json_int_t)g->recipients, "old",
			side(g->old_rules, g->old_text), "new", side(g->new_rules, g->new_text),
			"examples", examples));
	}
	print_line(json_pack("{s:I, s:I, s:I, s:I}", "all_messages", (json_int_t)d->messages,
		"all_recipients", (json_int_t)d->recipients, "different_messages",
		(json_int_t)d->different_messages, "different_recipients",
		(json_int_t)d->different_recipients));
}

void
diff_print(struct diff *d, bool json)
{
	HASH_SORT(d->groups, by_recipients);
	if (json)
		print_json(d);
	else
		print_table(d);
}
