#include <stdlib.h>
#include <utlist.h>

#include "clock.h"
#include "pool_impl.h"

#define MAX_LOST 3
#define REFUSED_FOR_MS 5000

static size_t
farthest_host(const struct destination *d)
{
	size_t index = 0;
	const struct connection *c;
	DL_FOREACH (d->connections, c)
		index = c->host_index > index ? c->host_index : index;
	return index;
}

static struct transaction *
next_unserved(const struct destination *d)
{
	size_t farthest = farthest_host(d);
	struct transaction *t;
	DL_FOREACH (d->queue, t)
		if (!d->connections || t->min_host > farthest)
			return t;
	return NULL;
}

void
destination_fail_unserved(struct destination *d, enum status s, const char *reply)
{
	struct transaction *t;
	while ((t = next_unserved(d))) {
		destination_dequeue(d, t);
		transaction_fail(t, s, reply);
		destination_finish(t);
	}
}

static struct smtp_transaction *
on_ready(struct connection *c)
{
	struct destination *d = c->owner;
	destination_forget_failure(d);
	if (!c->counted) {
		note_session(c);
		if (c->token && c->client.auth_token)
			c->token->accepted = true;
		dead_servers_forget(&d->pool->dead, &c->host);
	}
	d->n_established += !c->counted;
	c->counted = true;
	struct transaction *t = destination_next(d, c->host_index);
	if (!t || !destination_may_go(d))
		return NULL;
	destination_went(d);
	destination_dequeue(d, t);
	return &t->smtp;
}

static struct transaction *
of_smtp(struct smtp_transaction *s)
{
	return s ? (struct transaction *)((char *)s - offsetof(struct transaction, smtp))
		 : NULL;
}

/* The first host of another server: another address of the same
 * server would say the same. */
static size_t
next_server(const struct destination *d, size_t index)
{
	size_t i = index;
	while (i < d->hosts.n && host_same_server(&d->hosts.list[i], &d->hosts.list[index]))
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
		destination_enqueue(t->destination, t);
	else
		destination_finish(t);
}

/* What closed one connection is likely to have closed those that rest too, and each of
 * them would cost a transaction one of its tries. */
static void
drop_idle(struct destination *d)
{
	struct connection *c, *tmp;
	DL_FOREACH_SAFE(d->connections, c, tmp)
	if (c->idle)
		destination_drop(d, c);
}

/* What a session that ended leaves of its transaction. */
static void
leftover(struct connection *c, struct transaction *t)
{
	struct destination *d = c->owner;
	const char *reply = buf_cstr(&c->client.failure);
	note_host(t, c);
	if (!c->client.dot_sent && c->reused && t->lost < MAX_LOST) {
		t->lost++; /* the server tired of the connection, not of this mail */
		drop_idle(d);
		destination_enqueue(d, t);
	} else if (!c->client.dot_sent && c->client.failure_status == STATUS_TEMPFAIL &&
		   c->host_index + 1 < d->hosts.n) {
		t->min_host = c->host_index + 1;
		destination_enqueue(d, t);
	} else {
		transaction_fail(t, c->client.failure_status, reply);
		note_host(t, c);
		destination_finish(t);
	}
}

/* From that host on, of those that belong to its server; passing over what is dead. */
static struct candidates
candidates(const struct destination *d, size_t from)
{
	const struct dead_servers *dead = &d->pool->dead;
	int64_t now = clock_mono_ms();
	size_t first = dead_servers_pass(dead, &d->hosts, from, now), n = 1;
	bool all = dead_servers_has(dead, &d->hosts.list[first], now);
	while (first + n < d->hosts.n &&
		host_same_server(&d->hosts.list[first], &d->hosts.list[first + n]) &&
		(all || !dead_servers_has(dead, &d->hosts.list[first + n], now)))
		n++;
	return (struct candidates){d->hosts.list, first, n};
}

static const struct connection_events connection_events;

/* Where there is none to be had a password may do. */
static void
give_token(struct connection *c)
{
	const struct pool *p = ((struct destination *)c->owner)->pool;
	struct token_source *tokens = p->options->tokens;
	struct access_token *t = tokens ? token_source_current(tokens) : NULL;
	if (t && !(p->route->smtp.password && token_source_state(tokens) == TOKEN_FAILED))
		connection_use_token(c, t);
}

static void
connect_to(struct destination *d, const struct candidates *to, bool in_clear)
{
	struct pool *p = d->pool;
	struct connection *c = connection_open(p->loop, &p->options->connection,
		&connection_events, d, p->tls, p->route, to, in_clear);
	give_token(c);
	DL_APPEND(d->connections, c);
	d->n_connections++;
}

void
destination_connect(struct destination *d, size_t index)
{
	struct candidates to = candidates(d, index);
	connect_to(d, &to, false);
}

static void
on_missed(struct connection *c, const struct host *host, const char *why)
{
	struct destination *d = c->owner;
	dead_servers_note(&d->pool->dead, host, clock_mono_ms());
	note_missed_host(d, host, why);
}

static void
fail_by_failure(struct destination *d)
{
	struct failure failure = d->failure;
	d->failure = (struct failure){0};
	destination_fail_unserved(d, failure.status, failure.reply);
	free(failure.reply);
}

/* The session never got ready: the next host, or the end of the road. */
static void
host_failed(struct destination *d, const struct connection *c, size_t index)
{
	bool may = c->settings.tls == SMTP_TLS_MAY && !c->host.tls_wrapped;
	bool in_clear = c->tls_failed && may && !c->in_clear;
	if (c->reached)
		note_failed_host(c);
	if (c->reached && !in_clear)
		dead_servers_note(&d->pool->dead, &c->host, clock_mono_ms());
	note_failure(d, c);
	d->no_more_until = clock_mono_ms() + REFUSED_FOR_MS;
	if (d->queued == 0)
		return;
	if (in_clear && index < d->hosts.n)
		connect_to(d, &(struct candidates){d->hosts.list, index, 1}, true);
	else if (index + 1 < d->hosts.n)
		destination_connect(d, index + 1);
	else
		fail_by_failure(d);
}

/* Another token may be what it needed. */
static bool
token_again(const struct connection *c)
{
	const struct destination *d = c->owner;
	return c->client.token_refused && c->token &&
	       token_source_refused(d->pool->options->tokens, c->token, c->client.failure.p);
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
	else if (!c->established && !token_again(c))
		host_failed(d, c, c->host_index);
	connection_free(c);
	destination_serve(d);
}

static const struct connection_events connection_events = {
	.missed = on_missed, .ready = on_ready, .over = on_over, .ended = on_ended};
