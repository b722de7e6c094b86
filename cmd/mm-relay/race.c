#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dial.h"
#include "mem.h"
#include "race.h"

struct attempt {
	struct race *race;
	struct ev_io watcher;
	struct ev_timer timer;
	int fd; /* -1: not begun, or over */
};

struct race {
	struct ev_loop *loop;
	const struct race_events *events;
	void *arg;
	const struct ip *source;
	int64_t timeout_ms;
	struct host *list;
	struct attempt *attempts;
	size_t n, begun, missed;
	struct ev_timer next;
};

static void
stop(struct attempt *a)
{
	if (a->fd < 0)
		return;
	ev_io_stop(a->race->loop, &a->watcher);
	ev_timer_stop(a->race->loop, &a->timer);
}

static void
free_race(struct race *r)
{
	ev_timer_stop(r->loop, &r->next);
	for (size_t i = 0; i < r->begun; i++) {
		stop(&r->attempts[i]);
		if (r->attempts[i].fd >= 0)
			close(r->attempts[i].fd);
	}
	free(r->attempts);
	free(r->list);
	free(r);
}

static void
end(struct race *r, size_t index, int fd)
{
	const struct race_events *events = r->events;
	void *arg = r->arg;
	free_race(r);
	events->over(arg, index, fd);
}

static void
set_next(struct race *r, int64_t ms)
{
	ev_timer_stop(r->loop, &r->next);
	if (r->begun == r->n)
		return;
	ev_timer_set(&r->next, (double)ms / 1000, 0.);
	ev_timer_start(r->loop, &r->next);
}

/* There is no reason to wait for the next one then. */
static void
miss(struct attempt *a, const char *why)
{
	struct race *r = a->race;
	size_t index = (size_t)(a - r->attempts);
	stop(a);
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
	r->events->missed(r->arg, index, why);
	if (++r->missed == r->n)
		end(r, index, -1);
	else
		set_next(r, 0);
}

static void
on_timeout(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop, (void)events;
	miss(w->data, "it took too long");
}

static void
on_writable(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct attempt *a = w->data;
	struct race *r = a->race;
	int err = 0;
	socklen_t len = sizeof(err);
	(void)loop, (void)events;
	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		err = errno;
	if (err) {
		miss(a, strerror(err));
		return;
	}
	int fd = a->fd;
	stop(a);
	a->fd = -1;
	end(r, (size_t)(a - r->attempts), fd);
}

static void
begin(struct race *r)
{
	struct attempt *a = &r->attempts[r->begun];
	a->race = r;
	a->fd = dial(&r->list[r->begun], r->source);
	int err = errno;
	r->begun++;
	if (a->fd < 0) {
		miss(a, strerror(err));
		return;
	}
	ev_io_init(&a->watcher, on_writable, a->fd, EV_WRITE);
	ev_timer_init(&a->timer, on_timeout, (double)r->timeout_ms / 1000, 0.);
	a->watcher.data = a->timer.data = a;
	ev_io_start(r->loop, &a->watcher);
	ev_timer_start(r->loop, &a->timer);
	set_next(r, RACE_DELAY_MS);
}

static void
on_next(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop, (void)events;
	begin(w->data);
}

struct race *
race_start(struct ev_loop *loop, const struct host *list, size_t n, const struct ip source[2],
	int64_t timeout_ms, const struct race_events *events, void *arg)
{
	struct race *r = xcalloc(1, sizeof(*r));
	r->loop = loop;
	r->events = events;
	r->arg = arg;
	r->source = source;
	r->timeout_ms = timeout_ms;
	r->n = n;
	r->list = xcalloc(n, sizeof(*r->list));
	memcpy(r->list, list, n * sizeof(*r->list));
	r->attempts = xcalloc(n, sizeof(*r->attempts));
	ev_timer_init(&r->next, on_next, 0., 0.);
	r->next.data = r;
	set_next(r, 0);
	return r;
}

void
race_cancel(struct race *r)
{
	if (r)
		free_race(r);
}
