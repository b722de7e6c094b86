/* The fields that carry outcomes and progress, as they are read. */
#include "outcome.h"
#include "table.h"
#include "tap.h"

static void
check_results(void)
{
	static const struct {
		const char *value, *path, *reply;
		enum status status;
	} good[] = {
		{"<a@b.example> ok 250 2.0.0 done", "<a@b.example>", "250 2.0.0 done",
			STATUS_OK},
		{"<\"x> y\"@b.example> tempfail 450 4.2.0 x", "<\"x> y\"@b.example>",
			"450 4.2.0 x", STATUS_TEMPFAIL},
		{"<a@b.example> permfail", "<a@b.example>", "", STATUS_PERMFAIL},
		{"<postmaster>   ok   250 x", "<postmaster>", "250 x", STATUS_OK},
	};
	static const char *const bad[] = {"", "<", "<a@b.example>", "a@b.example ok 250",
		"<a@b.example> OK 250", "<a@b.example>ok 250", "<a@b.example> okay 250"};
	struct result r;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		ok(result_parse(str_of(good[i].value), &r) && r.status == good[i].status, "%s",
			good[i].value);
		is_strn(r.path.p, r.path.n, good[i].path, "its recipient");
		is_strn(r.reply.p, r.reply.n, good[i].reply, "its reply");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(!result_parse(str_of(bad[i]), &r), "no result: \"%s\"", bad[i]);
}

static void
check_progress(void)
{
	struct action actions[] = {{.kind = ACTION_RELAY, .target = (char[]){"one"}}};
	struct rule rules[] = {{.actions = actions, .nactions = 1}};
	struct ruleset set = {.name = (char[]){"set"}, .rules = rules, .nrules = 1};
	struct record *r = record_new();
	struct progress p = {0};
	record_add(r, "done",
		STR("set 0/0 - Relay one ok <a@x> <\"b c\"@x> as <d@y> 250 2.0.0 as <is>"));
	record_add(r, "done", STR("set 0/0 - Relay two permfail <a@x> 550 5.1.1 no"));
	record_add(r, "done", STR("set 0/x - Relay one ok <a@x> 250 ok"));
	record_add(r, "done", STR("set"));
	record_add(r, "done", STR("set 0/0 - Relay one STOP_RULE_SET <a@x> 250 ok"));
	progress_read(&p, r, &set);
	is_int((long long)p.n, 4, "recipients of well-formed fields");
	ok(!p.list[0].moved && p.list[2].moved, "what the rule set has elsewhere has moved");
	is_strn(p.list[1].path.p, p.list[1].path.n, "<\"b c\"@x>", "a recipient");
	is_strn(p.list[1].as.p, p.list[1].as.n, "<d@y>", "in whose place");
	is_strn(p.list[1].reply.p, p.list[1].reply.n, "250 2.0.0 as <is>", "the reply");
	ok(!p.list[2].as.p && p.list[2].status == STATUS_PERMFAIL, "a refusal");
	ok(p.list[3].status == STATUS_OK && p.list[3].disposition == DISPOSITION_STOP_RULE_SET,
		"what a function said");
	progress_release(&p);
	record_free(r);
}

static void
check_table(void)
{
	static const char *const columns[] = {"A", "B"};
	struct table t = {.columns = columns, .ncolumns = 2};
	char text[200] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	table_cell(&t, STR("\u00e4\u00f6"));
	table_cell(&t, STR("x\ny\xff"));
	table_cell(&t, STR(""));
	table_cell(&t, STR("z"));
	table_print(&t, out);
	fclose(out);
	is_str(text, "  A   B\n  \u00e4\u00f6  x?y?\n      z\n", "columns by characters");
	table_release(&t);
}

int
main(void)
{
	check_results();
	check_progress();
	check_table();
	return done();
}
