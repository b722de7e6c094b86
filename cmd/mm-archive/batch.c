#include <errno.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "disk_full.h"
#include "log.h"
#include "mem.h"
#include "record_values.h"
#include "texts.h"

#define RACED 2

struct frames {
	struct index_frame *list;
	size_t n, cap;
};

struct batch {
	struct month_store *store;
	struct tar_frame *packer;
	struct texts *texts;
	struct day_file *file;
	struct pending **list;
	size_t n;
	struct frames frames;
	size_t in_frame; /* messages of the frame being made */
	bool *full;
};

bool
batch_field_kept(struct str name)
{
	static const char *const dropped[] = {"status", "reply", "result", "archived",
		"relayed", "stored", "notified", "disposition", "done", "plan", "rule",
		"action", "queued", "attempt", "tag"};
	for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
		if (str_eq(name, str_of(dropped[i])))
			return false;
	return true;
}

/* Marks what the index has already, and second ones of an id within the batch. */
static int
find_duplicates(struct batch *b)
{
	struct pending *seen = NULL, *first;
	int rc = 0;
	for (size_t i = 0; i < b->n && rc == 0; i++) {
		struct pending *p = b->list[i];
		int64_t row = month_index_find(&b->store->index, p->row.id);
		rc = row < 0 ? -1 : 0;
		p->duplicate = row > 0;
		p->first = NULL;
		HASH_FIND(hh, seen, p->row.id.p, p->row.id.n, first);
		if (first) {
			p->duplicate = true;
			p->first = first;
		} else {
			HASH_ADD_KEYPTR(hh, seen, p->row.id.p, p->row.id.n, p);
		}
	}
	HASH_CLEAR(hh, seen);
	return rc;
}

static bool
has_new_recipient(struct batch *b, const struct pending *p)
{
	int64_t row = month_index_find(&b->store->index, p->row.id);
	struct record_values earlier = {0};
	struct str path;
	bool found = true;
	if (p->first)
		record_values_read(&earlier, p->first->rec, "rcpt-to");
	for (size_t at = 0; found && record_next(p->rec, "rcpt-to", &at, &path);)
		found = record_values_has(&earlier, path) ||
			(row > 0 && month_index_has_recipient(&b->store->index, row, path));
	record_values_release(&earlier);
	return !found;
}

/* The record's text up to its octets, as mm-stream(5) has it. */
static void
envelope(struct buf *out, const struct record *rec, size_t body)
{
	buf_addf(out, "mail 1 %zu\n", body);
	for (size_t i = 0; i < rec->nfields; i++) {
		struct str name = record_name_at(rec, i);
		if (batch_field_kept(name))
			buf_addf(out, "%.*s: %.*s\n", STR_ARG(name),
				STR_ARG(record_value_at(rec, i)));
	}
	buf_addc(out, '\n');
}

static int
finish_frame(struct batch *b)
{
	struct str packed;
	struct frames *fs = &b->frames;
	if (b->packer->raw.n == 0)
		return 0;
	if (tar_frame_pack(b->packer, &packed) < 0 || tar_file_seal(&b->file->tar, &packed) < 0)
		return -1;
	fs->list = xgrow(fs->list, &fs->cap, fs->n + 1, sizeof(*fs->list));
	struct index_frame *f = &fs->list[fs->n++];
	*f = (struct index_frame){.file = b->file->row,
		.offset = b->file->tar.size,
		.length = packed.n,
		.raw = b->packer->raw.n};
	SHA256((const unsigned char *)packed.p, packed.n, f->sha256);
	tar_frame_start(b->packer);
	b->in_frame = 0;
	return tar_file_append(&b->file->tar, packed);
}

static int
add_entry(struct batch *b, const struct pending *p, const char *ending, struct str octets,
	struct tar_entry *where)
{
	char *name = xasprintf("%.*s%s", STR_ARG(p->row.id), ending);
	int rc = tar_frame_add(b->packer, name, p->row.received, octets, where);
	free(name);
	return rc;
}

static int
add_message(struct batch *b, struct pending *p)
{
	struct str body = str_n(p->rec->body->p, p->rec->body->n);
	struct buf head = {0};
	if (b->in_frame >= BATCH_FRAME_MESSAGES ||
		(b->in_frame && b->packer->raw.n + body.n > BATCH_FRAME_OCTETS))
		if (finish_frame(b) < 0)
			return -1;
	envelope(&head, p->rec, body.n);
	p->row.frame = (int64_t)b->frames.n;
	b->in_frame++;
	int rc = add_entry(b, p, ".envelope", buf_str(&head), &p->row.head);
	buf_release(&head);
	return rc < 0 ? rc : add_entry(b, p, ".eml", body, &p->row.eml);
}

static int
add_recipients(struct batch *b, struct pending *p)
{
	struct buf head = {0};
	struct tar_entry unused;
	char *ending = xasprintf(
		"+%llu-%zu.envelope", (unsigned long long)b->file->tar.size, b->packer->raw.n);
	envelope(&head, p->rec, 0);
	b->in_frame++;
	int rc = add_entry(b, p, ending, buf_str(&head), &unused);
	buf_release(&head);
	free(ending);
	return rc;
}

static int
write_frames(struct batch *b)
{
	tar_frame_start(b->packer);
	b->in_frame = 0;
	b->frames.n = 0;
	for (size_t i = 0; i < b->n; i++) {
		struct pending *p = b->list[i];
		if (p->duplicate ? has_new_recipient(b, p) && add_recipients(b, p) < 0
				 : add_message(b, p) < 0)
			return -1;
	}
	if (finish_frame(b) < 0)
		return -1;
	return b->frames.n ? tar_file_sync(&b->file->tar) : 0;
}

static int
merge(struct month_index *x, const struct pending *p)
{
	int64_t row = month_index_find(x, p->row.id);
	if (row <= 0)
		return row < 0 ? -1 : RACED;
	return month_index_merge(x, p->row.id, p->rec);
}

/* 0, -1, or RACED: another process has added or removed one of the messages meanwhile, or
 * closed the file. */
static int
index_rows(struct batch *b)
{
	struct month_index *x = &b->store->index;
	int rc;
	if (tar_file_is_over(&b->file->tar))
		return RACED;
	for (size_t i = 0; i < b->frames.n; i++) {
		int64_t row = month_index_add_frame(x, &b->frames.list[i]);
		if (row < 0)
			return -1;
		b->frames.list[i].file = row; /* from here on: its own row */
	}
	for (size_t i = 0; i < b->n; i++) {
		struct pending *p = b->list[i];
		if (p->duplicate) {
			if ((rc = merge(x, p)) != 0)
				return rc;
			continue;
		}
		texts_need(b->texts, p);
		p->row.frame = b->frames.list[p->row.frame].file;
		rc = month_index_add(x, &p->row);
		if (rc != 0)
			return rc < 0 ? -1 : RACED;
	}
	return 0;
}

/* 0, 1 and -1 as batch_commit(), or RACED. */
static int
index_batch(struct batch *b)
{
	int rc = month_index_begin(&b->store->index, b->full);
	if (rc == 0 && (rc = index_rows(b)) != 0) {
		*b->full = *b->full || disk_full_sqlite(b->store->index.db);
		month_index_rollback(&b->store->index);
	}
	if (rc != 0)
		return rc;
	return month_index_commit(&b->store->index, b->full);
}

/* What was appended is not in the index and nobody was told that it is there. */
static void
take_back(struct batch *b, uint64_t size)
{
	if (tar_file_truncate(&b->file->tar, size) < 0)
		log_error("cannot cut %s back: %s", b->file->tar.name, strerror(errno));
}

/* 0, 1 and -1 as batch_commit(), or RACED: once more. */
static int
attempt(struct batch *b)
{
	uint64_t size = b->file->tar.size;
	if (find_duplicates(b) < 0)
		return -1;
	errno = 0;
	if (write_frames(b) < 0) {
		*b->full = disk_full_errno(errno);
		log_error("cannot write %s/%s: %s", b->store->dir, b->file->tar.name,
			strerror(errno));
		take_back(b, size);
		return -1;
	}
	int rc = index_batch(b);
	/* after any other failure of a commit, the next opening looks at what is
	 * there: the index may know of it */
	if (rc > 0 || (rc < 0 && *b->full))
		take_back(b, size);
	return rc;
}

int
batch_commit(struct month_store *s, struct tar_frame *packer, struct texts *texts,
	struct pending **list, size_t n, bool *full)
{
	struct batch b = {.store = s,
		.packer = packer,
		.texts = texts,
		.list = list,
		.n = n,
		.full = full};
	if (month_index_gone(&s->index))
		return 1;
	int rc = RACED;
	while (rc == RACED) {
		b.file = month_store_day(s, list[0]->day, full);
		rc = b.file ? attempt(&b) : -1;
	}
	free(b.frames.list);
	return rc;
}
