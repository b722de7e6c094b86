#include <stdlib.h>
#include <string.h>

#include "authserv.h"
#include "lint_signing.h"
#include "mem.h"
#include "site.h"

/* Is it the domain, or a parent of it? */
static bool
is_over(struct str parent, struct str domain)
{
	if (parent.n == 0 || !str_iends(domain, parent))
		return false;
	return parent.n == domain.n || domain.p[domain.n - parent.n - 1] == '.';
}

/* A key of the domain; where that is absent, any. */
static bool
serves(void *arg, const char *path)
{
	const struct str *domain = arg;
	struct problems ignored = {0};
	struct json_doc doc;
	bool is = false;
	if (json_doc_load(&doc, path, &ignored) == 0) {
		struct str own = json_str(doc.root, "Domain");
		is = own.n && (!domain->p || is_over(own, *domain));
		json_doc_release(&doc);
	}
	problems_release(&ignored);
	return is;
}

void
lint_signing(const struct ruleset *set, const struct action *a, const json_t *json,
	const struct json_at *at, struct problems *ps)
{
	const char *site = set->references.dir;
	struct json_at member = {at, action_name(a->kind), 0};
	if ((a->kind != ACTION_SIGN_DKIM && a->kind != ACTION_SEAL_ARC) ||
		strcmp(a->argv[0], "mm-verdict") != 0) /* -x has put something else there */
		return;
	/* what mm-verdict seals as */
	char *own = a->kind == ACTION_SEAL_ARC ? authserv_name(site, NULL) : NULL;
	struct str domain =
		own ? str_of(own) : json_str(json_object_get(json, member.key), "Domain");
	char *key = site_first_document(site, "dkim-keys", serves, &domain);
	if (!key)
		json_problem(ps, &set->doc, &member, false,
			set->references.lenient ? PROBLEM_WARNING : PROBLEM_ERROR,
			"there is no key for %.*s; expected a file in %s/dkim-keys with its "
			"\"Domain\"",
			STR_ARG(domain.p ? domain : STR("any domain")), site);
	free(key);
	free(own);
}
