/* engines.h: the engines that one can choose by name. */
#ifndef MM_VERDICT_ENGINES_H
#define MM_VERDICT_ENGINES_H

#include "spf_engine.h"

#define SPF_ENGINES "native or libspf2"

const struct spf_engine *spf_engine_named(const char *name); /* NULL: none */

#endif
