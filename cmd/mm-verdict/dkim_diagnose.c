#include <stdio.h>

#include "dkim_diagnose.h"

static bool
body_as_signed(struct dkim_hash *h, const struct dkim_signature *s, bool *enough)
{
	unsigned char hash[DKIM_HASH_SIZE];
	*enough = dkim_hash_body(h, s->body_canon, s->limited, s->length, hash);
	return *enough &&
	       str_eq(buf_str(&s->body_hash), str_n((const char *)hash, sizeof(hash)));
}

static bool
header_as_signed(struct dkim_hash *h, const struct dkim_signature *s, struct dkim_pkey *key)
{
	unsigned char hash[DKIM_HASH_SIZE];
	size_t n;
	const struct header_field **fields =
		dkim_hash_choose(h, s->signed_fields, s->field, &n);
	dkim_hash_fields(h, s->header_canon, fields, n, s->field, hash);
	return dkim_pkey_verifies(key, hash, buf_str(&s->signature));
}

static void
explain_header(struct dkim_diagnosis *d, struct dkim_hash *h, const struct message *msg,
	const struct dkim_signature *s, struct dkim_pkey *key)
{
	unsigned char hash[DKIM_HASH_SIZE];
	struct dkim_diagnosis header = {0};
	size_t n = strlen(d->because);
	if (dkim_pkey_recover(key, buf_str(&s->signature), hash) == 0) {
		d->differs = "the key: that of the DNS did not make this signature";
		d->fix =
			"publish the key that signs, or give the new key a selector of its own";
		return;
	}
	if (!dkim_diagnose_header(&header, h, msg, s, key))
		return;
	(void)snprintf(
		d->because + n, sizeof(d->because) - n, "%s%s", n ? "; " : "", header.because);
	d->fix = d->fix ? d->fix : header.fix;
}

bool
dkim_diagnose(
	struct dkim_diagnosis *d, const struct message *msg, const struct dkim_signature *s)
{
	char ignored[sizeof(s->reason)];
	struct dkim_pkey *key =
		s->key.base64.n ? dkim_pkey_get(&s->key, ignored, sizeof(ignored)) : NULL;
	bool enough;
	*d = (struct dkim_diagnosis){0};
	if (!key || s->result != AUTH_FAIL)
		return false;
	struct dkim_hash *h = dkim_hash_new(msg);
	bool body = body_as_signed(h, s, &enough), header = header_as_signed(h, s, key);
	d->differs = body     ? "the header; the body is as it was signed"
		     : header ? "the body; the header is as it was signed"
			      : "the header and the body";
	if (!enough) {
		(void)snprintf(d->because, sizeof(d->because),
			"fewer octets are left than the %llu that were signed",
			(unsigned long long)s->length);
		d->fix = "find out who cuts messages off";
	} else if (!body) {
		(void)dkim_diagnose_body(d, msg, s);
	}
	if (!header)
		explain_header(d, h, msg, s, key);
	dkim_hash_free(h);
	return true;
}
