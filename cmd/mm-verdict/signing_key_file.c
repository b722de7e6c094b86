#include <stdlib.h>

#include "clock.h"
#include "mailmanager.h"
#include "mem.h"
#include "num.h"
#include "pem_key.h"
#include "signing_key_file.h"
#include "site.h"

void
signing_key_release(struct signing_key *k)
{
	for (char **h = k->headers; h && *h; h++)
		free(*h);
	free(k->headers);
	free(k->domain);
	free(k->selector);
	EVP_PKEY_free(k->key);
	*k = (struct signing_key){0};
}

static int
refuse(struct problems *ps, const char *path, const char *text)
{
	problem_add(ps, PROBLEM_ERROR, path, 0, 0, "", text);
	return -1;
}

static int
take_key(struct signing_key *k, const char *path, struct problems *ps)
{
	if (EVP_PKEY_is_a(k->key, "RSA"))
		k->algorithm = DKIM_RSA_SHA256;
	else if (EVP_PKEY_is_a(k->key, "ED25519"))
		k->algorithm = DKIM_ED25519_SHA256;
	else
		return refuse(ps, path, "expected an RSA or ed25519 key");
	int bits = EVP_PKEY_get_bits(k->key);
	if (k->algorithm == DKIM_RSA_SHA256 && (bits < DKIM_MIN_BITS || bits > DKIM_MAX_BITS))
		return refuse(ps, path, "expected an RSA key of 1024 to 4096 bits");
	return 0;
}

int
signing_key_read_pem(struct signing_key *k, const char *path, struct problems *ps)
{
	const char *why;
	k->key = pem_private_key(path, &why);
	if (!k->key)
		return refuse(ps, path, why);
	return take_key(k, path, ps);
}

static void
take_headers(struct signing_key *k, const json_t *list)
{
	size_t i;
	const json_t *name;
	if (!list)
		return;
	k->headers = xcalloc(json_array_size(list) + 1, sizeof(*k->headers));
	json_array_foreach (list, i, name)
		k->headers[i] = str_dup(json_text(name));
}

static int
take_time(const struct json_doc *doc, const char *key, int64_t *out, struct problems *ps)
{
	struct json_at at = {.key = key};
	struct str text = json_str(doc->root, key);
	if (!text.p || clock_parse_rfc3339(text, out) == 0)
		return 0;
	json_problem(ps, doc, &at, false, PROBLEM_ERROR,
		"expected a time like 2026-11-22T10:00:00Z");
	return -1;
}

static int
take_settings(struct signing_key *k, const struct json_doc *doc, struct problems *ps)
{
	struct json_at at = {.key = "ExpireAfter"};
	struct str expire = json_str(doc->root, "ExpireAfter"),
		   canon = json_str(doc->root, "Canonicalization");
	int64_t expire_ms = 0;
	int rc = take_time(doc, "NotBefore", &k->not_before_ms, ps) |
		 take_time(doc, "NotAfter", &k->not_after_ms, ps);
	if (expire.p && (num_duration(expire, &expire_ms) < 0 || expire_ms < 1000)) {
		json_problem(ps, doc, &at, false, PROBLEM_ERROR, "expected a duration like 7d");
		rc = -1;
	}
	k->expire_s = expire_ms / 1000;
	k->header_canon = k->body_canon = DKIM_RELAXED;
	if (canon.p)
		(void)dkim_canon_parse(canon, &k->header_canon, &k->body_canon);
	k->domain = str_dup(json_str(doc->root, "Domain"));
	for (char *p = k->domain; *p; p++)
		*p = ascii_lower(*p);
	k->selector = str_dup(json_str(doc->root, "Selector"));
	take_headers(k, json_object_get(doc->root, "Headers"));
	return rc;
}

static int
take_private_key(struct signing_key *k, const struct json_doc *doc, const char *site,
	struct problems *ps)
{
	struct str name = json_str(doc->root, "PrivateKey");
	struct json_at at = {.key = "PrivateKey"};
	char *path =
		str_starts(name, STR("/")) ? str_dup(name) : site_find(site, SITE_SECRET, name);
	if (!path) {
		json_problem(ps, doc, &at, false, PROBLEM_ERROR,
			"expected the name of a file in secrets/, or an absolute path");
		return -1;
	}
	int rc = signing_key_read_pem(k, path, ps);
	free(path);
	return rc;
}

int
signing_key_read(struct signing_key *k, const char *site, const char *path, struct problems *ps)
{
	struct json_doc doc;
	*k = (struct signing_key){.not_before_ms = INT64_MIN, .not_after_ms = INT64_MAX};
	if (json_doc_load(&doc, path, ps) < 0)
		return -1;
	int rc = schema_check(&doc, &shape_dkim_key, false, ps) ? 0 : -1;
	if (rc == 0)
		rc = take_settings(k, &doc, ps);
	if (rc == 0)
		rc = take_private_key(k, &doc, site, ps);
	json_doc_release(&doc);
	if (rc < 0)
		signing_key_release(k);
	return rc;
}
