/* engines.h: the engines that one can choose by name. */
#ifndef MM_VERDICT_ENGINES_H
#define MM_VERDICT_ENGINES_H

#include "dkim_engine.h"
#include "spf_engine.h"

#define SPF_ENGINES "native or libspf2"
#define DKIM_ENGINES "native or libopendkim"

const struct spf_engine *spf_engine_named(const char *name); /* NULL: none */
const struct dkim_engine *dkim_engine_named(const char *name);

#endif
