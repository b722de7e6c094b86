#include <stdlib.h>

#include "address.h"
#include "cidr.h"
#include "clock.h"
#include "dmarc_row.h"
#include "mem.h"

#define MAX_REASON 200

/* Text behind other words of a line. */
static void
add_rest(struct buf *b, const char *text)
{
	for (size_t i = 0; text && text[i] && i < MAX_REASON; i++)
		buf_addc(b, (unsigned char)text[i] < ' ' ? ' ' : text[i]);
}

static char *
take_text(struct buf *b)
{
	char *text = xmemdup0(b->p ? b->p : "", b->n);
	buf_release(b);
	return text;
}

/* RFC 9990: "pass" is a message that passed where one that fails would have had the
 * policy applied. */
static const char *
disposition(const struct verdict *v)
{
	if (v->dmarc == AUTH_PASS)
		return v->dmarc_policy > DMARC_NONE ? "pass" : "none";
	const char *word = dmarc_policy_word(v->dmarc_disposition);
	return *word ? word : "none";
}

static char *
overrides(const struct verdict *v)
{
	const struct verdict_dmarc *d = &v->dmarc_details;
	struct buf b = {0};
	if (d->override)
		add_rest(&b, d->override);
	else if (d->tested)
		buf_addstr(&b, "policy_test_mode t=y");
	else if (d->sampled_out)
		buf_addstr(&b, "other not one of pct=");
	return take_text(&b);
}

static char *
signatures(const struct verdict *v)
{
	struct buf b = {0};
	for (size_t i = 0; i < v->ndkim; i++) {
		const struct verdict_dkim *d = &v->dkim[i];
		if (!d->domain || !d->selector || strpbrk(d->domain, " \n") ||
			strpbrk(d->selector, " \n"))
			continue;
		buf_addf(&b, "%s %s %s ", auth_word(d->result), d->domain, d->selector);
		add_rest(&b, d->reason);
		buf_addc(&b, '\n');
	}
	return take_text(&b);
}

static char *
envelope_from(const struct record *rec)
{
	struct path path;
	struct str from = record_get(rec, "mail-from");
	bool there = from.p && path_parse(from, &path) == 0 && path.domain.p;
	return there ? str_dup(path.domain) : xstrdup("");
}

static char *
spf_reason(const struct verdict *v)
{
	struct buf b = {0};
	add_rest(&b, v->spf_reason);
	return take_text(&b);
}

static int64_t
received(const struct record *rec)
{
	int64_t ms;
	struct str value = record_get(rec, "received");
	return value.p && clock_parse_rfc3339(value, &ms) == 0 ? ms : clock_now_ms();
}

bool
dmarc_row_make(
	struct dmarc_row *row, const struct record *rec, const struct verdict *v, bool psl)
{
	const struct verdict_dmarc *d = &v->dmarc_details;
	char address[IP_TEXT_SIZE];
	struct ip ip;
	struct str client = record_get(rec, "client-ip");
	if (!d->where || !d->record || !v->dmarc_domain || !client.p ||
		ip_parse(client, &ip) < 0)
		return false;
	*row = (struct dmarc_row){.received_ms = received(rec),
		.text = {[DMARC_POLICY_DOMAIN] = xstrdup(d->where),
			[DMARC_POLICY_RECORD] = xstrdup(d->record),
			[DMARC_POLICY_METHOD] = xstrdup(psl ? "psl" : "treewalk"),
			[DMARC_SOURCE_IP] = xstrdup(ip_text(&ip, address)),
			[DMARC_HEADER_FROM] = xstrdup(v->dmarc_domain),
			[DMARC_ENVELOPE_FROM] = envelope_from(rec),
			[DMARC_DISPOSITION] = xstrdup(disposition(v)),
			[DMARC_DKIM_ALIGNED] = xstrdup(d->dkim ? "pass" : "fail"),
			[DMARC_SPF_ALIGNED] = xstrdup(d->spf ? "pass" : "fail"),
			[DMARC_OVERRIDES] = overrides(v),
			[DMARC_SPF_DOMAIN] = xstrdup(v->spf_domain ? v->spf_domain : ""),
			[DMARC_SPF_RESULT] =
				xstrdup(auth_word(v->spf_local ? AUTH_NONE : v->spf)),
			[DMARC_SPF_REASON] = spf_reason(v),
			[DMARC_SIGNATURES] = signatures(v)}};
	return true;
}

void
dmarc_row_release(struct dmarc_row *row)
{
	for (size_t i = 0; i < DMARC_COLUMNS; i++)
		free(row->text[i]);
}
