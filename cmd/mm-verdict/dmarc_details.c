#include <stdio.h>
#include <stdlib.h>

#include "dmarc_details.h"
#include "mem.h"

#define MAX_RECORD 2000 /* octets of a policy record that are kept */

/* The text of the record at a domain; NULL when it is too long to be kept. */
static char *
record_text(struct answers *answers, const char *where)
{
	char name[DNS_NAME_SIZE + 8];
	struct buf text = {0};
	(void)snprintf(name, sizeof(name), "_dmarc.%s", where);
	const struct answer *a = answers_get(answers, name, DNS_TXT);
	bool good = a && dmarc_record_text(&text, a) && text.n <= MAX_RECORD;
	char *copy = good ? xmemdup0(text.p, text.n) : NULL;
	buf_release(&text);
	return copy;
}

static bool
is_override(struct str value)
{
	static const char *const types[] = {
		"local_policy", "mailing_list", "trusted_forwarder", "other"};
	struct str type = str_word(&value);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (str_eq(type, str_of(types[i])))
			return true;
	return false;
}

void
verdict_take_details(struct verdict *v, const struct dmarc_outcome *out,
	struct answers *answers, const struct record *rec)
{
	struct verdict_dmarc *d = &v->dmarc_details;
	struct str override = record_get(rec, "dmarc-override");
	if (!out->where)
		return;
	d->where = xstrdup(out->where);
	d->record = record_text(answers, out->where);
	d->spf = out->spf;
	d->dkim = out->dkim;
	d->tested = out->tested;
	d->sampled_out = out->sampled_out;
	if (v->dmarc == AUTH_FAIL && override.p && is_override(override)) {
		d->override = str_dup(override);
		v->dmarc_disposition = DMARC_NONE;
	}
}
