/* --sort: what was found is sorted in a scratch file, by number, and read again. */
#include <stdio.h>
#include <stdlib.h>

#include "crew.h"
#include "mem.h"
#include "search.h"

#define OPEN_MONTHS 16

static const struct {
	const char *name, *expression;
} keys[] = {
	{"received", "m.received"},
	{"date", "m.date"},
	{"from", "fold(m.sender)"},
	{"subject", "fold_subject(m.subject)"},
	{"size", "m.size"},
};

const char *
search_sort_expression(struct str key)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (str_eq(key, str_of(keys[i].name)))
			return keys[i].expression;
	return NULL;
}

struct sorter {
	struct search *search;
	sqlite3 *db;
	sqlite3_stmt *add, *list;
	const struct place *places;
	struct reader open[OPEN_MONTHS];
	uint64_t used[OPEN_MONTHS], clock; /* 0: not open */
};

/* Columns of the row: the key, received, n. */
static int
keep_row(struct crew *c, struct reader *r, struct chunk *out)
{
	struct sorter *s = c->ctx;
	(void)out;
	crew_lock(c);
	sqlite3_bind_value(s->add, 1, sqlite3_column_value(r->st, 0));
	sqlite3_bind_int64(s->add, 2, sqlite3_column_int64(r->st, 1));
	sqlite3_bind_int64(s->add, 3, r->place - c->places);
	sqlite3_bind_int64(s->add, 4, sqlite3_column_int64(r->st, 2));
	int rc = sqlite3_step(s->add);
	sqlite3_reset(s->add);
	if (rc != SQLITE_DONE)
		index_log_error(s->db, "cannot sort");
	crew_unlock(c);
	return rc == SQLITE_DONE ? 0 : -1;
}

/* The month, open; the one that was not used for longest makes room.  NULL after the
 * reason was logged. */
static struct reader *
open_place(struct sorter *s, const struct place *p)
{
	size_t oldest = 0;
	for (size_t i = 0; i < OPEN_MONTHS; i++) {
		if (s->used[i] && s->open[i].place == p) {
			s->used[i] = ++s->clock;
			return &s->open[i];
		}
		if (s->used[i] < s->used[oldest])
			oldest = i;
	}
	if (s->used[oldest])
		reader_close(&s->open[oldest]);
	s->used[oldest] = 0;
	if (reader_open(&s->open[oldest], p,
		    "SELECT " INDEX_ROW " FROM " INDEX_TABLES " WHERE m.n = ?3", NULL,
		    false) != 1) {
		reader_close(&s->open[oldest]);
		return NULL;
	}
	s->used[oldest] = ++s->clock;
	return &s->open[oldest];
}

/* 1; 0: it is not there any more; -1 after the reason was logged. */
static int
print_row(struct sorter *s, struct buf *out)
{
	struct reader *r = open_place(s, &s->places[sqlite3_column_int64(s->list, 0)]);
	struct archive_row row;
	if (!r)
		return -1;
	sqlite3_bind_int64(r->st, 3, sqlite3_column_int64(s->list, 1));
	int step = sqlite3_step(r->st), rc = step == SQLITE_DONE ? 0 : -1;
	if (step == SQLITE_ROW) {
		index_row(r->st, &row);
		struct result result = {r->place->archive, &row, r->db, &r->frames};
		rc = s->search->output(out, &result) == 0 ? 1 : -1;
	} else if (step != SQLITE_DONE) {
		index_log_error(r->db, "cannot read the index");
	}
	sqlite3_reset(r->st);
	if (rc > 0)
		fwrite(out->p, 1, out->n, stdout);
	return rc;
}

static void
print_all(struct sorter *s)
{
	struct buf out = {0};
	int rc = SQLITE_DONE;
	sqlite3_bind_int64(s->list, 1, s->search->limit);
	sqlite3_bind_int64(s->list, 2, s->search->offset);
	while (!ferror(stdout) && (rc = sqlite3_step(s->list)) == SQLITE_ROW) {
		buf_reset(&out);
		int printed = print_row(s, &out);
		s->search->failed = s->search->failed || printed < 0;
		s->search->found += printed > 0;
	}
	if (rc != SQLITE_DONE && rc != SQLITE_ROW) {
		index_log_error(s->db, "cannot sort");
		s->search->failed = true;
	}
	buf_release(&out);
	for (size_t i = 0; i < OPEN_MONTHS; i++)
		if (s->used[i])
			reader_close(&s->open[i]);
}

static void
sort(struct sorter *s, const char *expression)
{
	struct crew c = {.row = keep_row, .ctx = s};
	struct search all = *s->search;
	char *what = xasprintf("%s, m.received, m.n", expression);
	all.whole_messages = false;
	search_each(&all, &c, what, "message AS m", "", search_ignore, NULL);
	s->search->failed = all.failed;
	s->places = c.places;
	print_all(s);
	free(c.places);
	free(what);
}

void
search_sorted(struct search *search, const char *expression)
{
	struct sorter s = {.search = search,
		.db = search_scratch(search,
			"CREATE TABLE hit(key, received INTEGER, place INTEGER, n INTEGER)")};
	const char *list =
		search->descending
			? "SELECT place, n FROM hit ORDER BY key DESC, received DESC,"
			  " place, n DESC LIMIT ? OFFSET ?"
			: "SELECT place, n FROM hit ORDER BY key, received DESC,"
			  " place, n DESC LIMIT ? OFFSET ?";
	if (s.db && index_prepare(s.db, "INSERT INTO hit VALUES (?, ?, ?, ?)", &s.add) == 0 &&
		index_prepare(s.db, list, &s.list) == 0)
		sort(&s, expression);
	else
		search->failed = true;
	sqlite3_finalize(s.add);
	sqlite3_finalize(s.list);
	sqlite3_close(s.db);
}
