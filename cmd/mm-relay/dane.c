#include <stdlib.h>

#include "buf.h"
#include "dane.h"
#include "mem.h"

#define MAX_RECORDS 32

struct dane {
	struct dns *dns;
	char *host, *next_hop;
	char *base; /* the name that is asked about now */
	int port;
	dane_done *done;
	void *arg;
	struct dns_query *query;
};

static void on_tlsa(void *arg, const struct dns_answer *a);

static void
ask(struct dane *d)
{
	char *name = xasprintf("_%d._tcp.%s", d->port, d->base);
	d->query = dns_ask(d->dns, name, DNS_TLSA, 0, on_tlsa, d);
	free(name);
}

void
dane_cancel(struct dane *d)
{
	if (d->query)
		dns_cancel(d->query);
	free(d->host);
	free(d->next_hop);
	free(d->base);
	free(d);
}

static void
give(struct dane *d, struct peer_policy *policy, const char *why)
{
	dane_done *done = d->done;
	void *arg = d->arg;
	dane_cancel(d);
	done(arg, policy, why);
}

/* RFC 8460 section 4.4: the records as text. */
static json_t *
report_policy(const struct dane *d, const struct dns_answer *a)
{
	json_t *list = json_array();
	struct buf text = {0};
	for (size_t i = 0; i < a->n && i < MAX_RECORDS; i++) {
		struct str r = a->rdata[i];
		buf_reset(&text);
		for (size_t k = 0; k < r.n; k++)
			buf_addf(&text, k < 3 ? "%u " : "%02x", (unsigned char)r.p[k]);
		json_array_append_new(list, json_stringn(text.p, text.n));
	}
	buf_release(&text);
	return json_pack("{s:s,s:o,s:s,s:[s]}", "policy-type", "tlsa", "policy-string", list,
		"policy-domain", d->next_hop, "mx-host", d->host);
}

/* RFC 7672 section 2.2: records none of which can be used still say that there is TLS. */
static struct peer_policy *
make_policy(const struct dane *d, const struct dns_answer *a)
{
	struct peer_policy *p = peer_policy_new(SMTP_TLS_ENCRYPT);
	struct tlsa t;
	p->source = "dane";
	for (size_t i = 0; i < a->n && p->ntlsa < MAX_RECORDS; i++)
		if (tlsa_read(&t, a->rdata[i]))
			peer_policy_add_tlsa(p, &t);
	p->report = report_policy(d, a);
	if (p->ntlsa == 0)
		return p;
	p->level = SMTP_TLS_DANE;
	p->vouched = true;
	peer_policy_add_name(p, str_of(d->base));
	if (strcmp(d->base, d->host) != 0)
		peer_policy_add_name(p, str_of(d->host));
	if (strcmp(d->next_hop, d->host) != 0)
		peer_policy_add_name(p, str_of(d->next_hop));
	return p;
}

static void
on_tlsa(void *arg, const struct dns_answer *a)
{
	struct dane *d = arg;
	d->query = NULL;
	if (a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS) {
		char *why = xasprintf("TLSA of %s: %s", d->base, a->why);
		give(d, NULL, why);
		free(why);
	} else if (a->status == DNS_FOUND && a->secure) {
		give(d, make_policy(d, a), NULL);
	} else if (strcmp(d->base, d->host) != 0) {
		/* RFC 7671 section 7: first where the CNAMEs lead, then the name itself. */
		free(d->base);
		d->base = xstrdup(d->host);
		ask(d);
	} else {
		give(d, NULL, NULL);
	}
}

struct dane *
dane_start(struct dns *dns, const char *host, const char *canonical, int port,
	const char *next_hop, dane_done *done, void *arg)
{
	struct dane *d = xcalloc(1, sizeof(*d));
	d->dns = dns;
	d->host = xstrdup(host);
	d->base = xstrdup(canonical ? canonical : host);
	d->next_hop = xstrdup(next_hop);
	d->port = port;
	d->done = done;
	d->arg = arg;
	ask(d);
	return d;
}
