#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_cipher.h"
#include "archive_frame.h"
#include "forgotten.h"
#include "gone_copies.h"
#include "log.h"
#include "mem.h"
#include "tar_frame.h"

struct copies {
	const char *dir, *name;
	uint64_t known;
	sqlite3 *db;
	struct forgotten *forgotten;
};

bool
gone_has_message(sqlite3 *db, const char *dir, struct str id)
{
	sqlite3_stmt *st;
	if (index_prepare(db,
		    "SELECT f.name FROM message AS m JOIN frame AS r ON r.n = m.frame"
		    " JOIN file AS f ON f.n = r.file WHERE m.id = ?",
		    &st) < 0)
		return false;
	sqlite3_bind_text(st, 1, id.p, (int)id.n, SQLITE_STATIC);
	char *path = sqlite3_step(st) == SQLITE_ROW
			     ? xasprintf("%s/%s", dir, (const char *)sqlite3_column_text(st, 0))
			     : NULL;
	bool is = path && access(path, F_OK) == 0;
	free(path);
	sqlite3_finalize(st);
	return is;
}

static int
see_entry(void *arg, const char *name, struct tar_entry where)
{
	struct copies *c = arg;
	struct str s = str_of(name), eml = STR(".eml");
	(void)where;
	if (!str_ends(s, eml))
		return 0;
	s.n -= eml.n;
	return gone_has_message(c->db, c->dir, s) || forgotten_has(c->forgotten, s) ? 0 : -1;
}

static int
see_frames(struct copies *c, struct frame_reader *fr, struct str octets)
{
	uint64_t at = archive_cipher_start(fr->keys);
	while (at < octets.n && at < c->known) {
		size_t n = frame_next(fr, at, str_skip(octets, at));
		if (n == 0 || tar_frame_walk(buf_str(&fr->raw), see_entry, c) < 0) {
			log_error("%s/%s: the index says that it has gone, but nothing else "
				  "has all "
				  "that its frame at byte %llu has; it stays",
				c->dir, c->name, (unsigned long long)at);
			return 0;
		}
		at += n;
	}
	return 1;
}

static int
see_file(struct copies *c, const struct archive_keys *keys)
{
	struct frame_reader fr;
	struct stat st;
	int rc = -1;
	frame_reader_init(&fr, c->dir, keys);
	if (frame_file(&fr, str_of(c->name)) == 0 && fstat(fr.fd, &st) == 0) {
		size_t size = (size_t)st.st_size;
		void *map = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fr.fd, 0) : NULL;
		if (map == MAP_FAILED)
			log_error("cannot read %s/%s: %s", c->dir, c->name, strerror(errno));
		else
			rc = see_frames(c, &fr, str_n(map, size));
		if (size && map != MAP_FAILED)
			munmap(map, size);
	}
	frame_reader_release(&fr);
	return rc;
}

int
gone_has_copies(sqlite3 *db, const char *dir, const char *name, uint64_t known,
	const struct archive_keys *keys, struct forgotten *forgotten)
{
	struct copies c = {
		.dir = dir, .name = name, .known = known, .db = db, .forgotten = forgotten};
	return see_file(&c, keys);
}
