#include <stdlib.h>

#include "lint_relay.h"
#include "mem.h"
#include "site.h"

#define SMTP_PORT 25

/* Without the dot that may stand behind a domain. */
static bool
same_host(struct str a, struct str b)
{
	if (str_ends(a, STR(".")))
		a.n--;
	if (str_ends(b, STR(".")))
		b.n--;
	return a.n > 0 && str_ieq(a, b);
}

/* Is it where an ingress point of the site is reached, as AWS tells it? */
static bool
is_ingress(void *arg, const char *path)
{
	const struct str *server = arg;
	struct problems ignored = {0};
	struct json_doc doc;
	bool is = false;
	if (json_doc_load(&doc, path, &ignored) == 0) {
		is = same_host(json_str(doc.root, "ARecord"), *server);
		json_doc_release(&doc);
	}
	problems_release(&ignored);
	return is;
}

static bool
is_ourselves(const char *site, const json_t *relay)
{
	struct str server = json_str(relay, "ServerName");
	char *own = site_hostname(site);
	bool is = same_host(str_of(own), server) &&
		  json_integer_value(json_object_get(relay, "ServerPort")) == SMTP_PORT;
	free(own);
	char *ingress = site_first_document(site, "ingress-points", is_ingress, &server);
	is = is || ingress;
	free(ingress);
	return is;
}

void
lint_relay(const struct ruleset *set, const struct action *a, const struct json_at *at,
	struct problems *ps)
{
	struct json_at here = {at, action_name(a->kind), 0}, member = {&here, "Relay", 0};
	const char *site = set->references.dir;
	struct problems ignored = {0};
	struct json_doc doc;
	if ((a->kind != ACTION_RELAY && a->kind != ACTION_COPY) ||
		site_load(&doc, site, SITE_RELAY, str_of(a->target), &ignored) < 0) {
		problems_release(&ignored);
		return;
	}
	if (is_ourselves(site, doc.root))
		json_problem(ps, &set->doc, &member, false, PROBLEM_WARNING,
			"leads back to this gateway: %.*s is its own name",
			STR_ARG(json_str(doc.root, "ServerName")));
	json_doc_release(&doc);
	problems_release(&ignored);
}
