#include "route_secret.h"
#include "sasl.h"

int
route_secret_read(struct route *r, const struct json_doc *doc, struct problems *ps)
{
	struct str user = json_str(doc->root, "username");
	struct str password = json_str(doc->root, "password");
	struct str token = json_str(doc->root, "access-token");
	bool meant = token_grant_meant(doc->root);
	if (meant && token_grant_read(&r->grant, doc, ps) < 0)
		return -1;
	if (!user.p || !(password.p || token.p || meant) ||
		(token.p && !sasl_token_fine(token))) {
		json_problem(ps, doc, NULL, false, PROBLEM_ERROR,
			"expected \"username\", and \"password\", an OAuth \"access-token\", "
			"or "
			"\"token-endpoint\" and what gets one there");
		return -1;
	}
	r->smtp.user = str_dup(user);
	r->smtp.password = password.p ? str_dup(password) : NULL;
	r->smtp.token = token.p ? str_dup(token) : NULL;
	return 0;
}
