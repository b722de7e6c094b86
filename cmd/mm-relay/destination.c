#include <stdlib.h>
#include <utlist.h>

#include "clock.h"
#include "mem.h"
#include "pool_impl.h"

#define RESOLVED_FOR_MS 300000 /* then addresses are looked up again */
#define MAX_LOST 3
#define REFUSED_FOR_MS 5000

static void serve(struct destination *d);

void
transaction_fail(struct transaction *t, enum status s, const char *reply)
{
	for (size_t i = 0; i < t->smtp.nrcpts; i++)
		smtp_decide(&t->smtp.rcpts[i], s, str_of(reply));
}

static void
finish(struct transaction *t)
{
	t->destination->pool->events->done(t);
}

static void
enqueue(struct destination *d, struct transaction *t)
{
	DL_APPEND(d->queue, t);
	d->queued++;
}

static void
dequeue(struct destination *d, struct transaction *t)
{
	DL_DELETE(d->queue, t);
	d->queued--;
}

static size_t
farthest_host(const struct destination *d)
{
	size_t index = 0;
	const struct connection *c;
	DL_FOREACH (d->connections, c)
		index = c->host_index > index ? c->host_index : index;
	return index;
}

/* Transactions that no present connection can carry. */
static void
fail_unserved(struct destination *d)
{
	struct transaction *t, *tmp;
	size_t farthest = farthest_host(d);
	DL_FOREACH_SAFE(d->queue, t, tmp)
	{
		if (d->connections && t->min_host <= farthest)
			continue;
		dequeue(d, t);
		transaction_fail(t, d->failure.status, d->failure.reply);
		finish(t);
	}
	destination_forget_failure(d);
}

static struct transaction *
next_for(const struct destination *d, size_t host_index)
{
	struct transaction *t;
	DL_FOREACH (d->queue, t)
		if (t->min_host <= host_index)
			return t;
	return NULL;
}

static struct smtp_transaction *
on_ready(struct connection *c)
{
	struct destination *d = c->owner;
	destination_forget_failure(d);
	if (!c->counted)
		note_session(c);
	d->n_established += !c->counted;
	c->counted = true;
	struct transaction *t = next_for(d, c->host_index);
	if (!t)
		return NULL;
	dequeue(d, t);
	return &t->smtp;
}

static struct transaction *
of_smtp(struct smtp_transaction *s)
{
	return s ? (struct transaction *)((char *)s - offsetof(struct transaction, smtp))
		 : NULL;
}

/* The first host with another name than this one's: another address of the same
 * server would say the same. */
static size_t
next_server(const struct destination *d, size_t index)
{
	size_t i = index;
	while (i < d->hosts.n &&
		str_ieq(str_of(d->hosts.list[i].name), str_of(d->hosts.list[index].name)))
		i++;
	return i;
}

static bool
retry_temporary(struct transaction *t, size_t host_index)
{
	bool again = false;
	size_t next = next_server(t->destination, host_index);
	for (size_t i = 0; i < t->smtp.nrcpts && next < t->destination->hosts.n; i++) {
		struct smtp_rcpt *r = &t->smtp.rcpts[i];
		if (r->status != STATUS_TEMPFAIL)
			continue;
		again = true;
		r->status = STATUS_NONE;
		free(r->reply);
		free(r->via);
		r->reply = r->via = NULL;
	}
	t->min_host = again ? next : t->min_host;
	return again;
}

/* Recipients that were too many for one transaction. */
static bool
has_more(const struct transaction *t)
{
	for (size_t i = 0; i < t->smtp.nrcpts; i++)
		if (t->smtp.rcpts[i].status == STATUS_NONE)
			return true;
	return false;
}

static void
on_over(struct connection *c, struct smtp_transaction *s)
{
	struct transaction *t = of_smtp(s);
	note_host(t, c);
	if (has_more(t) || retry_temporary(t, c->host_index))
		enqueue(t->destination, t);
	else
		finish(t);
}

/* What a session that ended leaves of its transaction. */
static void
leftover(struct connection *c, struct transaction *t)
{
	struct destination *d = c->owner;
	const char *reply = buf_cstr(&c->client.failure);
	note_host(t, c);
	if (!c->client.dot_sent && c->done > 0 && t->lost < MAX_LOST) {
		t->lost++; /* the server tired of the connection, not of this mail */
		enqueue(d, t);
	} else if (!c->client.dot_sent && c->client.failure_status == STATUS_TEMPFAIL &&
		   c->host_index + 1 < d->hosts.n) {
		t->min_host = c->host_index + 1;
		enqueue(d, t);
	} else {
		transaction_fail(t, c->client.failure_status, reply);
		note_host(t, c);
		finish(t);
	}
}

static void on_ended(struct connection *c, struct smtp_transaction *s);

static const struct connection_events connection_events = {
	.ready = on_ready, .over = on_over, .ended = on_ended};

static void
open_connection(struct destination *d, size_t index, bool in_clear)
{
	struct pool *p = d->pool;
	struct connection *c = connection_open(p->loop, &p->options->connection,
		&connection_events, d, p->tls, p->route, &d->hosts.list[index], in_clear);
	c->host_index = index;
	DL_APPEND(d->connections, c);
	d->n_connections++;
}

/* The session never got ready: the next host, or the end of the road. */
static void
host_failed(struct destination *d, const struct connection *c, size_t index)
{
	bool may = c->settings.tls == SMTP_TLS_MAY && !d->pool->route->tls_wrapped;
	note_failed_host(c);
	note_failure(d, c);
	d->no_more_until = clock_mono_ms() + REFUSED_FOR_MS;
	if (d->queued == 0)
		return;
	if (c->tls_failed && may && !c->in_clear)
		open_connection(d, index, true);
	else if (index + 1 < d->hosts.n)
		open_connection(d, index + 1, false);
	else
		fail_unserved(d);
}

static void
on_ended(struct connection *c, struct smtp_transaction *s)
{
	struct destination *d = c->owner;
	DL_DELETE(d->connections, c);
	d->n_connections--;
	d->n_established -= c->counted;
	(void)buf_cstr(&c->client.failure);
	if (s)
		leftover(c, of_smtp(s));
	else if (!c->established)
		host_failed(d, c, c->host_index);
	connection_free(c);
	serve(d);
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
		dequeue(d, t);
		transaction_fail(t, status, reply);
		if (d->pool->options->dry_run)
			d->pool->events->planned(t, &d->hosts);
		else
			finish(t);
	}
	serve(d);
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
		dequeue(d, t);
		d->pool->events->planned(t, &d->hosts);
	}
}

static struct connection *
idle_for_queue(const struct destination *d)
{
	struct connection *c;
	DL_FOREACH (d->connections, c)
		if (c->idle && next_for(d, c->host_index))
			return c;
	return NULL;
}

/* Waking one may end it and others: the list is searched anew each time. */
static void
wake_idle(struct destination *d)
{
	struct connection *c;
	while (d->queued && (c = idle_for_queue(d)))
		connection_wake(c);
}

/* An idle connection to a host that nothing waiting may use makes room. */
static void
drop_useless(struct destination *d)
{
	struct connection *c, *tmp;
	DL_FOREACH_SAFE(d->connections, c, tmp)
	{
		if (!c->idle || next_for(d, c->host_index))
			continue;
		DL_DELETE(d->connections, c);
		d->n_connections--;
		d->n_established--;
		connection_free(c);
		return;
	}
}

/* One connection first; then, as long as sessions come about, twice as many. */
static bool
wants_connection(const struct destination *d)
{
	size_t coming = d->n_connections - d->n_established;
	size_t step = d->n_established ? d->n_established : 1;
	if (d->n_established && d->no_more_until && clock_mono_ms() < d->no_more_until)
		return false;
	return d->queued > coming && coming < step;
}

static void
serve(struct destination *d)
{
	if (d->queued == 0 || d->routing)
		return;
	wake_idle(d);
	if (d->queued == 0 || !wants_connection(d))
		return;
	if (!fresh(d) && !d->connections) {
		d->routing = routing_start(&d->pool->routing, d->domain, on_resolved, d);
		return;
	}
	if (d->pool->options->dry_run) {
		plan_all(d);
		return;
	}
	if (d->n_connections >= d->pool->options->max_connections)
		drop_useless(d);
	while (d->n_connections < d->pool->options->max_connections && wants_connection(d)) {
		size_t index = d->queue->min_host;
		open_connection(d, index < d->hosts.n ? index : 0, false);
	}
}

void
pool_submit(struct transaction *t)
{
	enqueue(t->destination, t);
	serve(t->destination);
}
