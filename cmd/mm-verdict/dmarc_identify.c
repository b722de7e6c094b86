#include "address.h"
#include "dmarc_identify.h"
#include "idn.h"

static void
add(struct dmarc_input *in, enum auth_result result, const char *domain, bool spf)
{
	struct str name = str_of(domain);
	bool counts = result == AUTH_PASS || result == AUTH_TEMPERROR;
	if (name.n && name.p[name.n - 1] == '.')
		name.n--;
	if (!counts || in->n == DMARC_MAX_IDENTIFIERS || !domain_valid(name))
		return;
	char *ascii = idn_ascii(name);
	if (!ascii)
		return;
	in->owned[in->n] = ascii;
	in->ids[in->n++] = (struct dmarc_identifier){ascii, spf, result == AUTH_TEMPERROR};
}

void
dmarc_identify(struct dmarc_input *in, const struct verdict *v)
{
	if (!v->spf_local) /* what nobody published authenticates no domain */
		add(in, v->spf, v->spf_domain, true);
	for (size_t i = 0; i < v->ndkim; i++)
		add(in, v->dkim[i].result, v->dkim[i].domain, false);
}
