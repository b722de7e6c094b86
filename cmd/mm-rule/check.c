#include <stdlib.h>
#include <sysexits.h>

#include "check.h"
#include "lint.h"

int
check(char **operands, const struct ruleset_options *options)
{
	struct problems ps = {0};
	for (; *operands; operands++) {
		char *file, *via;
		if (ruleset_find(*operands, options->site, &file, &via, &ps) == 0) {
			struct ruleset *set = ruleset_load(file, options, &ps);
			if (set)
				ruleset_lint(set, &ps);
			ruleset_unref(set);
		}
		free(file);
		free(via);
	}
	problems_print(&ps, stdout);
	int status = ps.errors ? EX_DATAERR : EX_OK;
	problems_release(&ps);
	return status;
}
