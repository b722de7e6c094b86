#include <stdlib.h>

#include "crew_impl.h"
#include "mem.h"
#include "quiet.h"
#include "source.h"

static void
note_failure(struct crew *c)
{
	crew_lock(c);
	c->failed = true;
	crew_unlock(c);
}

/* Only while it steps may a query be interrupted: what row() asks of the index would be
 * interrupted with it, and be taken for damage. */
static int
step(struct crew *c, struct job *j, struct reader *r)
{
	int rc = SQLITE_DONE;
	crew_lock(c);
	j->db = c->stop ? NULL : r->db;
	crew_unlock(c);
	if (j->db)
		rc = sqlite3_step(r->st);
	crew_lock(c);
	j->db = NULL;
	if (c->stop)
		rc = SQLITE_DONE;
	crew_unlock(c);
	return rc;
}

/* To the next row; afterwards there may be none. */
static void
advance(struct crew *c, struct job *j, struct source *s)
{
	int rc = step(c, j, &s->reader);
	source_stepped(s, rc, c->by_time);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return;
	index_log_error(s->reader.db, "cannot search the index");
	note_failure(c);
}

int
crew_take_row(struct crew *c, struct reader *r, struct chunk *out)
{
	size_t before = out->text.n;
	int rc = c->row(c, r, out);
	if (rc == 0)
		chunk_end(out);
	else
		out->text.n = before;
	return rc;
}

static void
read_rows(struct crew *c, struct job *j, struct source *list)
{
	struct chunk mine = {0};
	for (struct source *s; (s = source_newest(list, j->n)); advance(c, j, s)) {
		if (crew_take_row(c, &s->reader, &mine) == 0)
			crew_hand_over(c, j, &mine, false);
		else
			note_failure(c);
	}
	crew_hand_over(c, j, &mine, true);
	chunk_release(&mine);
}

/* Messages that the query wanted to look into and could not; when it was interrupted, that
 * was why. */
static void
note_unread(struct crew *c, const struct source *list, size_t n)
{
	crew_lock(c);
	for (size_t i = 0; i < n; i++)
		c->failed = c->failed || (list[i].reader.frames.unread && !c->stop);
	crew_unlock(c);
}

bool
crew_read_quickly(struct crew *c, struct job *j)
{
	struct chunk all = {0};
	bool failed = false;
	enum quiet result = quiet_read(c, &c->places[j->first], j->n, &all, &failed);
	if (result == QUIET_READ)
		crew_hand_over(c, j, &all, true);
	crew_lock(c);
	c->failed = c->failed || failed;
	c->quick = c->quick && result != QUIET_LONG; /* others will take as long */
	crew_unlock(c);
	chunk_release(&all);
	return result == QUIET_READ;
}

void
crew_read(struct crew *c, struct job *j)
{
	struct source *list = xcalloc(j->n, sizeof(*list));
	for (size_t i = 0; i < j->n; i++) {
		int rc = reader_open(
			&list[i].reader, &c->places[j->first + i], c->sql, c->condition, false);
		if (rc == 1)
			advance(c, j, &list[i]);
		else if (rc < 0)
			note_failure(c);
	}
	read_rows(c, j, list);
	note_unread(c, list, j->n);
	source_close_all(list, j->n);
	free(list);
}
