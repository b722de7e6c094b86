#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "archive_index.h"
#include "forget_file.h"
#include "forget_find.h"
#include "forget_month.h"
#include "forget_tails.h"
#include "forget_words.h"
#include "gone.h"
#include "log.h"
#include "mem.h"

#define ROUNDS 10 /* while others add recipients to what is to go */

struct erasing {
	const struct forgetting *all;
	char *dir;
	char month[MONTH_NAME_SIZE];
	struct month_index index;
	struct frame_reader reader;
	struct forget_hits hits;
	struct forget_file *files; /* of the hits */
	size_t nfiles;
};

static void
release_files(struct erasing *e)
{
	for (size_t i = 0; i < e->nfiles; i++)
		forget_file_release(&e->files[i]);
	free(e->files);
	e->files = NULL;
	e->nfiles = 0;
	forget_hits_release(&e->hits);
}

/* Is hit i the first of its file? */
static bool
begins_file(const struct forget_hits *h, size_t i)
{
	return i == 0 || strcmp(h->list[i - 1].file, h->list[i].file) != 0;
}

/* 0 or -1. */
static int
begin(struct month_index *x, const char *dir)
{
	bool full = false;
	int rc = month_index_begin(x, &full);
	if (rc == 1)
		log_error("%s: the index was pruned or replaced meanwhile; try again", dir);
	return rc == 0 ? 0 : -1;
}

/* What the index knows of the files from here on does not grow: see tar_rewrite_close_old(). */
static int
close_files(struct erasing *e)
{
	for (size_t i = 0; i < e->hits.n; i++)
		if (begins_file(&e->hits, i) &&
			tar_rewrite_close_old(e->dir, e->hits.list[i].file) < 0)
			return -1;
	if (begin(&e->index, e->dir) < 0)
		return -1;
	month_index_rollback(&e->index);
	return 0;
}

static int
tell_chain(struct erasing *e, const struct forget_file *f)
{
	struct str *ids = xcalloc(e->hits.n + 1, sizeof(*ids));
	struct chain_replacement r = {.event = CHAIN_FORGET,
		.month = e->month,
		.file = f->name,
		.into = f->to.nframes ? f->to.name : NULL,
		.because = e->all->reason,
		.ids = ids};
	for (size_t i = 0; i < e->hits.n; i++)
		if (strcmp(e->hits.list[i].file, f->name) == 0)
			ids[r.nids++] = str_of(e->all->ids.list[e->hits.list[i].id]);
	int rc = chain_replace(e->all->chain, &r);
	free(ids);
	return rc;
}

static int
write_files(struct erasing *e)
{
	int rc = 0;
	e->files = xcalloc(e->hits.n + 1, sizeof(*e->files));
	for (size_t i = 0; rc == 0 && i < e->hits.n; i++)
		if (begins_file(&e->hits, i))
			rc = forget_file_write(&e->files[e->nfiles++], &e->index, e->dir,
				e->hits.list[i].file, &e->all->ids);
	for (size_t i = 0; rc == 0 && i < e->nfiles; i++)
		rc = tell_chain(e, &e->files[i]);
	return rc;
}

static int
delete_rows(struct erasing *e)
{
	if (forget_words_delete(e->index.db) < 0)
		return -1;
	if (sqlite3_exec(e->index.db,
		    "DELETE FROM rcpt WHERE message IN (SELECT n FROM temp.forgetting);"
		    "DELETE FROM message WHERE n IN (SELECT n FROM temp.forgetting)",
		    NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	index_log_error(e->index.db, "cannot write to the index");
	return -1;
}

/* 1: there is more of the messages since. */
static int
change_index(struct erasing *e)
{
	struct forget_hits more = {.last_frame = e->hits.last_frame};
	int rc = forget_find(&more, e->index.db, &e->reader, &e->all->ids);
	if (rc == 0 && more.n)
		rc = 1;
	if (rc == 0)
		rc = delete_rows(e);
	for (size_t i = 0; rc == 0 && i < e->nfiles; i++)
		rc = forget_file_rows(&e->files[i], &e->index);
	forget_hits_release(&more);
	return rc;
}

static int
commit(struct erasing *e)
{
	bool full = false;
	if (begin(&e->index, e->dir) < 0)
		return -1;
	int rc = change_index(e);
	if (rc == 0)
		return month_index_commit(&e->index, &full);
	month_index_rollback(&e->index);
	return rc;
}

static int
clear(struct erasing *e)
{
	return gone_clear(e->dir, e->month, e->all->archive->keys, e->all->chain);
}

/* 1: once more. */
static int
try_once(struct erasing *e)
{
	int rc = forget_ids_mark(&e->all->ids, e->index.db);
	if (rc == 0)
		rc = forget_find(&e->hits, e->index.db, &e->reader, &e->all->ids);
	if (rc < 0 || e->hits.n == 0)
		return rc;
	rc = close_files(e);
	if (rc == 0)
		rc = forget_words_read(e->index.db);
	if (rc == 0)
		rc = write_files(e);
	if (rc == 0)
		rc = commit(e);
	return rc;
}

static int
erase(struct erasing *e)
{
	int rc = 1;
	for (int i = 0; rc == 1 && i < ROUNDS; i++) {
		rc = try_once(e);
		release_files(e);
		if (clear(e) != 0) /* the new files after a failure, else the old ones */
			rc = -1;
	}
	if (rc == 1)
		log_error("%s: others add to what is to be erased all the time; try again",
			e->dir);
	return rc == 0 ? 0 : -1;
}

/* The old files are not there any more; now no octet of the index may tell of them. */
static int
finish(struct erasing *e)
{
	int rc = gone_any(e->index.db);
	if (rc != 1)
		return rc;
	rc = month_index_renew(&e->index, true);
	if (rc == 1)
		log_error("%s: somebody reads the index, which cannot be written anew; try "
			  "again",
			e->dir);
	return rc == 0 ? gone_end(&e->index) : -1;
}

/* Of a damaged file nobody can tell whether it has something of the messages. */
static int
erase_all(struct erasing *e)
{
	int rc = forget_tails(&e->index, e->dir);
	if (rc == 0) {
		log_error("%s: nothing is erased here", e->dir);
		return EX_DATAERR;
	}
	return rc < 0 || erase(e) < 0 || finish(e) < 0 ? EX_TEMPFAIL : EX_OK;
}

int
forget_month(const struct forgetting *f, struct month m)
{
	struct erasing e = {.all = f, .index = {.lock = -1}};
	e.dir = mail_archive_path(f->archive, m, NULL);
	month_name(m, e.month);
	frame_reader_init(&e.reader, e.dir, f->archive->keys);
	int lock = tar_rewrite_lock(e.dir), status = EX_TEMPFAIL;
	if (lock >= 0 && clear(&e) == 0 &&
		month_index_open(&e.index, e.dir, f->archive->keys) == 0) {
		status = erase_all(&e);
	} else if (lock < 0 && errno == ENOENT) {
		status = EX_OK; /* pruned meanwhile */
	}
	month_index_close(&e.index);
	frame_reader_release(&e.reader);
	if (lock >= 0)
		close(lock);
	free(e.dir);
	return status;
}

int
forget_month_find(const struct forgetting *f, struct month m, bool print)
{
	char *dir = mail_archive_path(f->archive, m, NULL);
	struct frame_reader reader;
	struct forget_hits hits = {0};
	sqlite3 *db;
	int rc = index_open_read(dir, f->archive->keys, &db);
	frame_reader_init(&reader, dir, f->archive->keys);
	if (rc == 1 && (rc = forget_ids_mark(&f->ids, db)) == 0)
		rc = forget_find(&hits, db, &reader, &f->ids);
	for (size_t i = 0; print && rc == 0 && i < hits.n; i++)
		printf("%s/%s %s\n", dir, hits.list[i].file, f->ids.list[hits.list[i].id]);
	rc = rc < 0 ? rc : (int)hits.n;
	forget_hits_release(&hits);
	frame_reader_release(&reader);
	sqlite3_close(db);
	free(dir);
	return rc;
}
