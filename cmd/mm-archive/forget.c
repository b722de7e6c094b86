/* mm-archive forget: which messages, whether they may be erased, and in what order. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "archive_hold.h"
#include "archive_index.h"
#include "commands.h"
#include "forget_month.h"
#include "forget_tails.h"
#include "forgotten.h"
#include "gone.h"
#include "ids.h"
#include "log.h"
#include "mem.h"

struct a_month {
	struct month month;
	bool has;   /* messages of the list */
	bool begun; /* an earlier one was not finished */
};

struct forget {
	struct mail_archive archive;
	struct forget_ids ids;
	bool *found;
	size_t nfound;
	bool again; /* some were forgotten before */
	struct archive_holds *holds;
	struct a_month *months; /* newest first */
	size_t nmonths;
};

/* One that is under a hold is told. */
static int
check_holds(const struct forget *f, sqlite3 *db, int64_t row, const char *id)
{
	const char *hold;
	int rc = archive_holds_find(f->holds, db, row, &hold);
	if (rc == 0)
		return EX_OK;
	if (rc < 0)
		return EX_DATAERR;
	log_error("archive %s: message \"%s\" is under the hold %s; nothing is erased",
		f->archive.name, id, hold);
	return EX_NOPERM;
}

static int
look_up_all(struct forget *f, struct a_month *m, sqlite3 *db)
{
	sqlite3_stmt *st;
	int status = EX_OK, begun = gone_any(db);
	if (begun < 0 || index_prepare(db, "SELECT n FROM message WHERE id = ?", &st) < 0)
		return EX_DATAERR;
	m->begun = begun;
	for (size_t i = 0; i < f->ids.n && status != EX_DATAERR; i++) {
		sqlite3_bind_text(st, 1, f->ids.list[i], -1, SQLITE_STATIC);
		int step = sqlite3_step(st), held = EX_OK;
		int64_t row = step == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
		sqlite3_reset(st);
		if (step == SQLITE_ROW) {
			m->has = f->found[i] = true;
			held = check_holds(f, db, row, f->ids.list[i]);
		} else if (step != SQLITE_DONE) {
			index_log_error(db, "cannot read the index");
			held = EX_DATAERR;
		}
		status = held == EX_OK ? status : held;
	}
	sqlite3_finalize(st);
	return status;
}

static bool
is_empty(const char *dir)
{
	char **tars;
	size_t n;
	if (mail_archive_tars(dir, &tars, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		free(tars[i]);
	free(tars);
	return n == 0;
}

/* Without an index nobody can tell what a month has. */
static int
look_up(struct forget *f, struct a_month *m)
{
	char *dir = mail_archive_path(&f->archive, m->month, NULL);
	sqlite3 *db;
	int rc = index_open_read(dir, f->archive.keys, &db), status = EX_DATAERR;
	if (rc == 1)
		status = look_up_all(f, m, db);
	else if (rc == 0 && is_empty(dir))
		status = EX_OK;
	else if (rc == 0)
		log_error("%s has no index that could tell what is in it; mm-archive reindex "
			  "makes it",
			dir);
	sqlite3_close(db);
	free(dir);
	return status;
}

static int
look_up_months(struct forget *f)
{
	struct month *months;
	int status = EX_OK;
	if (mail_archive_months(&f->archive, &months, &f->nmonths) < 0) {
		log_error("cannot read %s: %s", f->archive.dir, strerror(errno));
		return EX_DATAERR;
	}
	f->months = xcalloc(f->nmonths + 1, sizeof(*f->months));
	f->found = xcalloc(f->ids.n + 1, sizeof(*f->found));
	for (size_t i = 0; i < f->nmonths && status != EX_DATAERR; i++) {
		f->months[i].month = months[i];
		int is = look_up(f, &f->months[i]);
		status = is == EX_OK ? status : is;
	}
	free(months);
	return status;
}

/* Those that are not there must have been forgotten before. */
static int
check_found(struct forget *f)
{
	struct forgotten *before = forgotten_read(f->archive.dir);
	int status = EX_OK;
	for (size_t i = 0; i < f->ids.n; i++) {
		if (f->found[i]) {
			f->nfound++;
		} else if (forgotten_has(before, str_of(f->ids.list[i]))) {
			f->again = true;
			log_info("archive %s has forgotten \"%s\" before", f->archive.name,
				f->ids.list[i]);
		} else {
			log_error("archive %s has no message with the id \"%s\"; nothing is "
				  "erased",
				f->archive.name, f->ids.list[i]);
			status = EX_NOINPUT;
		}
	}
	forgotten_free(before);
	return status;
}

static int
write_log(const struct forget *f, const char *reason)
{
	char **ids = xcalloc(f->nfound + 1, sizeof(*ids));
	size_t n = 0;
	for (size_t i = 0; i < f->ids.n; i++)
		if (f->found[i])
			ids[n++] = f->ids.list[i];
	int rc = n ? forgotten_write(f->archive.dir, ids, n, reason) : 0;
	free(ids);
	return rc < 0 ? EX_TEMPFAIL : EX_OK;
}

/* Is the month, or one beside it, one that has messages of the list? */
static bool
is_near(const struct forget *f, size_t i)
{
	return f->months[i].has || (i > 0 && f->months[i - 1].has) ||
	       (i + 1 < f->nmonths && f->months[i + 1].has);
}

/* Of what was forgotten before, a writer that was killed may have left recipients that the
 * index learns of later, or never did. */
static int
has_tail(const struct forgetting *f, const struct a_month *m)
{
	char *dir = mail_archive_path(f->archive, m->month, NULL);
	int rc = forget_tails_any(dir, f->archive->keys);
	free(dir);
	return rc;
}

static int
do_month(const struct forgetting *f, const struct a_month *m, bool again, bool dry_run)
{
	int found = 1;
	if (dry_run || (!m->has && !m->begun))
		found = forget_month_find(f, m->month, dry_run);
	if (found == 0 && again && !dry_run)
		found = has_tail(f, m);
	if (found > 0 && !dry_run)
		return forget_month(f, m->month);
	return found < 0 ? EX_TEMPFAIL : EX_OK;
}

static int
erase(const struct forget *f, const struct options *o)
{
	struct chain chain = {.fd = -1};
	struct forgetting all = {
		.archive = &f->archive, .ids = f->ids, .reason = o->reason, .chain = &chain};
	int status = chain_open(&chain, &f->archive, false) < 0 ? EX_DATAERR : EX_OK;
	if (status == EX_OK && !o->dry_run)
		status = write_log(f, o->reason);
	bool ready = status == EX_OK;
	for (size_t i = 0; i < f->nmonths && ready; i++)
		if (f->again || is_near(f, i) || (f->months[i].begun && !o->dry_run)) {
			int is = do_month(&all, &f->months[i], f->again, o->dry_run);
			status = status == EX_DATAERR || is == EX_OK ? status : is;
		}
	chain_close(&chain);
	if (status == EX_OK && !o->dry_run)
		printf("%s has forgotten %zu message%s\n", f->archive.name, f->ids.n,
			f->ids.n == 1 ? "" : "s");
	return status;
}

/* Everything is asked before anything is written, and the lock keeps holds as they are. */
static int
check_and_erase(struct forget *f, const struct options *o)
{
	int lock = o->dry_run ? -1 : archive_holds_lock(f->archive.dir, false);
	int status = lock >= 0 || o->dry_run ? EX_OK : EX_TEMPFAIL;
	if (status == EX_OK && !(f->holds = archive_holds_load(f->archive.dir)))
		status = EX_DATAERR;
	if (status == EX_OK)
		status = look_up_months(f);
	if (status == EX_OK || status == EX_NOPERM) {
		int found = check_found(f);
		status = found == EX_OK ? status : found;
	}
	if (status == EX_OK)
		status = erase(f, o);
	if (lock >= 0)
		close(lock);
	return status;
}

static int
take_ids(struct forget_ids *ids, char **operands)
{
	int rc = operands[0] ? ids_of(operands, &ids->list, &ids->n)
			     : ids_read(&ids->list, &ids->n);
	if (rc < 0)
		return EX_DATAERR;
	if (ids->n == 0)
		log_error("standard input: expected ids, found none");
	return ids->n ? EX_OK : EX_NOINPUT;
}

int
command_forget(struct options *o, char **operands)
{
	struct forget f = {.nmonths = 0};
	(void)options_reason(o);
	umask(027);
	int status = take_ids(&f.ids, operands + 1);
	if (status == EX_OK && mail_archive_open(&f.archive, o->site, o->root, operands[0]) < 0)
		status = EX_NOINPUT;
	if (status == EX_OK)
		status = check_and_erase(&f, o);
	for (size_t i = 0; i < f.ids.n; i++)
		free(f.ids.list[i]);
	free(f.ids.list);
	free(f.found);
	free(f.months);
	archive_holds_free(f.holds);
	mail_archive_release(&f.archive);
	return status;
}
