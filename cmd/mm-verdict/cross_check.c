#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "coproc.h"
#include "cross_check.h"
#include "log.h"
#include "mem.h"

#define TIMEOUT_MS 60000 /* for one record */
#define LAST_SECONDS 10. /* for all of them at the end */

struct cross_check {
	struct ev_loop *loop;
	struct coproc *child; /* NULL once it is gone */
	struct ev_timer leave;
	size_t skipped;
};

struct comparison {
	struct cross_check *owner;
	struct record *ours;
};

static void
on_leave(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct cross_check *c = w->data;
	(void)loop, (void)events;
	struct coproc *child = c->child;
	c->child = NULL;
	coproc_free(child);
}

/* What one says of a thing, without reasons, which each has in its own words. */
static struct str
summary(const struct record *r, const char *name, struct buf *out)
{
	static const char *const words[] = {" reason=", " explanation="};
	struct str value;
	size_t at = 0;
	buf_reset(out);
	while (record_next(r, name, &at, &value)) {
		if (out->n)
			buf_addstr(out, ", ");
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
			const char *from = memmem(value.p, value.n, words[i], strlen(words[i]));
			if (from)
				value.n = (size_t)(from - value.p);
		}
		buf_adds(out, value);
	}
	return buf_str(out);
}

static void
compare(const struct record *ours, const struct record *theirs, const char *name)
{
	struct buf a = {0}, b = {0};
	struct logline l;
	struct str native = summary(ours, name, &a), library = summary(theirs, name, &b);
	if (!str_eq(native, library)) {
		log_begin(&l, LOG_WARN, "disagreement");
		log_cstr(&l, "what", name);
		log_str(&l, "native", native);
		log_str(&l, "library", library);
		log_str(&l, "id", record_get(ours, "id"));
		log_end(&l);
	}
	buf_release(&a);
	buf_release(&b);
}

static void
on_reply(void *arg, struct record *theirs)
{
	struct comparison *cmp = arg;
	struct cross_check *c = cmp->owner;
	enum coproc_cause cause = c->child ? coproc_cause(c->child) : COPROC_STOPPED;
	if (cause == COPROC_ANSWERED) {
		compare(cmp->ours, theirs, "spf");
		compare(cmp->ours, theirs, "spf-helo");
		compare(cmp->ours, theirs, "dkim");
	} else {
		c->skipped++;
		if (cause != COPROC_TIMEOUT && cause != COPROC_STOPPED)
			ev_timer_start(c->loop, &c->leave);
	}
	record_free(theirs);
	record_free(cmp->ours);
	free(cmp);
}

struct cross_check *
cross_check_new(struct ev_loop *loop, char *const *options)
{
	char own[][16] = {
		"--no-header", "--spf-engine", "libspf2", "--dkim-engine", "libopendkim"};
	struct cross_check *c = xcalloc(1, sizeof(*c));
	char program[PATH_MAX], *argv[32] = {program};
	size_t n = 1;
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (length < 0)
		log_die(EX_TEMPFAIL, "--cross-check: /proc/self/exe: %s", strerror(errno));
	program[length] = '\0';
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		argv[n++] = own[i];
	while (*options && n < sizeof(argv) / sizeof(*argv) - 1)
		argv[n++] = *options++;
	c->loop = loop;
	ev_timer_init(&c->leave, on_leave, 0., 0.);
	c->leave.data = c;
	c->child = coproc_new(loop,
		&(struct coproc_options){
			.name = "the library engines", .argv = argv, .timeout_ms = TIMEOUT_MS});
	return c;
}

void
cross_check_record(struct cross_check *c, const struct record *rec, const struct verdict *v)
{
	if (!c->child || ev_is_active(&c->leave) || coproc_full(c->child)) {
		c->skipped++;
		return;
	}
	struct comparison *cmp = xcalloc(1, sizeof(*cmp));
	cmp->owner = c;
	cmp->ours = record_clone(rec);
	verdict_write(v, cmp->ours);
	coproc_send(c->child, record_clone(rec), on_reply, cmp);
}

static void
on_last_moment(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)w, (void)events;
	ev_break(loop, EVBREAK_ONE);
}

void
cross_check_free(struct cross_check *c)
{
	struct ev_timer last;
	if (!c)
		return;
	ev_timer_init(&last, on_last_moment, LAST_SECONDS, 0.);
	ev_timer_start(c->loop, &last);
	while (c->child && coproc_in_flight(c->child) > 0 && ev_is_active(&last))
		ev_run(c->loop, EVRUN_ONCE);
	ev_timer_stop(c->loop, &last);
	ev_timer_stop(c->loop, &c->leave);
	if (c->child)
		coproc_free(c->child);
	if (c->skipped)
		log_warn("%zu records were not compared with the library engines", c->skipped);
	free(c);
}
