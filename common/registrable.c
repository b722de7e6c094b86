#include <libpsl.h>
#include <stdbool.h>

#include "registrable.h"

/* The newest list that the system has, read once; what is built in where it has
 * none. */
static const psl_ctx_t *
suffixes(void)
{
	static const psl_ctx_t *list;
	static bool asked;
	if (!asked) {
		asked = true;
		list = psl_latest(NULL);
		if (!list)
			list = psl_builtin();
	}
	return list;
}

const char *
registrable_domain(const char *domain)
{
	const psl_ctx_t *list = suffixes();
	return list ? psl_registrable_domain(list, domain) : NULL;
}
