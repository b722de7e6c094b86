#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "archive_index.h"
#include "io.h"
#include "mem.h"
#include "metadata.h"
#include "source_metadata.h"

#define ENDING ".json"

struct source_metadata {
	sqlite3 *db; /* a temporary one: texts by name, without the ending */
	sqlite3_stmt *keep, *find;
	struct buf text;
};

struct source_metadata *
source_metadata_new(void)
{
	struct source_metadata *m = xcalloc(1, sizeof(*m));
	if (sqlite3_open("", &m->db) == SQLITE_OK &&
		sqlite3_exec(m->db,
			"PRAGMA journal_mode = OFF; PRAGMA temp_store = FILE;"
			"CREATE TABLE metadata(name BLOB PRIMARY KEY, text BLOB)"
			" WITHOUT ROWID",
			NULL, NULL, NULL) == SQLITE_OK &&
		index_prepare(
			m->db, "INSERT OR REPLACE INTO metadata VALUES(?, ?)", &m->keep) == 0 &&
		index_prepare(m->db, "SELECT text FROM metadata WHERE name = ?", &m->find) == 0)
		return m;
	index_log_error(m->db, "cannot make a temporary database");
	source_metadata_free(m);
	return NULL;
}

void
source_metadata_free(struct source_metadata *m)
{
	if (!m)
		return;
	sqlite3_finalize(m->keep);
	sqlite3_finalize(m->find);
	sqlite3_close(m->db);
	buf_release(&m->text);
	free(m);
}

bool
source_metadata_name(struct str name)
{
	return str_iends(name, STR(ENDING));
}

/* NAME of NAME.eml, as it is if it has no such ending. */
static struct str
stem_of(struct str name, const char *ending)
{
	struct str e = str_of(ending);
	return str_iends(name, e) ? str_n(name.p, name.n - e.n) : name;
}

static int
read_beside(struct source_metadata *m, struct str stem)
{
	char *path = xasprintf("%.*s" ENDING, STR_ARG(stem));
	buf_reset(&m->text);
	int rc = io_read_file(path, &m->text, METADATA_MAX);
	free(path);
	return rc == 0 ? 1 : errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

int
source_metadata_beside(struct source_metadata *m, const char *path, struct str *text)
{
	struct str name = str_of(path), stem = stem_of(name, ".eml");
	int rc = read_beside(m, stem);
	if (rc == 0 && stem.n != name.n)
		rc = read_beside(m, name);
	*text = rc == 1 ? buf_str(&m->text) : STR_NONE;
	return rc;
}

int
source_metadata_keep(struct source_metadata *m, struct str name, struct str text)
{
	struct str stem = stem_of(name, ENDING);
	sqlite3_reset(m->keep);
	sqlite3_bind_blob(m->keep, 1, stem.p, (int)stem.n, SQLITE_STATIC);
	sqlite3_bind_blob(m->keep, 2, text.n ? text.p : "", (int)text.n, SQLITE_STATIC);
	if (sqlite3_step(m->keep) == SQLITE_DONE)
		return 0;
	index_log_error(m->db, "cannot keep metadata");
	return -1;
}

static int
find(struct source_metadata *m, struct str stem)
{
	sqlite3_reset(m->find);
	sqlite3_bind_blob(m->find, 1, stem.p, (int)stem.n, SQLITE_STATIC);
	int step = sqlite3_step(m->find);
	if (step == SQLITE_DONE)
		return 0;
	if (step != SQLITE_ROW) {
		index_log_error(m->db, "cannot find metadata");
		return -1;
	}
	buf_reset(&m->text);
	buf_add(&m->text, sqlite3_column_blob(m->find, 0),
		(size_t)sqlite3_column_bytes(m->find, 0));
	return 1;
}

int
source_metadata_of(struct source_metadata *m, struct str name, struct str *text)
{
	struct str stem = stem_of(name, ".eml");
	int rc = find(m, stem);
	if (rc == 0 && stem.n != name.n)
		rc = find(m, name);
	*text = rc == 1 ? buf_str(&m->text) : STR_NONE;
	return rc;
}

int
source_metadata_forget(struct source_metadata *m)
{
	sqlite3_reset(m->find);
	if (sqlite3_exec(m->db, "DELETE FROM metadata", NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	index_log_error(m->db, "cannot forget metadata");
	return -1;
}
