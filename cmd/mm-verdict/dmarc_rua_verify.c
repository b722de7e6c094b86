#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "dmarc_psl.h"
#include "dmarc_rua.h"
#include "mem.h"
#include "tags.h"

enum permission { PERMITTED, REFUSED, UNKNOWN };

/* Are both domains of one organization?  1, 0, -1 not known yet, -2 the DNS failed. */
static int
same_organization(const char *a, const char *b, bool psl, struct answers *answers)
{
	struct dmarc_walk wa, wb;
	if (strcasecmp(a, b) == 0)
		return 1;
	if (psl)
		return strcasecmp(dmarc_psl_organization(a), dmarc_psl_organization(b)) == 0;
	enum walk_step x = dmarc_walk(&wa, answers, a), y = dmarc_walk(&wb, answers, b);
	if (x == WALK_WAIT || y == WALK_WAIT)
		return -1;
	if (x != WALK_DONE || y != WALK_DONE)
		return -2;
	return strcasecmp(wa.organization, wb.organization) == 0;
}

static bool
is_consent(struct str txt, struct tags *t)
{
	return tags_parse(t, txt) == 0 && str_eq(t->list[0].name, STR("v")) &&
	       str_eq(t->list[0].value, STR("DMARC1"));
}

/* The addresses that the receiver of reports wants them at instead; all must be at
 * its own host, else nothing is sent at all. */
static enum permission
take_instead(struct dmarc_rua *instead, struct str value, const char *host)
{
	dmarc_rua_parse(instead, value);
	for (size_t i = 0; i < instead->n; i++)
		if (strcasecmp(instead->list[i].host, host) != 0)
			return REFUSED;
	return PERMITTED;
}

static enum permission
read_consent(const struct answer *a, const char *host, struct dmarc_rua *instead)
{
	enum permission p = REFUSED;
	struct buf txt = {0};
	struct tags t;
	for (size_t i = 0; i < a->n; i++) {
		buf_reset(&txt);
		if (dns_rdata_txt(a->rdata[i], &txt) < 0 || !is_consent(buf_str(&txt), &t))
			continue;
		struct str rua = tags_get(&t, "rua");
		p = PERMITTED;
		if (!rua.p || instead->n)
			continue;
		p = take_instead(instead, rua, host);
		if (p == REFUSED)
			break;
	}
	buf_release(&txt);
	return p;
}

static enum permission
ask(const char *domain, const char *host, struct answers *answers, struct dmarc_rua *instead)
{
	char name[2 * DNS_NAME_SIZE + 32];
	(void)snprintf(name, sizeof(name), "%s._report._dmarc.%s", domain, host);
	const struct answer *a = answers_get(answers, name, DNS_TXT);
	if (!a)
		return UNKNOWN;
	return read_consent(a, host, instead);
}

static void
add_copy(struct dmarc_rua *out, const struct dmarc_rua *from, size_t i)
{
	for (size_t k = 0; k < out->n; k++)
		if (strcmp(out->list[k].address, from->list[i].address) == 0)
			return;
	if (out->n == DMARC_RUA_MAX)
		return;
	out->list[out->n] = from->list[i];
	out->list[out->n].address = xstrdup(from->list[i].address);
	out->list[out->n].host = xstrdup(from->list[i].host);
	out->n++;
}

static enum permission
verify_one(const struct dmarc_rua *asked, size_t i, const char *domain, bool psl,
	struct answers *answers, struct dmarc_rua *out)
{
	struct dmarc_rua instead = {.n = 0};
	const char *host = asked->list[i].host;
	int same = same_organization(domain, host, psl, answers);
	enum permission p = same == 1    ? PERMITTED
			    : same == -1 ? UNKNOWN
					 : ask(domain, host, answers, &instead);
	if (p == PERMITTED && instead.n == 0)
		add_copy(out, asked, i);
	for (size_t k = 0; p == PERMITTED && k < instead.n; k++)
		add_copy(out, &instead, k);
	dmarc_rua_release(&instead);
	return p;
}

enum step
dmarc_rua_verify(const struct dmarc_rua *asked, const char *domain, bool psl,
	struct answers *answers, struct dmarc_rua *out)
{
	bool waiting = false;
	out->n = 0;
	for (size_t i = 0; i < asked->n; i++)
		if (verify_one(asked, i, domain, psl, answers, out) == UNKNOWN)
			waiting = true;
	if (!waiting)
		return STEP_DONE;
	dmarc_rua_release(out);
	return STEP_WAIT;
}
