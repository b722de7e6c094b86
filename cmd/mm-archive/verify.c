#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "archive_cipher.h"
#include "archive_frame.h"
#include "commands.h"
#include "gone.h"
#include "log.h"
#include "mail_archive.h"
#include "mem.h"
#include "tar_frame.h"
#include "tar_rewrite.h"
#include "verify_chain.h"

struct entry {
	char *name;
	struct tar_entry where;
};

struct checking {
	const struct chain_check *chain;
	char month[MONTH_NAME_SIZE];
	char *dir;
	sqlite3 *db;
	sqlite3_stmt *by_id, *by_row;
	struct frame_reader frames;
	struct entry *entries; /* of the frame being checked */
	size_t n, cap;
	int64_t messages; /* of the index */
	size_t checked, frame_count, problems;
};

static void
problem(struct checking *c, struct str file, uint64_t at, const char *what)
{
	log_error("%s/%.*s: frame at byte %llu: %s", c->dir, STR_ARG(file),
		(unsigned long long)at, what);
	c->problems++;
}

static int
note_entry(void *arg, const char *name, struct tar_entry where)
{
	struct checking *c = arg;
	c->entries = xgrow(c->entries, &c->cap, c->n + 1, sizeof(*c->entries));
	c->entries[c->n++] = (struct entry){xstrdup(name), where};
	return 0;
}

static void
forget_entries(struct checking *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->entries[i].name);
	c->n = 0;
}

static bool
is_at(const struct tar_entry *where, uint64_t at, uint64_t size)
{
	return where->at == at && where->size == size;
}

/* Of a message that is stored twice, the index names one place. */
static void
check_message(struct checking *c, int64_t frame, const struct archive_row *in,
	const struct entry *envelope, const struct entry *eml)
{
	struct archive_row row;
	sqlite3_bind_text(c->by_id, 1, eml->name, (int)strlen(eml->name) - 4, SQLITE_STATIC);
	bool known = sqlite3_step(c->by_id) == SQLITE_ROW;
	int64_t place = known ? sqlite3_column_int64(c->by_id, INDEX_ROW_COLUMNS) : 0;
	if (known)
		index_row(c->by_id, &row);
	sqlite3_reset(c->by_id); /* the row's texts are not looked at */
	if (!known)
		problem(c, in->file, in->frame_at, "a message in it is not in the index");
	if (!known || place != frame || !is_at(&eml->where, row.at, row.size))
		return;
	c->checked++;
	if (!envelope || !is_at(&envelope->where, row.head_at, row.head_size))
		problem(c, in->file, in->frame_at, "a message is not where the index says");
}

static bool
is_envelope_of(const struct entry *envelope, const struct entry *eml)
{
	struct str id = str_n(eml->name, strlen(eml->name) - 4), name = str_of(envelope->name);
	return str_starts(name, id) && str_eq(str_skip(name, id.n), STR(".envelope"));
}

/* What the index has and no frame is told by their number. */
static void
check_messages(struct checking *c, int64_t frame, const struct archive_row *in)
{
	const struct entry *last = NULL;
	for (size_t i = 0; i < c->n; i++) {
		const struct entry *e = &c->entries[i];
		if (str_ends(str_of(e->name), STR(".eml")))
			check_message(
				c, frame, in, last && is_envelope_of(last, e) ? last : NULL, e);
		last = e;
	}
}

/* A row of the index, of which nothing is held while the frame is looked at. */
struct frame_row {
	int64_t n;
	char *file;
	struct archive_row is;
	unsigned char sha256[SHA256_DIGEST_LENGTH];
	bool hashed;
};

static void
check_frame(struct checking *c, const struct frame_row *f)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct str raw;
	c->frame_count++;
	if (frame_read(&c->frames, &f->is, &raw) < 0) {
		c->problems++;
		return;
	}
	SHA256((const unsigned char *)c->frames.packed.p, c->frames.packed.n, digest);
	if (!f->hashed || memcmp(f->sha256, digest, sizeof(digest)) != 0)
		problem(c, f->is.file, f->is.frame_at, "its hash is not that of the index");
	if (tar_frame_walk(raw, note_entry, c) < 0)
		problem(c, f->is.file, f->is.frame_at, "it is no tar");
	check_messages(c, f->n, &f->is);
	forget_entries(c);
}

static void
take_row(struct frame_row *f, int64_t n, sqlite3_stmt *st)
{
	f->n = n;
	f->file = str_dup(index_text(st, 0));
	f->is = (struct archive_row){.file = str_of(f->file),
		.frame_at = (uint64_t)sqlite3_column_int64(st, 1),
		.frame_size = (uint64_t)sqlite3_column_int64(st, 2),
		.frame_raw = (uint64_t)sqlite3_column_int64(st, 3)};
	f->hashed = sqlite3_column_bytes(st, 4) == sizeof(f->sha256);
	if (f->hashed)
		memcpy(f->sha256, sqlite3_column_blob(st, 4), sizeof(f->sha256));
}

static int
check_row(struct checking *c, int64_t n)
{
	sqlite3_stmt *st = c->by_row;
	struct frame_row f;
	sqlite3_bind_int64(st, 1, n);
	int step = sqlite3_step(st);
	if (step == SQLITE_ROW)
		take_row(&f, n, st);
	else if (step != SQLITE_DONE)
		index_log_error(c->db, "cannot read the index");
	sqlite3_reset(st);
	if (step == SQLITE_ROW) {
		check_frame(c, &f);
		free(f.file);
	}
	return step == SQLITE_ROW || step == SQLITE_DONE ? 0 : -1;
}

/* The numbers that a statement about `text` (NULL: none) gives, -1 where it fails. */
static void
ask(sqlite3 *db, const char *sql, const char *text, int64_t *numbers, int n)
{
	sqlite3_stmt *st;
	int step = SQLITE_ERROR;
	if (index_prepare(db, sql, &st) == 0) {
		if (text)
			sqlite3_bind_text(st, 1, text, -1, SQLITE_STATIC);
		step = sqlite3_step(st);
	}
	for (int i = 0; i < n; i++)
		numbers[i] = step == SQLITE_ROW ? sqlite3_column_int64(st, i) : -1;
	sqlite3_finalize(st);
}

/* The frames up to `newest`, as they lie.  The caller frees *list. */
static int
list_frames(struct checking *c, int64_t newest, int64_t **list, size_t *n)
{
	sqlite3_stmt *st;
	size_t cap = 0;
	int step;
	*list = NULL;
	*n = 0;
	if (index_prepare(c->db,
		    "SELECT r.n FROM frame AS r JOIN file AS f ON f.n = r.file WHERE r.n <= ?"
		    " ORDER BY f.name, r.offset",
		    &st) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, newest);
	while ((step = sqlite3_step(st)) == SQLITE_ROW) {
		*list = xgrow(*list, &cap, *n + 1, sizeof(**list));
		(*list)[(*n)++] = sqlite3_column_int64(st, 0);
	}
	if (step != SQLITE_DONE)
		index_log_error(c->db, "cannot read the index");
	sqlite3_finalize(st);
	return step == SQLITE_DONE ? 0 : -1;
}

/* Mail that is added meanwhile is in newer frames, and is not waited for: where the index has
 * no WAL, who commits waits for who reads. */
static int
check_frames(struct checking *c)
{
	int64_t is[2], *list = NULL; /* the newest frame, messages */
	size_t n = 0;
	ask(c->db,
		"SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'frame'),"
		" (SELECT count(*) FROM message)",
		NULL, is, 2);
	c->messages = is[1];
	int rc = list_frames(c, is[0], &list, &n);
	if (rc == 0)
		rc = index_prepare(c->db,
			"SELECT f.name, r.offset, r.length, r.raw, r.sha256 FROM frame AS r"
			" JOIN file AS f ON f.n = r.file WHERE r.n = ?",
			&c->by_row);
	if (rc == 0)
		rc = index_prepare(c->db,
			"SELECT " INDEX_ROW ", m.frame FROM " INDEX_TABLES " WHERE m.id = ?",
			&c->by_id);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = check_row(c, list[i]);
	sqlite3_finalize(c->by_row);
	sqlite3_finalize(c->by_id);
	free(list);
	return rc;
}

/* A descriptor to close, until which nobody appends, unless somebody does, who may be a frame
 * ahead of the index. */
static int
keep_at_rest(const char *path, bool *resting)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	*resting = fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0;
	return fd;
}

static bool
is_left_over(struct checking *c, const char *name, const char *path)
{
	if (verify_is_left_over(c->chain, c->month, name))
		return true;
	if (gone_is_left_over(c->db, c->dir, name, c->frames.keys) != 1)
		return false;
	log_warn("%s is left over: other files have all of it; mm-archive prune clears it away",
		path);
	return true;
}

/* Is it, at rest, all of what the index knows, without gaps?  One without a frame goes when
 * nobody has it, or stays when a crash left it. */
static bool
is_whole(struct checking *c, const char *path, bool resting, int64_t known, int64_t end)
{
	int64_t start = (int64_t)archive_cipher_start(c->frames.keys);
	struct stat st;
	if (stat(path, &st) < 0)
		return errno == ENOENT && end == 0;
	if (end == 0 && st.st_size <= start)
		return true;
	return (known == end || known + start == end) && (int64_t)st.st_size >= end &&
	       (!resting || (int64_t)st.st_size == end);
}

/* Every octet of a file must belong to a frame, without gaps. */
static void
check_file(struct checking *c, const char *name)
{
	char *path = xasprintf("%s/%s", c->dir, name);
	bool resting;
	int fd = keep_at_rest(path, &resting);
	int64_t is[2]; /* octets that the index knows, and where they end */
	ask(c->db,
		"SELECT sum(length), max(offset + length) FROM frame"
		" WHERE file = (SELECT n FROM file WHERE name = ?)",
		name, is, 2);
	if (!is_whole(c, path, resting, is[0], is[1]) &&
		!(is[1] == 0 && is_left_over(c, name, path))) {
		log_error("%s has octets that the index does not know, or gaps; mm-archive "
			  "reindex adds whole frames",
			path);
		c->problems++;
	}
	if (fd >= 0)
		close(fd);
	free(path);
}

/* Every page can be read, and is what those say that name it. */
static void
check_index(struct checking *c)
{
	sqlite3_stmt *st;
	if (index_prepare(c->db, "PRAGMA quick_check(3)", &st) == 0) {
		while (sqlite3_step(st) == SQLITE_ROW) {
			struct str what = index_text(st, 0);
			if (str_eq(what, STR("ok")))
				continue;
			log_error("%s/%s: %.*s", c->dir, ARCHIVE_INDEX, STR_ARG(what));
			c->problems++;
		}
		if (sqlite3_finalize(st) == SQLITE_OK)
			return;
		index_log_error(c->db, "cannot read all of the index");
	}
	c->problems++;
}

/* Who adds the first message of a month has made its folder, and is about to make the index. */
static int
open_index(struct checking *c)
{
	int rc = index_open_read(c->dir, c->frames.keys, &c->db);
	for (int tenths = 0; rc == 0 && tenths < 10; tenths++) {
		usleep(100000);
		rc = index_open_read(c->dir, c->frames.keys, &c->db);
	}
	return rc;
}

static void
check_month(struct checking *c)
{
	char **tars;
	size_t n;
	int rc = open_index(c);
	if (rc == 0)
		log_error("%s has no index; mm-archive reindex makes it", c->dir);
	if (rc == 1)
		check_index(c);
	if (rc != 1 || check_frames(c) < 0 || mail_archive_tars(c->dir, &tars, &n) < 0) {
		c->problems++;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		check_file(c, tars[i]);
		free(tars[i]);
	}
	free(tars);
	if (c->messages != (int64_t)c->checked) {
		log_error("%s: some messages of the index are in no frame", c->dir);
		c->problems++;
	}
}

static size_t
verify_month(const struct mail_archive *a, const struct chain_check *chain, struct month m)
{
	struct checking c = {.chain = chain, .dir = mail_archive_path(a, m, NULL)};
	month_name(m, c.month);
	frame_reader_init(&c.frames, c.dir, a->keys);
	int files = tar_rewrite_hold_off(c.dir);
	if (access(c.dir, F_OK) == 0) { /* else it was pruned meanwhile */
		check_month(&c);
		printf("%s  %zu messages  %zu frames  %zu problems\n", c.month, c.checked,
			c.frame_count, c.problems);
	}
	sqlite3_close(c.db);
	if (files >= 0)
		close(files);
	frame_reader_release(&c.frames);
	free(c.entries);
	free(c.dir);
	return c.problems;
}

int
command_verify(struct options *o, char **operands)
{
	struct mail_archive a;
	struct chain_check chain = {.o = o, .archive = &a, .chain.fd = -1};
	struct month *months;
	size_t n, problems = 0;
	int status = EX_NOINPUT;
	if (mail_archive_open(&a, o->site, o->root, operands[0]) < 0)
		status = verify_keys(o, &a) ? EX_DATAERR : EX_NOINPUT;
	else if (mail_archive_months(&a, &months, &n) == 0) {
		chain.opened = chain_open(&chain.chain, &a, false);
		for (size_t i = 0; i < n; i++) {
			chain.over = chain.over || month_end(months[i]) < o->now;
			problems += verify_month(&a, &chain, months[i]);
		}
		problems += verify_chain(&chain);
		free(months);
		status = problems ? EX_DATAERR : EX_OK;
	} else {
		log_error("cannot read %s: %s", a.dir, strerror(errno));
	}
	chain_close(&chain.chain);
	mail_archive_release(&a);
	return status;
}
