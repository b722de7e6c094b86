#include <stdlib.h>
#include <uthash.h>

#include "idn.h"
#include "log.h"
#include "mem.h"
#include "site.h"
#include "tls_table.h"

struct entry {
	UT_hash_handle hh;
	char *domain; /* of "*.example.org": ".example.org" */
	struct peer_policy *policy;
	int port;
};

struct tls_table {
	struct entry *entries;
};

static const char *
add_entry(struct tls_table *t, const json_t *item)
{
	struct str domain = json_str(item, "Domain");
	bool below = str_starts(domain, STR("*."));
	char *ascii = idn_ascii(str_skip(domain, below ? 2 : 0));
	struct entry *e = xcalloc(1, sizeof(*e)), *old;
	e->policy = peer_policy_new(SMTP_TLS_ENCRYPT);
	e->policy->source = "tls-policy";
	e->port = (int)json_integer_value(json_object_get(item, "Port"));
	e->domain = xasprintf("%s%s", below ? "." : "", ascii ? ascii : "");
	const char *wrong =
		peer_policy_read(e->policy, item, "Policy", "Fingerprints", "Names");
	/* A name that an MX answer gave proves nothing by itself. */
	e->policy->vouched = e->policy->level == SMTP_TLS_FINGERPRINT || e->policy->nnames > 0;
	HASH_FIND_STR(t->entries, e->domain, old);
	if (old)
		wrong = "each domain once";
	else if (!ascii)
		wrong = "the name of a domain";
	if (old) {
		peer_policy_unref(e->policy);
		free(e->domain);
		free(e);
	} else {
		HASH_ADD_KEYPTR(hh, t->entries, e->domain, strlen(e->domain), e);
	}
	free(ascii);
	return wrong;
}

static int
read_entries(struct tls_table *t, const struct json_doc *doc)
{
	json_t *item;
	size_t i;
	json_array_foreach (json_object_get(doc->root, "TlsPolicies"), i, item) {
		const char *wrong = add_entry(t, item);
		if (wrong) {
			log_error("%s: TlsPolicies[%zu]: expected %s", doc->file, i, wrong);
			return -1;
		}
	}
	return 0;
}

struct tls_table *
tls_table_load(const char *site)
{
	struct problems ps = {0};
	struct json_doc doc;
	struct tls_table *t = xcalloc(1, sizeof(*t));
	int rc = site_settings(&doc, site, &ps);
	problems_log(&ps);
	problems_release(&ps);
	if (rc == 0) {
		rc = read_entries(t, &doc);
		json_doc_release(&doc);
	}
	if (rc == 0)
		return t;
	tls_table_free(t);
	return NULL;
}

void
tls_table_free(struct tls_table *t)
{
	struct entry *e, *tmp;
	if (!t)
		return;
	HASH_ITER (hh, t->entries, e, tmp) {
		HASH_DEL(t->entries, e);
		peer_policy_unref(e->policy);
		free(e->domain);
		free(e);
	}
	free(t);
}

struct peer_policy *
tls_table_find(const struct tls_table *t, const char *domain, int *port)
{
	struct entry *e;
	HASH_FIND_STR(t->entries, domain, e);
	for (const char *dot = domain; !e && (dot = strchr(dot, '.')); dot++)
		HASH_FIND_STR(t->entries, dot, e);
	if (e && e->port)
		*port = e->port;
	return e ? e->policy : NULL;
}
