#include <glib.h>

#include "fold_case.h"
#include "mem.h"

char *
fold_case(struct str text)
{
	char *folded = g_utf8_casefold(text.p ? text.p : "", (gssize)text.n);
	char *copy = xstrdup(folded);
	g_free(folded);
	return copy;
}
