#include <stdlib.h>
#include <string.h>

#include "archive_index.h"
#include "forget_ids.h"
#include "str.h"

static int
by_text(const void *key, const void *element)
{
	const struct str *s = key;
	const char *id = *(char *const *)element;
	int order = strncmp(s->p, id, s->n);
	return order ? order : -(id[s->n] != '\0');
}

long
forget_ids_of_entry(const struct forget_ids *ids, const char *name)
{
	struct str s = str_of(name), eml = STR(".eml"), envelope = STR(".envelope");
	if (str_ends(s, eml)) {
		s.n -= eml.n;
	} else if (str_ends(s, envelope)) {
		s.n -= envelope.n;
		const char *plus = memchr(s.p, '+', s.n); /* no id has one */
		s.n = plus ? (size_t)(plus - s.p) : s.n;
	} else {
		return -1;
	}
	char **found =
		ids->n ? bsearch(&s, ids->list, ids->n, sizeof(*ids->list), by_text) : NULL;
	return found ? found - ids->list : -1;
}

static int
mark(const struct forget_ids *ids, sqlite3 *db)
{
	sqlite3_stmt *st;
	int rc = SQLITE_DONE;
	if (index_prepare(db,
		    "INSERT OR IGNORE INTO temp.forgetting SELECT n FROM message WHERE id = ?",
		    &st) < 0)
		return -1;
	for (size_t i = 0; i < ids->n && rc == SQLITE_DONE; i++) {
		sqlite3_bind_text(st, 1, ids->list[i], -1, SQLITE_STATIC);
		rc = sqlite3_step(st);
		sqlite3_reset(st);
	}
	if (rc != SQLITE_DONE)
		index_log_error(db, "cannot ask the index");
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

int
forget_ids_mark(const struct forget_ids *ids, sqlite3 *db)
{
	if (sqlite3_exec(db,
		    "CREATE TEMP TABLE IF NOT EXISTS forgetting(n INTEGER PRIMARY KEY);"
		    "DELETE FROM temp.forgetting",
		    NULL, NULL, NULL) == SQLITE_OK)
		return mark(ids, db);
	index_log_error(db, "cannot make a table");
	return -1;
}
