#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "disk_full.h"
#include "io.h"
#include "log.h"
#include "month_store.h"
#include "reindex.h"
#include "tail.h"

static int
make_folder(const char *dir)
{
	/* who made it may have been stopped before it was durable */
	if ((io_make_folder(dir, 0750) == 0 || errno == EEXIST) && io_sync_parent(dir) == 0)
		return 0;
	log_error("cannot make %s: %s", dir, strerror(errno));
	return -1;
}

int
month_store_open(struct month_store *s, const struct mail_archive *a, struct month m,
	const char *node, bool *full)
{
	*s = (struct month_store){
		.month = m, .node = node, .dir = mail_archive_path(a, m, NULL)};
	s->index.lock = -1;
	for (int day = 0; day < 32; day++)
		s->days[day].tar.fd = -1;
	if (make_folder(s->dir) == 0 && month_index_open(&s->index, s->dir, a->keys) == 0)
		return 0;
	*full = *full || disk_full_errno(errno);
	month_store_close(s);
	return -1;
}

void
month_store_close(struct month_store *s)
{
	for (int day = 0; day < 32; day++)
		tar_file_close(&s->days[day].tar);
	month_index_close(&s->index);
	free(s->dir);
	s->dir = NULL;
}

/* The index learns of a file before its first frame: a file with octets that it
 * does not know of is then one whose index was lost, and nothing in it may be
 * cut off. */
static int
introduce(struct month_store *s, struct day_file *d, bool *full)
{
	if (month_index_begin(&s->index, full) != 0)
		return -1;
	d->row = month_index_add_file(&s->index, d->tar.name);
	if (d->row < 0) {
		month_index_rollback(&s->index);
		return -1;
	}
	return month_index_commit(&s->index, full);
}

/* 1: nothing is behind `end` any more.  0: it is damage.  -1: error. */
static int
cut_torn_frame(const struct month_store *s, struct day_file *d, uint64_t end)
{
	if (d->tar.size == end)
		return 1;
	int torn = tail_is_torn(s->index.keys, s->dir, d->tar.name, end);
	if (torn != 1)
		return torn;
	log_warn("%s: cutting off %llu octets of a frame that was never finished", d->tar.name,
		(unsigned long long)(d->tar.size - end));
	if (tar_file_truncate(&d->tar, end) == 0 && tar_file_sync(&d->tar) == 0)
		return 1;
	log_error("cannot cut %s: %s", d->tar.name, strerror(errno));
	return -1;
}

/* 1: usable.  0: its index was lost or it is damaged, take another.  -1: error. */
static int
prepare_file(struct month_store *s, struct day_file *d, bool *full)
{
	uint64_t end = 0;
	int known = month_index_file(&s->index, d->tar.name, &d->row, &end);
	if (known < 0)
		return -1;
	if (!known && d->tar.size > 0) {
		log_error("%s/%s is not in the index; mm-archive reindex puts it there", s->dir,
			d->tar.name);
		return 0;
	}
	if (!known && introduce(s, d, full) < 0)
		return -1;
	if (d->tar.size < end) {
		log_error("%s/%s is shorter than its index says; it is left alone", s->dir,
			d->tar.name);
		return 0;
	}
	if (tar_file_begin(&d->tar, s->index.keys, end > 0) < 0) {
		*full = *full || disk_full_errno(errno);
		return *full ? -1 : 0;
	}
	if (end < d->tar.start)
		end = d->tar.start;
	if (d->tar.size > end &&
		reindex_tail(&s->index, s->dir, d->tar.name, d->row, &end, full) < 0)
		return *full ? -1 : 0;
	return cut_torn_frame(s, d, end);
}

struct day_file *
month_store_day(struct month_store *s, int day, bool *full)
{
	struct day_file *d = &s->days[day];
	int rc = 0;
	d->last_used = s->last_used;
	if (d->tar.name && d->tar.size < TAR_FILE_FULL && !tar_file_is_over(&d->tar))
		return d;
	tar_file_close(&d->tar);
	for (unsigned sequence = 1; rc == 0; sequence++) {
		if (tar_file_claim(&d->tar, s->dir, day, s->node,
			    mail_archive_tar_ending(s->index.keys), &sequence) < 0) {
			log_error("cannot open a tar file in %s: %s", s->dir, strerror(errno));
			*full = *full || disk_full_errno(errno);
			return NULL;
		}
		rc = prepare_file(s, d, full);
		if (rc != 1)
			tar_file_close(&d->tar);
	}
	return rc == 1 ? d : NULL;
}
