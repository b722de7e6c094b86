#include <sysexits.h>

#include "commands.h"
#include "opt.h"
#include "utf8.h"

const char *
options_reason(const struct options *o)
{
	if (!o->reason || str_trim(str_of(o->reason)).n == 0)
		opt_usage(EX_USAGE, "expected --reason with a text");
	if (!utf8_valid(str_of(o->reason)))
		opt_usage(EX_USAGE, "expected --reason in UTF-8");
	return o->reason;
}
