#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compact.h"
#include "forget_file_impl.h"
#include "gone.h"
#include "log.h"
#include "mem.h"
#include "tail.h"
#include "tar_file.h"

/* A frame while it is looked at. */
struct looking {
	struct forget_file *file;
	const struct forget_ids *ids;
	int64_t frame;
	struct str raw;
	uint64_t head_at; /* of the last envelope that stays, in the new frame */
	bool affected;
};

static int
see_entry(void *arg, const char *name, struct tar_entry where)
{
	struct looking *l = arg;
	(void)where;
	l->affected = l->affected || forget_ids_of_entry(l->ids, name) >= 0;
	return 0;
}

static void
note_move(struct looking *l, struct str id, uint64_t from, uint64_t at)
{
	struct forget_file *f = l->file;
	f->moves = xgrow(f->moves, &f->moves_cap, f->nmoves + 1, sizeof(*f->moves));
	f->moves[f->nmoves++] = (struct forget_move){.id = str_dup(id),
		.frame = l->frame,
		.from = from,
		.head_at = l->head_at,
		.at = at};
}

static int
copy_entry(void *arg, const char *name, struct tar_entry where)
{
	struct looking *l = arg;
	struct tar_frame *packer = &l->file->to.packer;
	struct str s = str_of(name), eml = STR(".eml");
	if (where.at > l->raw.n || where.size > l->raw.n - where.at)
		return -1;
	if (forget_ids_of_entry(l->ids, name) >= 0)
		return 0;
	uint64_t at = packer->raw.n + (where.at - where.head);
	tar_frame_copy(packer, l->raw, where);
	if (str_ends(s, eml))
		note_move(l, str_n(s.p, s.n - eml.n), where.at, at);
	else
		l->head_at = at;
	return 0;
}

static int
take_frame(void *arg, int64_t frame, const struct index_frame *like, struct str raw)
{
	struct looking *l = arg;
	struct forget_file *f = l->file;
	size_t before = f->to.nframes;
	int rc;
	l->frame = frame;
	l->raw = raw;
	l->affected = false;
	if (tar_frame_walk(raw, see_entry, l) < 0)
		return -1;
	if (l->affected) {
		rc = tar_frame_walk(raw, copy_entry, l);
		if (rc == 0)
			rc = tar_rewrite_end_frame(&f->to);
	} else {
		rc = tar_rewrite_packed(&f->to, like, f->reader.frame);
	}
	if (rc == 0 && f->to.nframes > before) {
		f->frames =
			xgrow(f->frames, &f->frames_cap, f->nframes + 1, sizeof(*f->frames));
		f->frames[f->nframes++] = (struct forget_frame){frame, before, l->affected};
	}
	return rc;
}

/* What the index does not know behind the last frame was never finished by who began it. */
static int
tell_of_tail(const struct forget_file *f, struct month_index *x, const char *dir)
{
	char *path = xasprintf("%s/%s", dir, f->name);
	struct stat st;
	int64_t row;
	uint64_t end = 0;
	int torn = 1;
	bool has_tail = stat(path, &st) == 0 && month_index_file(x, f->name, &row, &end) == 1 &&
			(uint64_t)st.st_size > end;
	if (has_tail)
		torn = tail_is_torn(x->keys, dir, f->name, end);
	if (has_tail && torn == 1)
		log_warn("%s: leaving out %llu octets of a frame that was never finished", path,
			(unsigned long long)((uint64_t)st.st_size - end));
	free(path);
	return torn == 1 ? 0 : -1;
}

int
forget_file_write(struct forget_file *f, struct month_index *x, const char *dir,
	const char *name, const struct forget_ids *ids)
{
	struct looking l = {.file = f, .ids = ids};
	bool dense = strstr(name, COMPACT_MARK);
	f->name = xstrdup(name);
	frame_reader_init(&f->reader, dir, x->keys);
	int rc = tar_rewrite_open(&f->to, x, dir, f->name, dense ? COMPACT_MARK : FORGET_MARK,
		dense ? COMPACT_LEVEL : TAR_FRAME_LEVEL);
	if (rc == 0)
		rc = tar_rewrite_frames(x, &f->reader, f->name, 0, take_frame, &l);
	if (rc == 0)
		rc = tell_of_tail(f, x, dir);
	if (rc == 0 && f->to.nframes)
		rc = gone_announce(x, dir, f->to.name, f->name);
	if (rc == 0)
		rc = tar_rewrite_finish(&f->to);
	if (rc < 0)
		tar_rewrite_discard(&f->to);
	return rc;
}

void
forget_file_release(struct forget_file *f)
{
	for (size_t i = 0; i < f->nmoves; i++)
		free(f->moves[i].id);
	free(f->moves);
	free(f->frames);
	frame_reader_release(&f->reader);
	tar_rewrite_release(&f->to);
	free(f->name);
	*f = (struct forget_file){0};
}
