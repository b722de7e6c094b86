#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "archive_quiet.h"
#include "mail_archive.h"
#include "mem.h"

/* Times of files move by ticks: who wrote within the same one would not be noticed. */
#define QUIET_S 2

/* Of the index, or of what SQLite has beside it. */
static bool
look(const char *month_dir, const char *ending, struct stat *st)
{
	char *path = xasprintf("%s/" ARCHIVE_INDEX "%s", month_dir, ending);
	*st = (struct stat){0};
	bool known = stat(path, st) == 0 || (errno == ENOENT && *ending);
	free(path);
	return known;
}

static bool
nothing_is_to_come(const char *month_dir)
{
	struct stat wal, journal;
	return look(month_dir, "-wal", &wal) && wal.st_size == 0 &&
	       look(month_dir, "-journal", &journal) && journal.st_nlink == 0;
}

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool
archive_quiet_begin(struct archive_quiet *q, const char *month_dir)
{
	if (!look(month_dir, "", &q->index) || !nothing_is_to_come(month_dir))
		return false;
	time_t let_alone = time(NULL) - QUIET_S;
	return q->index.st_mtim.tv_sec < let_alone && q->index.st_ctim.tv_sec < let_alone;
}

bool
archive_quiet_still(const struct archive_quiet *q, const char *month_dir)
{
	struct stat st;
	return look(month_dir, "", &st) && st.st_ino == q->index.st_ino &&
	       st.st_dev == q->index.st_dev && st.st_size == q->index.st_size &&
	       same_time(st.st_mtim, q->index.st_mtim) &&
	       same_time(st.st_ctim, q->index.st_ctim) && nothing_is_to_come(month_dir);
}
