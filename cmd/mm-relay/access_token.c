#include <stdlib.h>

#include "access_token.h"
#include "mem.h"
#include "wipe.h"

struct access_token *
access_token_new(struct str text)
{
	struct access_token *t = xcalloc(1, sizeof(*t));
	t->text = str_dup(text);
	t->refs = 1;
	return t;
}

struct access_token *
access_token_ref(struct access_token *t)
{
	t->refs++;
	return t;
}

void
access_token_unref(struct access_token *t)
{
	if (!t || --t->refs > 0)
		return;
	wipe_str(t->text);
	free(t);
}
