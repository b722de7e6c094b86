#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

#include "clock.h"
#include "io.h"
#include "journal.h"
#include "log.h"
#include "mem.h"

#define KEEP_ANSWERED_MS (15 * 60 * 1000)
#define KEEP_MS (7LL * 24 * 60 * 60 * 1000)
#define MAX_FILE (1u << 30)
#define REWRITE_FROM (64u << 20) /* octets of the file, when half of it is gone */

/* A message.  The one that was touched last is the last of the table. */
struct entry {
	UT_hash_handle hh;
	char *id;
	char **done;
	size_t n, cap;
	bool answered;
	int64_t touched_ms;
};

/* The file has lines "+ID DONE" and "-ID" (answered). */
struct journal {
	char *path;
	int fd, lock;
	struct entry *entries;
	struct buf pending;
	size_t written, live; /* octets of the file; of what is still wanted in it */
};

static struct entry *
find(struct journal *j, struct str id)
{
	struct entry *e;
	HASH_FIND(hh, j->entries, id.p, id.n, e);
	return e;
}

static struct entry *
touch(struct journal *j, struct str id)
{
	struct entry *e = find(j, id);
	if (e) {
		HASH_DEL(j->entries, e);
	} else {
		e = xcalloc(1, sizeof(*e));
		e->id = str_dup(id);
	}
	HASH_ADD_KEYPTR(hh, j->entries, e->id, id.n, e);
	e->touched_ms = clock_mono_ms();
	return e;
}

static size_t
line_size(const struct entry *e, size_t i)
{
	return strlen(e->id) + strlen(e->done[i]) + 3;
}

static void
forget(struct journal *j, struct entry *e)
{
	HASH_DEL(j->entries, e);
	for (size_t i = 0; i < e->n; i++) {
		j->live -= line_size(e, i);
		free(e->done[i]);
	}
	free(e->done);
	free(e->id);
	free(e);
}

static bool
knows(const struct entry *e, struct str done)
{
	for (size_t i = 0; i < e->n; i++)
		if (str_eq(str_of(e->done[i]), done))
			return true;
	return false;
}

static bool
add(struct journal *j, struct str id, struct str done)
{
	struct entry *e = touch(j, id);
	e->answered = false;
	if (knows(e, done))
		return false;
	e->done = xgrow(e->done, &e->cap, e->n + 1, sizeof(*e->done));
	e->done[e->n++] = str_dup(done);
	j->live += line_size(e, e->n - 1);
	return true;
}

static void
read_line(struct journal *j, struct str line)
{
	struct str rest = str_skip(line, 1), id = str_cut(&rest, ' ');
	struct entry *e = find(j, id);
	if (line.p[0] == '+' && rest.n)
		(void)add(j, id, rest);
	else if (line.p[0] == '-' && e)
		e->answered = true;
}

/* The whole file anew, without what is no longer wanted. */
static int
rewrite(struct journal *j)
{
	struct buf text = {0};
	for (struct entry *e = j->entries; e; e = e->hh.next) {
		for (size_t i = 0; i < e->n; i++)
			buf_addf(&text, "+%s %s\n", e->id, e->done[i]);
		if (e->answered)
			buf_addf(&text, "-%s\n", e->id);
	}
	int rc = io_write_file(j->path, text.n ? text.p : "", text.n, 0600);
	j->written = text.n;
	buf_release(&text);
	if (rc < 0)
		return -1;
	if (j->fd >= 0)
		close(j->fd);
	j->fd = open(j->path, O_WRONLY | O_APPEND | O_CLOEXEC);
	return j->fd < 0 ? -1 : 0;
}

/* A line that a crash cut short was not acted upon. */
static int
load(struct journal *j)
{
	struct buf text = {0};
	int rc = io_read_file(j->path, &text, MAX_FILE);
	if (rc < 0 && errno == ENOENT)
		rc = 0;
	for (struct str rest = buf_str(&text); rest.n;) {
		struct str line = str_cut(&rest, '\n');
		if (rest.p && line.n)
			read_line(j, line);
	}
	buf_release(&text);
	return rc < 0 ? -1 : rewrite(j);
}

struct journal *
journal_open(const char *dir)
{
	struct journal *j = xcalloc(1, sizeof(*j));
	char *lock = xasprintf("%s/lock", dir);
	j->path = xasprintf("%s/journal", dir);
	j->fd = -1;
	(void)mkdir(dir, 0700);
	j->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	free(lock);
	bool taken = j->lock >= 0 && flock(j->lock, LOCK_EX | LOCK_NB) < 0;
	if (j->lock >= 0 && !taken && load(j) == 0)
		return j;
	log_error("journal %s: %s", dir,
		taken ? "another process has it; expected a directory for each"
		      : strerror(errno));
	journal_close(j);
	return NULL;
}

void
journal_close(struct journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0)
		journal_sync(j);
	while (j->entries)
		forget(j, j->entries);
	if (j->fd >= 0)
		close(j->fd);
	if (j->lock >= 0)
		close(j->lock);
	buf_release(&j->pending);
	free(j->path);
	free(j);
}

void
journal_begin(struct journal *j, struct record *r)
{
	struct entry *e = find(j, record_get(r, "id"));
	for (size_t i = 0; e && i < e->n; i++) {
		struct str value, done = str_of(e->done[i]);
		bool there = false;
		for (size_t at = 0; !there && record_next(r, "done", &at, &value);)
			there = str_eq(value, done);
		if (!there)
			record_add(r, "done", done);
	}
}

void
journal_note(struct journal *j, struct str id, struct str done)
{
	if (id.n && add(j, id, done))
		buf_addf(&j->pending, "+%.*s %.*s\n", STR_ARG(id), STR_ARG(done));
}

static void
forget_old(struct journal *j)
{
	int64_t now = clock_mono_ms();
	for (struct entry *e = j->entries; e; e = j->entries) {
		int64_t age = now - e->touched_ms;
		if (age < (e->answered ? KEEP_ANSWERED_MS : KEEP_MS))
			return;
		forget(j, e);
	}
}

void
journal_answered(struct journal *j, struct str id)
{
	if (!find(j, id))
		return;
	touch(j, id)->answered = true;
	buf_addf(&j->pending, "-%.*s\n", STR_ARG(id));
	forget_old(j);
}

void
journal_sync(struct journal *j)
{
	struct buf *b = &j->pending;
	int rc = 0;
	if (b->n == 0)
		return;
	j->written += b->n;
	if (j->written > REWRITE_FROM && j->written > 2 * j->live)
		rc = rewrite(j);
	else if (io_write_all(j->fd, b->p, b->n) < 0 || fdatasync(j->fd) < 0)
		rc = -1;
	if (rc < 0)
		log_error("journal %s: cannot write: %s; what is done now may be repeated "
			  "after a crash",
			j->path, strerror(errno));
	buf_reset(b);
}
