#include <stdlib.h>

#include "address.h"
#include "clock.h"
#include "crlf_check.h"
#include "delivery_impl.h"
#include "idn.h"
#include "log.h"
#include "mem.h"
#include "message.h"

static void
log_result(const struct delivery *d, const struct recipient *r)
{
	static const char *const words[] = {"", "delivered", "deferred", "refused"};
	struct logline l;
	log_begin(&l, r->status == STATUS_OK ? LOG_INFO : LOG_WARN, words[r->status]);
	log_str(&l, "id", record_get(d->rec, "id"));
	log_cstr(&l, "rcpt", r->text);
	log_cstr(&l, "relay", d->courier->route->name);
	log_cstr(&l, "via", r->via);
	log_cstr(&l, "reply", r->reply);
	log_end(&l);
}

static void
free_delivery(struct delivery *d)
{
	for (size_t i = 0; i < d->nparts; i++) {
		free(d->parts[i]->members);
		free(d->parts[i]->transaction.smtp.rcpts);
		free(d->parts[i]);
	}
	free(d->parts);
	recipients_release(&d->rcpts);
	record_free(d->envelope);
	free(d->mail_from);
	free(d->mail_params);
	free(d);
}

void
delivery_settle(struct delivery *d)
{
	if (--d->outstanding > 0)
		return;
	struct courier *c = d->courier;
	struct record *r = d->rec;
	if (!c->dry_run) {
		for (size_t i = 0; i < d->rcpts.n; i++)
			log_result(d, &d->rcpts.list[i]);
		recipients_write(&d->rcpts, r, c->route->name,
			c->route->smtp.lmtp || c->route->kind == ROUTE_MAILDIR);
	}
	free_delivery(d);
	c->in_flight--;
	c->finished(c->arg, r);
}

static void
decide(struct recipient *r, enum status status, const char *reply)
{
	if (r->status != STATUS_NONE)
		return;
	r->status = status;
	r->reply = xstrdup(reply);
}

static void
decide_all(struct delivery *d, enum status status, const char *reply)
{
	for (size_t i = 0; i < d->rcpts.n; i++)
		decide(&d->rcpts.list[i], status, reply);
}

void
part_collect(struct part *p)
{
	struct smtp_transaction *s = &p->transaction.smtp;
	for (size_t i = 0; i < s->nrcpts; i++) {
		struct recipient *r = &p->delivery->rcpts.list[p->members[i]];
		r->status = s->rcpts[i].status;
		r->reply = s->rcpts[i].reply;
		r->via = s->rcpts[i].via;
		s->rcpts[i].reply = s->rcpts[i].via = NULL;
	}
}

static void
on_done(struct transaction *t)
{
	struct part *p = t->delivery;
	part_collect(p);
	delivery_settle(p->delivery);
}

const struct pool_events delivery_events = {.done = on_done, .planned = delivery_on_planned};

static struct part *
new_part(struct delivery *d)
{
	struct part *p = xcalloc(1, sizeof(*p));
	d->parts = xgrow(d->parts, &d->parts_cap, d->nparts + 1, sizeof(*d->parts));
	d->parts[d->nparts++] = p;
	d->outstanding++;
	p->delivery = d;
	p->transaction.delivery = p;
	return p;
}

static struct part *
new_transaction(struct delivery *d, struct destination *to)
{
	struct part *p = new_part(d);
	p->transaction.destination = to;
	p->transaction.smtp = (struct smtp_transaction){.mail_from = str_of(d->mail_from),
		.mail_params = str_of(d->mail_params),
		.message = str_n(d->rec->body->p, d->rec->body->n),
		.eight_bit = d->traits.header_8bit || d->traits.body_8bit,
		.utf8 = d->utf8,
		.binary = d->binary,
		.text = d->text,
		.requiretls = d->requiretls};
	*destination_open(to) = &p->transaction;
	return p;
}

static struct part *
open_part(struct delivery *d, struct destination *to)
{
	struct transaction *t = *destination_open(to);
	struct part *p = t ? t->delivery : NULL;
	return p && t->smtp.nrcpts < SMTP_MAX_RCPTS ? p : new_transaction(d, to);
}

static void
add_member(struct part *p, size_t index)
{
	struct recipient *r = &p->delivery->rcpts.list[index];
	struct smtp_transaction *s = &p->transaction.smtp;
	size_t cap = p->cap;
	p->members = xgrow(p->members, &cap, s->nrcpts + 1, sizeof(*p->members));
	s->rcpts = xgrow(s->rcpts, &p->cap, s->nrcpts + 1, sizeof(*s->rcpts));
	p->members[s->nrcpts] = index;
	s->rcpts[s->nrcpts++] =
		(struct smtp_rcpt){.path = str_of(r->rewritten ? r->rewritten : r->text),
			.params = str_of(r->params),
			.utf8 = r->path.utf8};
}

static void
assign(struct delivery *d, size_t index)
{
	struct courier *c = d->courier;
	struct recipient *r = &d->rcpts.list[index];
	char *domain = NULL;
	if (c->route->kind != ROUTE_MX)
		domain = xstrdup("");
	else if (r->path.domain.p)
		domain = idn_ascii(r->path.domain);
	if (domain)
		add_member(open_part(d, pool_destination(c->pool, domain, d->first)), index);
	else
		decide(r, STATUS_PERMFAIL, "553 5.1.3 the address has no domain to look up");
	free(domain);
}

static void
submit_all(struct delivery *d)
{
	size_t n = d->nparts;
	for (size_t i = 0; i < n; i++)
		*destination_open(d->parts[i]->transaction.destination) = NULL;
	for (size_t i = 0; i < n; i++)
		pool_submit(&d->parts[i]->transaction);
}

static void
on_maildir(void *arg, enum status status, const char *reply)
{
	struct part *p = arg;
	decide(&p->delivery->rcpts.list[p->rcpt], status, reply);
	delivery_settle(p->delivery);
}

static void
to_maildir(struct delivery *d, size_t index)
{
	struct recipient *r = &d->rcpts.list[index];
	struct buf dir = {0};
	if (maildir_path(d->courier->route->path, &r->path, &dir) < 0) {
		decide(r, STATUS_PERMFAIL, "553 5.1.3 the address cannot name a mailbox");
	} else if (d->courier->dry_run) {
		record_addf(d->rec, "plan", "%s relay=%s maildir=%s", r->text,
			d->courier->route->name, buf_cstr(&dir));
	} else {
		struct part *p = new_part(d);
		p->rcpt = index;
		maildir_add(d->courier->maildirs, buf_cstr(&dir), str_of(d->mail_from),
			r->path.address, str_n(d->rec->body->p, d->rec->body->n), on_maildir,
			p);
	}
	buf_release(&dir);
}

/* A bounce comes to the address that we sent from, and goes on to whom it stands for. */
static void
reverse(struct delivery *d, struct recipient *r)
{
	struct buf address = {0};
	switch (srs_reverse(d->courier->reverse, r->path.address, clock_now_ms(), &address)) {
	case SRS_REVERSED:
		r->rewritten = xasprintf("<%s>", buf_cstr(&address));
		if (path_parse(str_of(r->rewritten), &r->path) < 0)
			decide(r, STATUS_PERMFAIL, "553 5.1.3 it stands for no address");
		break;
	case SRS_FORGED:
		decide(r, STATUS_PERMFAIL, "550 5.1.1 this address was not made here");
		break;
	case SRS_EXPIRED:
		decide(r, STATUS_PERMFAIL, "550 5.1.1 this address is too old");
		break;
	default:
		break;
	}
	buf_release(&address);
}

/* RFC 6531 section 3.4: a header in UTF-8 needs the extension where it came by it. */
static int
read_sender(struct delivery *d)
{
	static const char *const passed_on[] = {"RET", "ENVID", NULL}; /* RFC 3461 */
	const struct srs *srs = d->courier->srs;
	struct str value = record_get(d->envelope, "mail-from");
	struct path path;
	struct buf address = {0};
	if (path_parse(value.p ? value : STR("<>"), &path) < 0)
		return -1;
	if (srs && path.address.n)
		srs_forward(srs, path.address, clock_now_ms(), &address);
	else
		buf_adds(&address, path.address);
	d->mail_from = xasprintf("<%s>", buf_cstr(&address));
	d->mail_params = params_only(&path, passed_on);
	d->utf8 =
		path.utf8 || (path_param(&path, "SMTPUTF8").p != NULL && d->traits.header_8bit);
	bool binarymime = str_ieq(path_param(&path, "BODY"), STR("BINARYMIME"));
	if (binarymime || d->courier->route->smtp.chunking)
		d->text = crlf_is_text(str_n(d->rec->body->p, d->rec->body->n));
	d->binary = binarymime && !d->text;
	d->requiretls = path_param(&path, "REQUIRETLS").p != NULL;
	buf_release(&address);
	return 0;
}

/* Why nobody can have it, or NULL. */
static const char *
refusal(struct delivery *d)
{
	const struct courier *c = d->courier;
	struct str message = str_n(d->rec->body->p, d->rec->body->n);
	if (read_sender(d) < 0)
		return "501 5.1.7 the reverse-path is not an address";
	if (d->requiretls && c->route->kind == ROUTE_UNIX)
		return "550 5.7.30 REQUIRETLS support required, and a socket has no TLS";
	if (message.n == 0 && !c->dry_run)
		return "554 5.6.0 there is an envelope, but no message";
	if (message_hops(message) > c->max_hops)
		return "554 5.4.6 too many hops, this message is going in circles";
	return NULL;
}

void
delivery_start(struct courier *courier, struct record *r)
{
	struct delivery *d = xcalloc(1, sizeof(*d));
	d->courier = courier;
	courier->in_flight++;
	d->rec = r;
	d->envelope = record_clone(r);
	d->outstanding = 1;
	d->traits = wire_traits(str_n(r->body->p, r->body->n));
	if (courier->route->servers.n)
		d->first = relay_servers_first(&courier->route->servers, relay_random);
	recipients_read(&d->rcpts, d->envelope);
	const char *why = refusal(d);
	if (why)
		decide_all(d, STATUS_PERMFAIL, why);
	for (size_t i = 0; i < d->rcpts.n; i++) {
		if (courier->reverse && d->rcpts.list[i].status == STATUS_NONE)
			reverse(d, &d->rcpts.list[i]);
		if (d->rcpts.list[i].status != STATUS_NONE)
			continue;
		if (courier->route->kind == ROUTE_MAILDIR)
			to_maildir(d, i);
		else
			assign(d, i);
	}
	for (size_t i = 0; i < d->rcpts.n && courier->dry_run; i++)
		if (d->rcpts.list[i].status != STATUS_NONE)
			delivery_plan_failure(d, &d->rcpts.list[i]);
	if (courier->route->kind != ROUTE_MAILDIR)
		submit_all(d);
	delivery_settle(d);
}
