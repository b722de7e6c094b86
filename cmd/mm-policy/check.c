#include <sysexits.h>

#include "check.h"
#include "lint.h"
#include "mailmanager_forms.h"
#include "policy.h"

static void
check_policy(const char *dir, bool lenient, const char *operand, struct problems *ps)
{
	struct json_doc doc;
	struct policy *p = policy_load(dir, operand, lenient, ps);
	if (p && mailmanager_load(&doc, p->files[0], &shape_traffic_policy, ps) == 0) {
		policy_lint(p, &doc, ps);
		json_doc_release(&doc);
	}
	policy_free(p);
}

int
check_policies(const char *dir, bool lenient, char **operands)
{
	struct problems ps = {0};
	for (; *operands; operands++)
		check_policy(dir, lenient, *operands, &ps);
	problems_print(&ps, stdout);
	int status = ps.errors ? EX_DATAERR : EX_OK;
	problems_release(&ps);
	return status;
}
