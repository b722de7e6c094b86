#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "mem.h"
#include "sink.h"

static int
start(struct sink *s)
{
	static const char *const folders[] = {"cur", "new", "tmp"};
	for (int i = 0; s->kind == SINK_MAILDIR && i < 3; i++)
		if (mkdirat(s->fd, folders[i], 0700) < 0)
			return sink_failed(s);
	return 0;
}

static bool
are_flags(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= 'a' && s.p[i] <= 'z')))
			return false;
	return s.n > 0 && s.n <= 60;
}

/* A Maildir's names begin with the time of delivery; ids have no ':' and no '/'. */
static char *
name_of(const struct sink *s, const struct message_out *m)
{
	struct str flags = record_get(m->rec, "flags");
	if (s->kind == SINK_EML)
		return xasprintf("%.*s.eml", STR_ARG(m->id));
	if (!are_flags(flags))
		flags = STR("");
	return xasprintf("cur/%lld.%.*s:2,%.*s", (long long)(m->received / 1000),
		STR_ARG(m->id), STR_ARG(flags));
}

static int
put_file(struct sink *s, const struct message_out *m, const char *name, struct str octets)
{
	struct timespec times[2] = {{0}, {0}};
	times[0].tv_sec = times[1].tv_sec = (time_t)(m->received / 1000);
	int fd = openat(s->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc = fd < 0 && errno == EEXIST ? 0 : -1; /* an id that was asked for twice */
	if (fd >= 0 && io_write_all(fd, octets.p, octets.n) == 0)
		rc = futimens(fd, times);
	if (rc < 0)
		sink_failed(s);
	if (fd >= 0 && close(fd) < 0 && rc == 0)
		rc = sink_failed(s);
	return rc;
}

static int
put(struct sink *s, const struct message_out *m)
{
	char *name = name_of(s, m);
	int rc = put_file(s, m, name, m->octets);
	free(name);
	if (rc < 0 || !m->metadata.p)
		return rc;
	name = xasprintf("%.*s.json", STR_ARG(m->id));
	rc = put_file(s, m, name, m->metadata);
	free(name);
	return rc;
}

static int
end(struct sink *s)
{
	(void)s;
	return 0;
}

const struct sink_ops sink_folder = {.open = start, .put = put, .end = end, .directory = true};
