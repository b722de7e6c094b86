#include <stdlib.h>

#include "dmarc_psl.h"
#include "registrable.h"

int
dmarc_mode(const char *word, bool *psl)
{
	*psl = str_eq(str_of(word), STR("rfc7489"));
	return *psl || str_eq(str_of(word), STR("rfc9989")) ? 0 : -1;
}

const char *
dmarc_psl_organization(const char *domain)
{
	const char *registered = registrable_domain(domain);
	return registered ? registered : domain;
}

/* p= is required, unless there is rua=. */
static bool
usable(const struct dmarc_record *r)
{
	return r->has_p || r->has_rua;
}

enum walk_step
dmarc_psl_discover(struct answers *answers, const char *author, struct dmarc_record *record,
	const char **where)
{
	const char *const places[] = {author, dmarc_psl_organization(author)};
	*where = NULL;
	for (size_t i = 0; i < 2 && !*where; i++) {
		int got = dmarc_fetch(answers, places[i], record);
		if (got < 0)
			return got == -1 ? WALK_WAIT : WALK_TEMPERROR;
		if (got && usable(record))
			*where = places[i];
	}
	return WALK_DONE;
}

bool
dmarc_psl_sampled(int pct)
{
	return pct >= 100 || (int)arc4random_uniform(100) < pct;
}
