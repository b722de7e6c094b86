#include "delivery_impl.h"

static void
add_host_plan(struct buf *b, const struct route *route, const struct host *h,
	const struct peer_policy *first)
{
	buf_addf(b, " %d:%s[%s]", h->preference, h->name, h->ip);
	if (route->kind != ROUTE_UNIX)
		buf_addf(b, ":%d", host_port(h));
	if (h->policy != first)
		buf_addf(b, "/%s", peer_policy_word(h->policy->level));
}

static void
add_plan(struct delivery *d, const struct recipient *r, const struct hosts *hosts)
{
	const struct route *route = d->courier->route;
	const struct peer_policy *first = hosts->list[0].policy;
	struct buf b = {0};
	buf_addf(&b, "%s relay=%s", r->text, route->name);
	if (route->kind == ROUTE_MX)
		buf_addf(&b, " reason=%s", hosts->implicit ? "address-of-domain" : "mx");
	buf_addf(&b, " tls=%s",
		hosts->list[0].tls_wrapped ? "wrapped" : peer_policy_word(first->level));
	if (first->source)
		buf_addf(&b, " by=%s", first->source);
	for (size_t i = 0; i < hosts->n; i++)
		add_host_plan(&b, route, &hosts->list[i], first);
	record_add(d->rec, "plan", buf_str(&b));
	buf_release(&b);
}

void
delivery_plan_failure(struct delivery *d, const struct recipient *r)
{
	record_addf(d->rec, "plan", "%s %s %s", r->text, status_word(r->status), r->reply);
}

void
delivery_on_planned(struct transaction *t, const struct hosts *hosts)
{
	struct part *p = t->delivery;
	struct delivery *d = p->delivery;
	part_collect(p);
	for (size_t i = 0; i < t->smtp.nrcpts; i++) {
		const struct recipient *r = &d->rcpts.list[p->members[i]];
		if (hosts->n)
			add_plan(d, r, hosts);
		else
			delivery_plan_failure(d, r);
	}
	delivery_settle(d);
}
