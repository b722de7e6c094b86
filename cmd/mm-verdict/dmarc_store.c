#include <stdlib.h>

#include "dmarc_database.h"
#include "dmarc_store.h"
#include "log.h"
#include "mem.h"

#define INTERVAL 1.0 /* seconds from the first row of a batch to its commit */
#define LAST_BUSY_MS 2000

struct dmarc_store {
	struct ev_loop *loop;
	struct ev_timer timer;
	sqlite3 *db;
	sqlite3_stmt *policy, *message;
	struct dmarc_row *rows;
	size_t n;
	bool complained, full; /* said once, until it works again */
};

static bool flush(struct dmarc_store *s);

static void
on_timer(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct dmarc_store *s = w->data;
	(void)events;
	if (!flush(s))
		ev_timer_again(loop, w);
}

static int
prepare(struct dmarc_store *s)
{
	static const char policy[] = "INSERT OR IGNORE INTO policies (domain, record, method)"
				     " VALUES (?1, ?2, ?3)";
	static const char message[] =
		"INSERT INTO messages VALUES (?15, (SELECT id FROM policies WHERE domain = ?1"
		" AND record = ?2 AND method = ?3), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
		" ?14)";
	if (sqlite3_prepare_v2(s->db, policy, -1, &s->policy, NULL) == SQLITE_OK &&
		sqlite3_prepare_v2(s->db, message, -1, &s->message, NULL) == SQLITE_OK)
		return 0;
	log_error("cannot use the DMARC log: %s", sqlite3_errmsg(s->db));
	return -1;
}

struct dmarc_store *
dmarc_store_open(struct ev_loop *loop, const char *path)
{
	sqlite3 *db = dmarc_database_open(path);
	if (!db)
		return NULL;
	struct dmarc_store *s = xcalloc(1, sizeof(*s));
	s->loop = loop;
	s->db = db;
	s->rows = xcalloc(DMARC_STORE_PENDING, sizeof(*s->rows));
	ev_init(&s->timer, on_timer);
	s->timer.repeat = INTERVAL;
	s->timer.data = s;
	sqlite3_busy_timeout(db, 0);
	if (prepare(s) == 0)
		return s;
	dmarc_store_close(s);
	return NULL;
}

static int
run(sqlite3_stmt *st, const struct dmarc_row *row, int columns)
{
	sqlite3_reset(st);
	for (int i = 0; i < columns; i++)
		sqlite3_bind_text(st, i + 1, row->text[i], -1, SQLITE_STATIC);
	if (columns == DMARC_COLUMNS)
		sqlite3_bind_int64(st, DMARC_COLUMNS + 1, row->received_ms);
	int rc = sqlite3_step(st);
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int
write_rows(struct dmarc_store *s)
{
	if (dmarc_database_exec(s->db, "BEGIN IMMEDIATE") < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if (run(s->policy, &s->rows[i], DMARC_POLICY_METHOD + 1) < 0 ||
			run(s->message, &s->rows[i], DMARC_COLUMNS) < 0)
			return -1;
	return dmarc_database_exec(s->db, "COMMIT");
}

static void
forget_rows(struct dmarc_store *s)
{
	for (size_t i = 0; i < s->n; i++)
		dmarc_row_release(&s->rows[i]);
	s->n = 0;
	ev_timer_stop(s->loop, &s->timer);
}

/* False when it is to be tried again.  That somebody else writes is no fault. */
static bool
flush(struct dmarc_store *s)
{
	if (write_rows(s) == 0) {
		forget_rows(s);
		s->complained = s->full = false;
		return true;
	}
	int code = sqlite3_errcode(s->db);
	if (!s->complained && code != SQLITE_BUSY && code != SQLITE_LOCKED) {
		log_error("cannot write the DMARC log: %s; mail goes on without",
			sqlite3_errmsg(s->db));
		s->complained = true;
	}
	if (!sqlite3_get_autocommit(s->db))
		(void)dmarc_database_exec(s->db, "ROLLBACK");
	return false;
}

void
dmarc_store_add(struct dmarc_store *s, struct dmarc_row row)
{
	if (s->n == DMARC_STORE_PENDING) {
		if (!s->full)
			log_error("the DMARC log cannot be written, so messages are left out");
		s->full = true;
		dmarc_row_release(&row);
		return;
	}
	s->rows[s->n++] = row;
	if (s->n == 1)
		ev_timer_again(s->loop, &s->timer);
	if (s->n % DMARC_STORE_BATCH == 0)
		(void)flush(s);
}

void
dmarc_store_close(struct dmarc_store *s)
{
	sqlite3_busy_timeout(s->db, LAST_BUSY_MS);
	if (s->n)
		(void)flush(s);
	if (s->n)
		log_error("the DMARC log lacks %zu messages", s->n);
	forget_rows(s);
	sqlite3_finalize(s->policy);
	sqlite3_finalize(s->message);
	sqlite3_close(s->db);
	free(s->rows);
	free(s);
}
