#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "journal.h"
#include "log.h"
#include "mem.h"

#define PIECE 4096

char *
journal_user(void)
{
	const struct passwd *pw = getpwuid(getuid());
	return pw ? xstrdup(pw->pw_name) : xasprintf("%lu", (unsigned long)getuid());
}

/* Where the last whole line ends; -1 with errno set. */
static off_t
end_of_lines(int fd)
{
	char piece[PIECE];
	off_t end = lseek(fd, 0, SEEK_END);
	while (end > 0) {
		off_t at = end > PIECE ? end - PIECE : 0;
		ssize_t n = pread(fd, piece, (size_t)(end - at), at);
		if (n <= 0)
			return -1;
		const char *last = memrchr(piece, '\n', (size_t)n);
		if (last)
			return at + (last - piece) + 1;
		end = at;
	}
	return end;
}

/* A whole line or, as far as that can be had, nothing. */
static int
append_line(int fd, const char *path, struct str line)
{
	off_t end = io_lock(fd, LOCK_EX) < 0 ? -1 : end_of_lines(fd);
	if (end < 0 || ftruncate(fd, end) < 0)
		return -1;
	if (io_write_all(fd, line.p, line.n) == 0 && fsync(fd) == 0)
		return 0;
	int saved = errno;
	if (ftruncate(fd, end) < 0)
		log_warn("%s ends in half a line", path);
	errno = saved;
	return -1;
}

static json_t *
with_time(json_t *entry)
{
	char now[CLOCK_RFC3339_SIZE];
	json_t *whole = json_pack("{s:s}", "Time", clock_rfc3339(clock_now_ms(), now));
	json_object_update(whole, entry);
	json_decref(entry);
	return whole;
}

int
journal_append(const char *path, json_t *entry)
{
	struct buf line = {0};
	json_t *whole = with_time(entry);
	char *text = json_dumps(whole, JSON_COMPACT | JSON_ENSURE_ASCII);
	buf_addf(&line, "%s\n", text);
	int fd = io_make(path, O_RDWR | O_APPEND, 0640);
	int rc = fd < 0 || append_line(fd, path, buf_str(&line)) < 0 || io_sync_parent(path) < 0
			 ? -1
			 : 0;
	if (rc < 0)
		log_error("cannot write %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	buf_release(&line);
	free(text);
	json_decref(whole);
	return rc;
}
