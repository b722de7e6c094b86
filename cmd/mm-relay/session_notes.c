#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "mem.h"
#include "pool_impl.h"

static const char no_starttls[] = "starttls-not-supported"; /* RFC 8460 section 4.3 */

void
destination_forget_failure(struct destination *d)
{
	free(d->failure.reply);
	d->failure = (struct failure){0};
}

/* What a server said tells more than that another could not be reached; and if
 * one host may be better later, nothing is final. */
void
note_failure(struct destination *d, const struct connection *c)
{
	const struct smtp_client *s = &c->client;
	struct failure *f = &d->failure;
	bool better = f->status == STATUS_NONE ||
		      (f->status == STATUS_PERMFAIL && s->failure_status == STATUS_TEMPFAIL) ||
		      (f->status == s->failure_status && c->reached && !f->reached);
	if (!better)
		return;
	destination_forget_failure(d);
	*f = (struct failure){s->failure_status, c->reached, str_dup(buf_str(&s->failure))};
}

/* A session in clear because TLS failed before has been noted by that. */
static void
note_tls(const struct connection *c, const char *problem)
{
	const struct destination *d = c->owner;
	const struct routing_settings *s = &d->pool->routing;
	struct tls_session session = {.domain = d->domain,
		.policy = c->host.policy->report,
		.problem = problem,
		.mx = c->host.name,
		.ip = c->host.ip,
		.detail = buf_str(&c->client.failure)};
	if (s->rpt && s->route->kind == ROUTE_MX && !c->in_clear)
		tls_rpt_note(s->rpt, &session);
}

void
note_session(const struct connection *c)
{
	note_tls(c, c->client.tls_on ? c->tls_problem : no_starttls);
}

void
note_host(struct transaction *t, const struct connection *c)
{
	for (size_t i = 0; i < t->smtp.nrcpts; i++) {
		struct smtp_rcpt *r = &t->smtp.rcpts[i];
		if (r->status != STATUS_NONE && !r->via)
			r->via = xasprintf("host=%s ip=%s tls=%s%s%s%s", c->host.name,
				c->host.ip, c->tls_version, c->verified ? " verified=" : "",
				c->verified ? c->verified : "",
				c->client.ext_dsn ? " dsn=yes" : "");
	}
}

static void
log_failed_host(const struct destination *d, const struct host *host, struct str reply)
{
	struct logline l;
	log_begin(&l, LOG_WARN, "host failed");
	log_cstr(&l, "relay", d->pool->route->name);
	if (*d->domain)
		log_cstr(&l, "domain", d->domain);
	log_cstr(&l, "host", host->name);
	log_cstr(&l, "ip", host->ip);
	log_str(&l, "reply", reply);
	log_end(&l);
}

void
note_missed_host(const struct destination *d, const struct host *host, const char *why)
{
	struct buf reply = {0};
	buf_addf(&reply, "451 4.4.1 cannot connect: %s", why);
	log_failed_host(d, host, buf_str(&reply));
	buf_release(&reply);
}

void
note_failed_host(const struct connection *c)
{
	log_failed_host(c->owner, &c->host, buf_str(&c->client.failure));
	if (c->tls_problem)
		note_tls(c, c->tls_problem);
	else if (c->client.no_tls)
		note_tls(c, no_starttls);
}
