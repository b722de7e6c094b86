#include <stdlib.h>
#include <time.h>
#include <utlist.h>

#include "clock.h"
#include "mem.h"
#include "pool_impl.h"

#define RESOLVED_FOR_MS 300000 /* then addresses are looked up again */

/* Senders get this; what the endpoint says is the administrator's, and logged. */
#define NO_TOKEN "454 4.7.0 no access token to authenticate with; see the log"

void
transaction_fail(struct transaction *t, enum status s, const char *reply)
{
	for (size_t i = 0; i < t->smtp.nrcpts; i++)
		smtp_decide(&t->smtp.rcpts[i], s, str_of(reply));
}

void
destination_finish(struct transaction *t)
{
	t->destination->pool->events->done(t);
}

void
destination_enqueue(struct destination *d, struct transaction *t)
{
	DL_APPEND(d->queue, t);
	d->queued++;
}

void
destination_dequeue(struct destination *d, struct transaction *t)
{
	DL_DELETE(d->queue, t);
	d->queued--;
}

struct transaction *
destination_next(const struct destination *d, size_t host_index)
{
	struct transaction *t;
	DL_FOREACH (d->queue, t)
		if (t->min_host <= host_index)
			return t;
	return NULL;
}

static int64_t
now_us(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct limiter *
limiter_of(struct destination *d)
{
	return d->pool->route->kind == ROUTE_MX ? &d->limiter : &d->pool->limiter;
}

bool
destination_may_go(struct destination *d)
{
	struct limiter *l = limiter_of(d);
	int64_t wait_us = pace_wait(&l->pace, now_us());
	if (wait_us == 0)
		return true;
	if (!ev_is_active(&l->timer)) {
		ev_timer_set(&l->timer, (double)wait_us / 1e6, 0.);
		ev_timer_start(d->pool->loop, &l->timer);
	}
	return false;
}

void
destination_went(struct destination *d)
{
	pace_take(&limiter_of(d)->pace, now_us());
}

static void
on_resolved(void *arg, struct hosts *hosts, enum status status, const char *reply)
{
	struct destination *d = arg;
	d->routing = NULL;
	hosts_release(&d->hosts);
	d->hosts = *hosts;
	d->resolved_at = hosts->n ? clock_mono_ms() : 0;
	struct transaction *t, *tmp;
	DL_FOREACH_SAFE(d->queue, t, tmp)
	{
		t->min_host = 0;
		if (hosts->n)
			continue;
		destination_dequeue(d, t);
		transaction_fail(t, status, reply);
		if (d->pool->options->dry_run)
			d->pool->events->planned(t, &d->hosts);
		else
			destination_finish(t);
	}
	destination_serve(d);
}

static bool
fresh(const struct destination *d)
{
	return d->resolved_at && clock_mono_ms() - d->resolved_at < RESOLVED_FOR_MS;
}

static void
plan_all(struct destination *d)
{
	struct transaction *t, *tmp;
	DL_FOREACH_SAFE(d->queue, t, tmp)
	{
		destination_dequeue(d, t);
		d->pool->events->planned(t, &d->hosts);
	}
}

static struct connection *
idle_for_queue(const struct destination *d)
{
	struct connection *c;
	DL_FOREACH (d->connections, c)
		if (c->idle && destination_next(d, c->host_index))
			return c;
	return NULL;
}

/* Waking one may end it and others: the list is searched anew each time. */
static void
wake_idle(struct destination *d)
{
	struct connection *c;
	while (d->queued && destination_may_go(d) && (c = idle_for_queue(d)))
		connection_wake(c);
}

void
destination_drop(struct destination *d, struct connection *c)
{
	DL_DELETE(d->connections, c);
	d->n_connections--;
	d->n_established -= c->counted;
	connection_free(c);
}

/* An idle connection to a host that nothing waiting may use makes room. */
static void
drop_useless(struct destination *d)
{
	struct connection *c, *tmp;
	DL_FOREACH_SAFE(d->connections, c, tmp)
	{
		if (!c->idle || destination_next(d, c->host_index))
			continue;
		destination_drop(d, c);
		return;
	}
}

/* One connection first; then, as long as sessions come about, twice as many. */
static bool
wants_connection(struct destination *d)
{
	size_t coming = d->n_connections - d->n_established;
	size_t step = d->n_established ? d->n_established : 1;
	if (d->n_established && d->no_more_until && clock_mono_ms() < d->no_more_until)
		return false;
	return d->queued > coming && coming < step && destination_may_go(d);
}

/* Is there what a new connection needs to authenticate?  If not, that is waited for, or
 * fails what no present connection can carry. */
static bool
has_token(struct destination *d)
{
	struct token_source *tokens = d->pool->options->tokens;
	switch (tokens ? token_source_state(tokens) : TOKEN_READY) {
	case TOKEN_READY:
		return true;
	case TOKEN_WANTED:
		if (!d->token.waiting)
			token_source_wait(tokens, &d->token);
		return false;
	default:
		if (d->pool->route->smtp.password)
			return true;
		destination_fail_unserved(d, STATUS_TEMPFAIL, NO_TOKEN);
		return false;
	}
}

void
destination_serve(struct destination *d)
{
	if (d->queued == 0 || d->routing)
		return;
	wake_idle(d); /* and perhaps, where one ends, all of this from within */
	if (d->queued == 0 || d->routing || !wants_connection(d))
		return;
	if (!fresh(d) && !d->connections) {
		d->routing =
			routing_start(&d->pool->routing, d->domain, d->first, on_resolved, d);
		return;
	}
	if (d->pool->options->dry_run) {
		plan_all(d);
		return;
	}
	if (!has_token(d))
		return;
	if (d->n_connections >= d->pool->options->max_connections)
		drop_useless(d);
	while (d->n_connections < d->pool->options->max_connections && wants_connection(d)) {
		size_t index = d->queue->min_host;
		destination_connect(d, index < d->hosts.n ? index : 0);
	}
}

void
pool_submit(struct transaction *t)
{
	t->number = ++t->destination->pool->submitted;
	destination_enqueue(t->destination, t);
	destination_serve(t->destination);
}
