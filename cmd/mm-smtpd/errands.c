#include <stdlib.h>
#include <utlist.h>

#include "clock.h"
#include "errands.h"
#include "journal.h"
#include "mem.h"
#include "outcome.h"

struct probe {
	struct connection *c;
	size_t index;
	struct probe *prev, *next;
};

struct delivery {
	struct server *srv;
	struct connection *c; /* NULL: the client is gone */
	size_t size;
	int64_t sent_ms;
	char id[ULID_SIZE];
};

static void
probed(void *arg, struct record *answer)
{
	struct probe *p = arg;
	struct connection *c = p->c;
	size_t index = p->index;
	DL_DELETE(c->probes, p);
	free(p);
	session_probed(&c->session, index, answer);
	record_free(answer);
	connection_resume(c);
}

static void
send_probe(struct session *s, size_t index, struct record *r)
{
	struct connection *c = s->owner;
	struct probe *p = xcalloc(1, sizeof(*p));
	p->c = c;
	p->index = index;
	DL_APPEND(c->probes, p);
	coproc_send(server_policy(c->srv), r, probed, p);
}

static bool
busy(struct session *s)
{
	struct connection *c = s->owner;
	return c->srv->handler && coproc_full(c->srv->handler);
}

static void
delivered(void *arg, struct record *answer)
{
	struct delivery *d = arg;
	struct server *srv = d->srv;
	struct connection *c = d->c;
	char *reply;
	enum status status = outcome_of_message(answer, d->id, &reply);
	journal_message(srv->cfg, answer,
		&(struct journal_outcome){.id = d->id,
			.size = d->size,
			.status = status,
			.reply = reply,
			.duration_ms = clock_mono_ms() - d->sent_ms,
			.client_gone = !c,
			.trust = trust_dates_of(srv->tls)});
	srv->deliveries--;
	free(d);
	if (c) {
		c->delivery = NULL;
		session_delivered(&c->session, status, reply, answer);
	}
	free(reply);
	record_free(answer);
	if (c)
		connection_resume(c);
	server_settle(srv);
}

static void
deliver(struct session *s, struct record *r)
{
	struct connection *c = s->owner;
	struct delivery *d = xcalloc(1, sizeof(*d));
	*d = (struct delivery){
		.srv = c->srv, .c = c, .size = s->body.octets, .sent_ms = clock_mono_ms()};
	(void)str_copy(str_of(s->tx.id), d->id, sizeof(d->id));
	c->delivery = d;
	c->srv->deliveries++;
	coproc_send(server_handler(c->srv), r, delivered, d);
}

static void
start_delay(struct connection *c, int64_t ms)
{
	ev_timer_stop(c->srv->loop, &c->delay);
	ev_timer_set(&c->delay, (double)ms / 1000, 0.);
	ev_timer_start(c->srv->loop, &c->delay);
}

static void
login_failed(struct connection *c)
{
	c->auth_unavailable = false;
	limits_auth_failed(&c->srv->limits, &c->peer.client.ip, clock_mono_ms());
	start_delay(c, c->srv->cfg->auth_delay_ms << c->session.auth_failures);
}

/* An answer "not now" comes from the loop too, since none may come from within. */
static void
not_now(struct connection *c)
{
	c->auth_unavailable = true;
	start_delay(c, c->srv->cfg->auth_delay_ms);
}

static void
authenticated(void *arg, bool good)
{
	struct connection *c = arg;
	c->auth = NULL;
	journal_login(&c->session, good);
	if (good) {
		session_authenticated(&c->session, AUTH_OK);
		connection_resume(c);
		return;
	}
	login_failed(c);
}

static void
authenticate(struct session *s, const char *user, const char *password)
{
	struct connection *c = s->owner;
	struct server *srv = c->srv;
	if (limits_auth_allowed(&srv->limits, &c->peer.client.ip, clock_mono_ms()))
		c->auth = authenticator_submit(srv->authenticator, &srv->credentials, user,
			password, authenticated, c);
	if (!c->auth)
		not_now(c);
}

static bool
scram(struct session *s, const char *user, struct scram_secret *out)
{
	struct connection *c = s->owner;
	struct server *srv = c->srv;
	if (limits_auth_allowed(&srv->limits, &c->peer.client.ip, clock_mono_ms()) &&
		credentials_scram(&srv->credentials, user, out))
		return true;
	not_now(c);
	return false;
}

static void
scram_judged(struct session *s, bool good)
{
	journal_login(s, good);
	if (!good)
		login_failed(s->owner);
}

void
errands_delay_over(struct connection *c)
{
	session_authenticated(
		&c->session, c->auth_unavailable ? AUTH_UNAVAILABLE : AUTH_FAILED);
	connection_resume(c);
}

static bool
client_is(struct session *s, const struct peer *p)
{
	return connection_client_is(s->owner, p);
}

static void
refused(struct session *s, const struct rcpt *r, const char *reply)
{
	journal_refusal(s, r, reply);
}

const struct session_ops errands = {
	.probe = send_probe,
	.busy = busy,
	.deliver = deliver,
	.authenticate = authenticate,
	.client_is = client_is,
	.scram = scram,
	.scram_judged = scram_judged,
	.refused = refused,
};

void
errands_abandon(struct connection *c)
{
	struct probe *p, *next;
	DL_FOREACH_SAFE(c->probes, p, next)
	{
		coproc_forget(c->srv->policy, p);
		free(p);
	}
	c->probes = NULL;
	if (c->delivery)
		c->delivery->c = NULL;
	if (c->auth)
		authenticator_cancel(c->auth);
}
