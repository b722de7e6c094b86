#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "log.h"
#include "mem.h"
#include "tls_rpt.h"

#define DAY_SIZE 11 /* "2026-11-26" and NUL */

struct tls_rpt {
	char *state;
	char day[DAY_SIZE];
	int fd; /* of that day, or -1 */
};

char *
tls_rpt_path(const char *state, const char *day)
{
	return xasprintf("%s/tls-rpt/%s.jsonl", state, day);
}

struct tls_rpt *
tls_rpt_new(const char *state)
{
	struct tls_rpt *r = xcalloc(1, sizeof(*r));
	char *dir = xasprintf("%s/tls-rpt", state);
	r->state = xstrdup(state);
	r->fd = -1;
	bool made = mkdir(dir, 0755) == 0 || errno == EEXIST;
	if (!made)
		log_error("cannot make %s: %s", dir, strerror(errno));
	free(dir);
	if (made)
		return r;
	tls_rpt_free(r);
	return NULL;
}

void
tls_rpt_free(struct tls_rpt *r)
{
	if (r->fd >= 0)
		close(r->fd);
	free(r->state);
	free(r);
}

static void
turn_to_today(struct tls_rpt *r)
{
	char now[CLOCK_RFC3339_SIZE];
	struct str today = str_n(clock_rfc3339(clock_now_ms(), now), DAY_SIZE - 1);
	if (str_eq(today, str_of(r->day)))
		return;
	(void)str_copy(today, r->day, sizeof(r->day));
	if (r->fd >= 0)
		close(r->fd);
	char *path = tls_rpt_path(r->state, r->day);
	r->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (r->fd < 0)
		log_warn("cannot write %s: %s", path, strerror(errno));
	free(path);
}

static void
set(json_t *object, const char *key, const char *value)
{
	if (value)
		json_object_set_new(object, key, json_string(value));
}

/* One write a line, so that the lines of several processes do not mix. */
static void
append(struct tls_rpt *r, const json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT);
	char *whole = text ? xasprintf("%s\n", text) : NULL;
	if (whole && io_write_all(r->fd, whole, strlen(whole)) < 0) {
		log_warn("cannot write a TLS result: %s", strerror(errno));
		close(r->fd);
		r->fd = -1;
	}
	free(text);
	free(whole);
}

void
tls_rpt_note(struct tls_rpt *r, const struct tls_session *s)
{
	turn_to_today(r);
	if (r->fd < 0)
		return;
	json_t *line = json_object();
	set(line, "domain", s->domain);
	if (s->policy)
		json_object_set(line, "policy", s->policy);
	set(line, "problem", s->problem);
	set(line, "mx", s->mx);
	set(line, "ip", s->ip);
	if (s->problem && s->detail.n)
		json_object_set_new(line, "detail", json_stringn(s->detail.p, s->detail.n));
	append(r, line);
	json_decref(line);
}
