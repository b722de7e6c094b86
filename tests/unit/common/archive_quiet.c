#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "archive_quiet.h"
#include "tap.h"

static long later; /* seconds that time() is ahead */

time_t time(time_t *out);

time_t
time(time_t *out)
{
	struct timeval now;
	gettimeofday(&now, NULL);
	if (out)
		*out = now.tv_sec + later;
	return now.tv_sec + later;
}

static void
put(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");
	fputs(text, f);
	fclose(f);
}

int
main(void)
{
	char dir[] = "/tmp/archive_quiet.XXXXXX";
	struct archive_quiet q;
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 1;
	later = 10;
	ok(!archive_quiet_begin(&q, dir), "there is no index");
	put("index.db", "one");
	ok(archive_quiet_begin(&q, dir), "one that was let alone");
	ok(archive_quiet_still(&q, dir), "and is");
	later = 0;
	ok(!archive_quiet_begin(&q, dir), "one that was just written");
	later = -100;
	ok(!archive_quiet_begin(&q, dir), "by a clock that was ahead");
	later = 10;
	put("index.db", "two");
	ok(!archive_quiet_still(&q, dir), "it was written");
	ok(archive_quiet_begin(&q, dir), "and let alone");
	put("index.db-wal", "");
	ok(archive_quiet_still(&q, dir), "who opens it writes nothing yet");
	ok(archive_quiet_begin(&q, dir), "nor had before");
	put("index.db-wal", "x");
	ok(!archive_quiet_still(&q, dir), "something is to come into it");
	ok(!archive_quiet_begin(&q, dir), "and was before");
	unlink("index.db-wal");
	put("index.db-journal", "");
	ok(!archive_quiet_begin(&q, dir), "one with a rollback journal");
	unlink("index.db-journal");
	ok(archive_quiet_begin(&q, dir), "without");
	put("other", "two");
	rename("other", "index.db");
	ok(!archive_quiet_still(&q, dir), "another file");
	unlink("index.db");
	ok(!archive_quiet_still(&q, dir), "none");
	rmdir(dir);
	return done();
}
