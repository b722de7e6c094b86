#include <stdlib.h>
#include <string.h>

#include "ingress.h"
#include "mem.h"
#include "site.h"

static const char *const type_words[] = {"OPEN", "AUTH", "MTLS"};
static const char *const tls_words[] = {"REQUIRED", "OPTIONAL", "FIPS"};

const char *
ingress_type_word(enum ingress_type t)
{
	return type_words[t];
}

/* The schema has checked the words; a missing one is the first. */
static unsigned
word_index(const json_t *root, const char *key, const char *const words[3])
{
	struct str got = json_str(root, key);
	for (unsigned i = 0; i < 3; i++)
		if (got.p && str_eq(got, str_of(words[i])))
			return i;
	return 0;
}

static char *
copy(const json_t *object, const char *key)
{
	struct str s = json_str(object, key);
	return s.p ? str_dup(s) : NULL;
}

static void
take(struct ingress *in, const json_t *root)
{
	const json_t *how = json_object_get(root, "IngressPointConfiguration");
	in->name = copy(root, "IngressPointName");
	in->id = copy(root, "IngressPointId");
	if (!in->id)
		in->id = xstrdup(in->name);
	in->arn = copy(root, "IngressPointArn");
	in->type = (enum ingress_type)word_index(root, "Type", type_words);
	in->tls = (enum ingress_tls)word_index(root, "TlsPolicy", tls_words);
	in->traffic_policy = copy(root, "TrafficPolicyId");
	in->rule_set = copy(root, "RuleSetId");
	in->password = copy(how, "SmtpPassword");
	in->secret = copy(how, "SecretArn");
	const json_t *mutual = json_object_get(how, "TlsAuthConfiguration");
	const json_t *trust = json_object_get(mutual, "TrustStore");
	in->ca = copy(trust, "CAContent");
	in->crl = copy(trust, "CrlContent");
	in->closed = str_eq(json_str(root, "Status"), STR("CLOSED"));
}

int
ingress_load(struct ingress *in, const char *site, const char *name)
{
	struct problems ps = {0};
	struct json_doc doc;
	int rc = site_load(&doc, site, SITE_INGRESS_POINT, str_of(name), &ps);
	*in = (struct ingress){0};
	if (rc == 0) {
		take(in, doc.root);
		json_doc_release(&doc);
	}
	problems_log(&ps);
	problems_release(&ps);
	return rc;
}

void
ingress_release(struct ingress *in)
{
	if (in->password)
		explicit_bzero(in->password, strlen(in->password));
	free(in->name);
	free(in->id);
	free(in->arn);
	free(in->traffic_policy);
	free(in->rule_set);
	free(in->password);
	free(in->secret);
	free(in->ca);
	free(in->crl);
	*in = (struct ingress){0};
}
