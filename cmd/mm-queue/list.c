#include <jansson.h>
#include <stdio.h>
#include <sysexits.h>

#include "clock.h"
#include "commands.h"
#include "json_line.h"
#include "look.h"
#include "opt.h"
#include "table.h"

static const char *const held_words[] = {"", "held", "poison"};

struct listing {
	bool json;
	struct table table;
	int status;
};

static json_t *
json_str(struct str s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

static json_t *
json_time(int64_t ms)
{
	char text[CLOCK_RFC3339_SIZE];
	return ms < 0 ? json_null() : json_string(clock_rfc3339(ms, text));
}

static void
print_json(const struct store_row *row)
{
	json_t *recipients = json_array();
	struct str rcpt, reason = look_reason(row);
	for (size_t at = 0; record_next(row->rec, "rcpt-to", &at, &rcpt);)
		json_array_append_new(recipients, json_str(table_address(rcpt)));
	json_t *o = json_pack("{s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:s, s:o}", "id",
		json_str(record_get(row->rec, "id")), "queued", json_time(row->queued), "next",
		json_time(row->held       ? -1
			  : row->next < 0 ? row->queued
					  : row->next),
		"attempts", (json_int_t)row->attempts, "size", (json_int_t)row->size, "sender",
		json_str(table_address(record_get(row->rec, "mail-from"))), "recipients",
		recipients, "reply", row->reply.p ? json_str(row->reply) : json_null(), "held",
		held_words[row->held], "reason", reason.n ? json_str(reason) : json_null());
	json_line_print(o);
	json_decref(o);
}

static bool
list_row(void *arg, struct store_row *row)
{
	struct listing *l = arg;
	if (l->json)
		print_json(row);
	else
		table_row(&l->table, row);
	return true;
}

static void
list_missing(void *arg, const char *id)
{
	struct listing *l = arg;
	l->status = look_missing(id, "");
}

int
command_list(int argc, char **argv)
{
	struct listing l = {.json = look_wants_json(argc, argv), .status = EX_OK};
	struct store *s = look_open(argc, argv, STORE_READ);
	struct query *q = look_query(argv);
	if (!l.json)
		table_start(&l.table);
	if (query_each(s, q, list_row, &l, list_missing) < 0)
		look_failed(s);
	if (!l.json)
		table_end(&l.table);
	query_free(q);
	store_close(s);
	opt_finish(l.status);
}
