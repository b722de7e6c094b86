#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive_index.h"
#include "archive_keys.h"
#include "buf.h"
#include "log.h"
#include "mem.h"

#define BUSY_MS 60000
#define UNLOCKED "?mode=ro&immutable=1"

void
index_log_error(sqlite3 *db, const char *doing)
{
	struct logline l;
	if (sqlite3_errcode(db) == SQLITE_INTERRUPT)
		return; /* nobody waits for it any more */
	log_begin(&l, LOG_ERROR, doing);
	log_cstr(&l, "error", sqlite3_errmsg(db));
	log_cstr(&l, "index", db ? sqlite3_db_filename(db, "main") : NULL);
	log_end(&l);
}

int
index_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out)
{
	if (sqlite3_prepare_v2(db, sql, -1, out, NULL) == SQLITE_OK)
		return 0;
	index_log_error(db, "cannot ask the index");
	return -1;
}

static char *
file_uri(const char *path, const char *query)
{
	struct buf b = {0};
	buf_addstr(&b, "file:");
	for (const char *p = path; *p; p++) {
		if (strchr("?#%", *p))
			buf_addf(&b, "%%%02X", (unsigned char)*p);
		else
			buf_addc(&b, *p);
	}
	buf_addstr(&b, query);
	char *uri = str_dup(buf_str(&b));
	buf_release(&b);
	return uri;
}

static int
read_version(sqlite3 *db, int *version)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL);
	if (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
		*version = sqlite3_column_int(st, 0);
		sqlite3_finalize(st);
		return SQLITE_OK;
	}
	rc = sqlite3_errcode(db);
	sqlite3_finalize(st);
	return rc;
}

static int
try_open(const char *path, const char *query, const char *vfs, sqlite3 **db, int *version)
{
	char *uri = file_uri(path, query);
	int rc = sqlite3_open_v2(
		uri, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, vfs);
	free(uri);
	if (rc == SQLITE_OK && vfs) /* nothing that is sorted goes to the disk */
		rc = sqlite3_exec(*db, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_busy_timeout(*db, BUSY_MS);
		rc = read_version(*db, version);
	}
	return rc;
}

/* Is there a file of that name, with something in it, beside the index? */
static bool
is_beside(const char *path, const char *ending)
{
	struct stat st;
	char *other = xasprintf("%s%s", path, ending);
	bool is = stat(other, &st) == 0 && st.st_size > 0;
	free(other);
	return is;
}

/* A writer that was killed without a WAL has left half of what it wrote, and what there was
 * before in the journal: that is put back by who may write. */
static int
open_after_crash(const char *path, sqlite3 **db, int *version)
{
	int rc = try_open(path, "?mode=rw", NULL, db, version);
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_close(*db);
	return try_open(path, "?mode=ro", NULL, db, version);
}

/* A closed index in WAL mode cannot be opened where its -wal and -shm cannot be
 * made; without a -wal the file is complete, so it may be read as it is. */
static int
open_somehow(const char *path, const char *vfs, sqlite3 **db, int *version)
{
	int rc = try_open(path, "?mode=ro", vfs, db, version);
	if (rc == SQLITE_OK || is_beside(path, "-wal"))
		return rc;
	sqlite3_close(*db);
	if (is_beside(path, "-journal"))
		return open_after_crash(path, db, version);
	return try_open(path, UNLOCKED, vfs, db, version);
}

/* A view of this connection covers the table of that name. */
int
index_narrow(sqlite3 *db, const char *condition)
{
	int version = 0, rc = read_version(db, &version);
	char *sql =
		xasprintf("DROP VIEW IF EXISTS temp.message;"
			  "CREATE TEMP VIEW message AS SELECT *%s FROM main.message WHERE %s",
			version == 1 ? ", '' AS list_id, '' AS arc" : "", condition);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	free(sql);
	if (rc == SQLITE_OK)
		return 0;
	index_log_error(db, "cannot read the index");
	return -1;
}

static void
log_unusable(sqlite3 *db, const char *path)
{
	int code = sqlite3_errcode(db) & 0xff, error = sqlite3_system_errno(db);
	bool damaged = code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
	struct logline l;
	log_begin(&l, LOG_ERROR,
		is_beside(path, "-journal")
			? "cannot open the index, to which a writer was stopped writing; "
			  "mm-archive reindex by who may write there ends that"
		: damaged ? "cannot open the index; mm-archive reindex makes another when "
			    "this one is removed"
			  : "cannot open the index");
	log_cstr(&l, "error",
		code == SQLITE_CANTOPEN && error ? strerror(error) : sqlite3_errmsg(db));
	log_cstr(&l, "index", path);
	log_end(&l);
}

int
index_open_read(const char *month_dir, const struct archive_keys *keys, sqlite3 **db)
{
	char *path = xasprintf("%s/%s", month_dir, ARCHIVE_INDEX);
	struct stat st;
	int version = 0, result = 1;
	*db = NULL;
	if (stat(path, &st) < 0 && errno == ENOENT) {
		result = 0;
	} else if (open_somehow(path, archive_keys_vfs(keys), db, &version) != SQLITE_OK) {
		log_unusable(*db, path);
		result = -1;
	} else if (version == 0) {
		result = 0; /* a writer is about to fill it */
	} else if (version == 1) {
		result = index_narrow(*db, "1") == 0 ? 1 : -1;
	} else if (version != INDEX_VERSION) {
		log_error("%s has version %d, expected %d", path, version, INDEX_VERSION);
		result = -1;
	}
	free(path);
	if (result != 1) {
		sqlite3_close(*db);
		*db = NULL;
	}
	return result;
}

int
index_open_quietly(const char *month_dir, const struct archive_keys *keys, sqlite3 **db)
{
	char *path = xasprintf("%s/%s", month_dir, ARCHIVE_INDEX);
	int version = 0;
	*db = NULL;
	int rc = try_open(path, UNLOCKED, archive_keys_vfs(keys), db, &version);
	free(path);
	if (rc == SQLITE_OK && version == INDEX_VERSION)
		return 1;
	sqlite3_close(*db);
	*db = NULL;
	return 0;
}

struct str
index_text(sqlite3_stmt *st, int column)
{
	const void *p = sqlite3_column_text(st, column);
	return str_n(p ? p : "", (size_t)sqlite3_column_bytes(st, column));
}

static uint64_t
unsigned_column(sqlite3_stmt *st, int column)
{
	int64_t v = sqlite3_column_int64(st, column);
	return v > 0 ? (uint64_t)v : 0;
}

void
index_row(sqlite3_stmt *st, struct archive_row *row)
{
	row->n = sqlite3_column_int64(st, 0);
	row->id = index_text(st, 1);
	row->received = sqlite3_column_int64(st, INDEX_ROW_RECEIVED);
	row->file = index_text(st, 3);
	row->frame_at = unsigned_column(st, 4);
	row->frame_size = unsigned_column(st, 5);
	row->frame_raw = unsigned_column(st, 6);
	row->head_at = unsigned_column(st, 7);
	row->head_size = unsigned_column(st, 8);
	row->at = unsigned_column(st, 9);
	row->size = unsigned_column(st, 10);
	row->attachments = sqlite3_column_int64(st, 11);
	row->sender = index_text(st, 12);
	row->subject = index_text(st, 13);
}
