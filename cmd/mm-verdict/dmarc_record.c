#include "dmarc_record.h"
#include "num.h"
#include "tags.h"

static const char *const words[] = {"", "none", "quarantine", "reject"};

const char *
dmarc_policy_word(enum dmarc_policy p)
{
	return words[p];
}

/* False when there is a value and it is no policy. */
static bool
policy(struct str value, enum dmarc_policy *out)
{
	*out = DMARC_UNSET;
	for (int i = DMARC_NONE; i <= DMARC_REJECT; i++)
		if (value.p && str_ieq(value, str_of(words[i])))
			*out = (enum dmarc_policy)i;
	return !value.p || *out != DMARC_UNSET;
}

static bool
has_report_uri(struct str rua)
{
	while (rua.p) {
		struct str uri = str_trim(str_cut(&rua, ','));
		if (str_istarts(uri, STR("mailto:")) && uri.n > strlen("mailto:") &&
			memchr(uri.p, '@', uri.n))
			return true;
	}
	return false;
}

/* "v=DMARC1" comes first, with spaces allowed around the "=". */
static bool
is_record(struct str txt)
{
	struct str value = txt, first = str_cut(&value, ';'), name;
	value = first;
	name = str_cut(&value, '=');
	return value.p && str_eq(str_trim(name), STR("v")) &&
	       str_eq(str_trim(value), STR("DMARC1"));
}

int
dmarc_record_parse(struct dmarc_record *r, struct str txt)
{
	struct tags t;
	*r = (struct dmarc_record){.psd = 'u', .pct = 100};
	if (!is_record(txt) || tags_parse_loosely(&t, txt) < 0)
		return -1;
	bool valid = policy(tags_get(&t, "p"), &r->p);
	valid = policy(tags_get(&t, "sp"), &r->sp) && valid;
	valid = policy(tags_get(&t, "np"), &r->np) && valid;
	if (!valid) {
		if (!has_report_uri(tags_get(&t, "rua")))
			return -1;
		r->p = DMARC_NONE;
		r->sp = r->np = DMARC_UNSET;
	}
	r->has_p = tags_get(&t, "p").p != NULL;
	r->has_rua = has_report_uri(tags_get(&t, "rua"));
	(void)num_int(tags_get(&t, "pct"), 0, 100, &r->pct);
	if (r->p == DMARC_UNSET)
		r->p = DMARC_NONE;
	r->strict_dkim = str_ieq(tags_get(&t, "adkim"), STR("s"));
	r->strict_spf = str_ieq(tags_get(&t, "aspf"), STR("s"));
	struct str psd = tags_get(&t, "psd");
	if (psd.n == 1 && strchr("yYnN", psd.p[0]))
		r->psd = ascii_lower(psd.p[0]);
	r->testing = str_ieq(tags_get(&t, "t"), STR("y"));
	return 0;
}

bool
dmarc_record_text(struct buf *out, const struct answer *a)
{
	struct buf txt = {0};
	size_t n = 0;
	for (size_t i = 0; i < a->n; i++) {
		buf_reset(&txt);
		if (dns_rdata_txt(a->rdata[i], &txt) < 0 || !is_record(buf_str(&txt)))
			continue;
		if (n++ == 0)
			buf_add(out, txt.p, txt.n);
	}
	buf_release(&txt);
	return n == 1;
}

bool
dmarc_record_select(struct dmarc_record *r, const struct answer *a)
{
	struct buf txt = {0};
	bool usable = dmarc_record_text(&txt, a) && dmarc_record_parse(r, buf_str(&txt)) == 0;
	buf_release(&txt);
	return usable;
}
