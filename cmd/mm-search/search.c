#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"
#include "log.h"
#include "mem.h"
#include "search.h"

#define THREADS_MAX 8

char *
search_sql(
	const struct query_sql *condition, const char *what, const char *from, const char *rest)
{
	return xasprintf("SELECT %s FROM %s WHERE m.received > ?1 AND ?2 <> '' AND (%.*s) %s",
		what, from, STR_ARG(buf_str(&condition->text)), rest);
}

bool
search_take(struct search *s, int64_t *seen, bool *more)
{
	bool wanted = ++*seen > s->offset && (s->limit < 0 || s->found < s->limit);
	s->found += wanted;
	*more = (s->limit < 0 || s->found < s->limit) && !ferror(stdout);
	return wanted;
}

struct printing {
	struct search *search;
	int64_t seen;
};

/* Prints the results of a chunk that are wanted. */
static bool
print_chunk(void *ctx, const struct chunk *c)
{
	struct printing *p = ctx;
	size_t from = 0;
	bool more = p->search->limit != 0;
	for (size_t i = 0; i < c->n && more; i++) {
		if (search_take(p->search, &p->seen, &more) && c->ends[i] > from)
			fwrite(c->text.p + from, 1, c->ends[i] - from, stdout);
		from = c->ends[i];
	}
	return more;
}

static void
flush(void)
{
	fflush(stdout);
}

bool
search_ignore(void *ctx, const struct chunk *c)
{
	(void)ctx;
	(void)c;
	return true;
}

void
search_each(struct search *s, struct crew *c, const char *what, const char *from,
	const char *rest, search_chunk *take, void *ctx)
{
	struct query_sql condition;
	struct chunk chunk = {0};
	query_sql_build(&condition, s->query);
	char *sql = search_sql(&condition, what, from, rest);
	c->places = places_find(
		s->query, s->archives, s->holds, s->narchives, s->now, &c->n, &s->failed);
	c->sql = sql;
	c->condition = &condition;
	if (!c->ctx)
		c->ctx = s;
	crew_start(c, s->whole_messages ? 1 : THREADS_MAX);
	while (crew_next(c, &chunk, flush) && take(ctx, &chunk))
		;
	if (!crew_stop(c))
		s->failed = true;
	chunk_release(&chunk);
	query_sql_release(&condition);
	free(sql);
}

static int
list_row(struct crew *c, struct reader *r, struct chunk *out)
{
	struct search *s = c->ctx;
	struct archive_row row;
	index_row(r->st, &row);
	struct result result = {r->place->archive, &row, r->db, &r->frames};
	return s->output(&out->text, &result);
}

void
search_list(struct search *s)
{
	struct crew c = {.row = list_row,
		.by_time = true,
		.quick = !s->whole_messages,
		.reads_messages = s->reads_messages};
	struct printing p = {.search = s};
	search_each(s, &c, INDEX_ROW, INDEX_TABLES, "ORDER BY m.received DESC, m.n DESC",
		print_chunk, &p);
	free(c.places);
}

static int
count_row(struct crew *c, struct reader *r, struct chunk *out)
{
	int64_t n = sqlite3_column_int64(r->st, 0);
	(void)c;
	buf_add(&out->text, &n, sizeof(n));
	return 0;
}

static bool
add_up(void *ctx, const struct chunk *c)
{
	int64_t *sum = ctx, n;
	for (size_t i = 0; i < c->n; i++) {
		memcpy(&n, c->text.p + i * sizeof(n), sizeof(n));
		*sum += n;
	}
	return true;
}

void
search_count(struct search *s)
{
	int64_t sum = 0;
	struct search all = *s;
	struct crew c = {.row = count_row, .quick = true};
	search_each(&all, &c, "count(*)", "message AS m", "", add_up, &sum);
	free(c.places);
	s->failed = all.failed;
	s->found = sum > s->offset ? sum - s->offset : 0;
	if (s->limit >= 0 && s->found > s->limit)
		s->found = s->limit;
}

sqlite3 *
search_scratch(const struct search *s, const char *tables)
{
	sqlite3 *db = NULL;
	const char *name = "";
	for (size_t i = 0; i < s->narchives; i++)
		if (s->archives[i].keys)
			name = ":memory:";
	if (sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) ==
			SQLITE_OK &&
		(!*name || sqlite3_exec(db, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL) ==
				   SQLITE_OK) &&
		sqlite3_exec(db, tables, NULL, NULL, NULL) == SQLITE_OK &&
		sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK)
		return db;
	index_log_error(db, "cannot make a file for sorting");
	sqlite3_close(db);
	return NULL;
}
