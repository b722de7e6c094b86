#include <sysexits.h>

#include "check.h"
#include "policy.h"

int
check_policies(const char *dir, bool lenient, char **operands)
{
	struct problems ps = {0};
	for (; *operands; operands++)
		policy_free(policy_load(dir, *operands, lenient, &ps));
	problems_print(&ps, stdout);
	int status = ps.errors ? EX_DATAERR : EX_OK;
	problems_release(&ps);
	return status;
}
