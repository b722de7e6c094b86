#include <string.h>

#include "engines.h"

const struct spf_engine *
spf_engine_named(const char *name)
{
	static const struct spf_engine *const all[] = {&spf_native, &spf_libspf2};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}

const struct dkim_engine *
dkim_engine_named(const char *name)
{
	static const struct dkim_engine *const all[] = {&dkim_native, &dkim_opendkim};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}
