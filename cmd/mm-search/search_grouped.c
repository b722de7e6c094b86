/* --group-by: each month counts, a scratch file adds up. */
#include <stdio.h>
#include <stdlib.h>

#include "crew.h"
#include "search.h"

#define MESSAGES "message AS m"
#define MESSAGES_TO "message AS m JOIN rcpt AS t ON t.message = m.n"
#define DATE(format) "strftime('" format "', m.received / 1000, 'unixepoch')"

static const struct key {
	const char *name, *expression, *from;
	bool by_value; /* the order: else by count */
} keys[] = {
	{"from", "address_in(m.sender)", MESSAGES, false},
	{"to", "address_in(t.path)", MESSAGES_TO, false},
	{"day", DATE("%Y-%m-%d"), MESSAGES, true},
	{"month", DATE("%Y-%m"), MESSAGES, true},
	{"subject", "fold_subject(m.subject)", MESSAGES, false},
	{"archive", QUERY_SQL_ARCHIVE, MESSAGES, false},
	{"ip", "m.ip", MESSAGES, false},
	{"spf", "m.spf", MESSAGES, false},
	{"dkim", "m.dkim", MESSAGES, false},
	{"dmarc", "m.dmarc", MESSAGES, false},
	{"arc", "m.arc", MESSAGES, false},
	{"ingress", "m.ingress", MESSAGES, false},
	{"list", "m.list_id", MESSAGES, false},
};

static const struct key *
find_key(struct str name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (str_eq(name, str_of(keys[i].name)))
			return &keys[i];
	return NULL;
}

bool
search_group_known(struct str key)
{
	return find_key(key) != NULL;
}

struct grouper {
	sqlite3 *db;
	sqlite3_stmt *add, *list;
};

static int
add_up(struct crew *c, struct reader *r, struct chunk *out)
{
	struct grouper *g = c->ctx;
	(void)out;
	crew_lock(c);
	for (int i = 0; i < 4; i++)
		sqlite3_bind_value(g->add, i + 1, sqlite3_column_value(r->st, i));
	int rc = sqlite3_step(g->add);
	sqlite3_reset(g->add);
	if (rc != SQLITE_DONE)
		index_log_error(g->db, "cannot count");
	crew_unlock(c);
	return rc == SQLITE_DONE ? 0 : -1;
}

static void
print_groups(struct search *s, struct grouper *g, const struct key *key)
{
	struct buf out = {0};
	int rc = SQLITE_DONE;
	sqlite3_bind_int64(g->list, 1, s->limit);
	sqlite3_bind_int64(g->list, 2, s->offset);
	while (!ferror(stdout) && (rc = sqlite3_step(g->list)) == SQLITE_ROW) {
		struct group group = {index_text(g->list, 0), sqlite3_column_int64(g->list, 1),
			sqlite3_column_int64(g->list, 2), sqlite3_column_int64(g->list, 3)};
		buf_reset(&out);
		if (s->json)
			output_group_json(&out, key->name, &group);
		else
			output_group_table(&out, &group);
		fwrite(out.p, 1, out.n, stdout);
		s->found++;
	}
	if (rc != SQLITE_DONE && rc != SQLITE_ROW) {
		index_log_error(g->db, "cannot count");
		s->failed = true;
	}
	buf_release(&out);
}

static void
group(struct search *s, struct grouper *g, const struct key *key)
{
	struct crew c = {.row = add_up, .ctx = g};
	struct search all = *s;
	struct buf what = {0};
	buf_addf(&what, "%s, count(*), sum(m.size), max(m.received)", key->expression);
	search_each(&all, &c, buf_cstr(&what), key->from, "GROUP BY 1", search_ignore, NULL);
	s->failed = all.failed;
	print_groups(s, g, key);
	free(c.places);
	buf_release(&what);
}

void
search_grouped(struct search *s, const char *name)
{
	const struct key *key = find_key(str_of(name));
	struct grouper g = {.db = search_scratch(s,
				    "CREATE TABLE sums(value TEXT PRIMARY KEY, count INTEGER,"
				    " size INTEGER, last INTEGER) WITHOUT ROWID")};
	const char *list = key->by_value ? "SELECT * FROM sums ORDER BY value LIMIT ? OFFSET ?"
					 : "SELECT * FROM sums ORDER BY count DESC, value"
					   " LIMIT ? OFFSET ?";
	if (g.db &&
		index_prepare(g.db,
			"INSERT INTO sums VALUES (?, ?, ?, ?) ON CONFLICT(value) DO UPDATE SET"
			" count = count + excluded.count, size = size + excluded.size,"
			" last = max(last, excluded.last)",
			&g.add) == 0 &&
		index_prepare(g.db, list, &g.list) == 0)
		group(s, &g, key);
	else
		s->failed = true;
	sqlite3_finalize(g.add);
	sqlite3_finalize(g.list);
	sqlite3_close(g.db);
}
