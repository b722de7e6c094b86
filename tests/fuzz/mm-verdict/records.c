/* DMARC, SPF and key records, signatures and tag lists: what is taken lies within
 * what was given. */
#include <stdint.h>
#include <stdlib.h>

#include "dkim_signature.h"
#include "dmarc_record.h"
#include "spf_record.h"
#include "tags.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
within(struct str part, struct str whole)
{
	if (part.p && (part.p < whole.p || part.p + part.n > whole.p + whole.n))
		abort();
}

static void
try_spf(struct str text)
{
	static struct spf_record r;
	const char *error;
	if (!spf_is_record(text) || spf_record_parse(&r, text, &error) < 0)
		return;
	within(r.redirect, text);
	within(r.exp, text);
	for (size_t i = 0; i < r.n; i++) {
		within(r.terms[i].text, text);
		within(r.terms[i].spec, text);
		if (r.terms[i].bits4 > 32 || r.terms[i].bits6 > 128 ||
			r.terms[i].net.bits > 128)
			abort();
	}
}

static void
try_signature(enum dkim_kind kind, struct str text)
{
	struct header_field field = {STR("DKIM-Signature"), text, text};
	struct dkim_signature s;
	dkim_signature_parse(&s, kind, &field, 1700000000);
	if (s.well_formed && (!s.domain || !s.selector || !s.key_name))
		abort();
	within(s.signed_fields, text);
	dkim_signature_release(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	struct dmarc_record dmarc;
	struct dkim_key key;
	struct tags t;
	if (tags_parse(&t, text) == 0)
		for (size_t i = 0; i < t.n; i++) {
			within(t.list[i].name, text);
			within(t.list[i].value, text);
		}
	if (dmarc_record_parse(&dmarc, text) == 0 && dmarc.p == DMARC_UNSET)
		abort();
	try_spf(text);
	(void)dkim_key_parse(&key, text);
	dkim_key_release(&key);
	for (enum dkim_kind kind = DKIM_SIGNATURE; kind <= ARC_SEAL; kind++)
		try_signature(kind, text);
	return 0;
}
