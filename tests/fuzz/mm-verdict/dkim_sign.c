/* What we sign verifies: any message that is fit to be signed, in each canonical form;
 * a change in it is told of; and canonical forms are canonical already. */
#include <stdint.h>
#include <stdlib.h>

#include "base64.h"
#include "dkim_diagnose.h"
#include "dkim_sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char domain[] = "example.org", selector[] = "s";

static struct signing_key
make_key(struct dkim_key *public)
{
	static const unsigned char seed[32] = "the same key for each of the run";
	unsigned char octets[32];
	size_t n = sizeof(octets);
	struct signing_key k = {
		.domain = domain, .selector = selector, .algorithm = DKIM_ED25519_SHA256};
	k.key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
	EVP_PKEY_get_raw_public_key(k.key, octets, &n);
	public->algorithm = k.algorithm;
	base64_encode(str_n((const char *)octets, n), &public->base64);
	return k;
}

static void
put(void *arg, const char *p, size_t n)
{
	buf_add(arg, p, n);
}

static void
try_forms(struct str body)
{
	for (enum dkim_canon c = DKIM_SIMPLE; c <= DKIM_RELAXED; c++) {
		struct buf once = {0}, twice = {0};
		dkim_canon_body(c, body, put, &once);
		dkim_canon_body(c, buf_str(&once), put, &twice);
		if (!str_eq(buf_str(&once), buf_str(&twice)))
			abort();
		buf_release(&once);
		buf_release(&twice);
	}
}

static enum auth_result
checked(const struct message *msg, struct dkim_key *public, bool diagnose)
{
	const struct header_field *f = message_field(msg, "DKIM-Signature");
	struct dkim_hash *h = dkim_hash_new(msg);
	struct dkim_signature s;
	struct dkim_diagnosis d;
	char reason[128];
	dkim_signature_parse(&s, DKIM_SIGNATURE, f, 2000);
	if (!s.decided) {
		s.result = dkim_hash_verify(h, &s,
				   dkim_pkey_get(public, reason, sizeof(reason))) == DKIM_GOOD
				   ? AUTH_PASS
				   : AUTH_FAIL;
		buf_adds(&s.key.base64, buf_str(&public->base64));
		s.key.algorithm = public->algorithm;
		if (diagnose)
			(void)dkim_diagnose(&d, msg, &s);
	}
	enum auth_result result = s.result;
	dkim_signature_release(&s);
	dkim_hash_free(h);
	return result;
}

static void
check_signed(struct str text, struct dkim_key *public)
{
	struct message msg = {0};
	message_parse(&msg, text);
	if (checked(&msg, public, false) != AUTH_PASS)
		abort();
	message_release(&msg);
}

static void
try_altered(struct buf *text, struct dkim_key *public, size_t at)
{
	struct message msg = {0};
	text->p[at] ^= 1;
	message_parse(&msg, buf_str(text));
	if (message_field(&msg, "DKIM-Signature"))
		(void)checked(&msg, public, true);
	message_release(&msg);
}

static void
try_signing(const struct message *msg, struct signing_key *k, struct dkim_key *public)
{
	struct dkim_hash *h = dkim_hash_new(msg);
	struct buf text = {0};
	if (!dkim_sign(&text, DKIM_SIGNATURE, 0, h, msg, k, 1000)) {
		size_t start = text.n;
		buf_adds(&text, msg->octets);
		check_signed(buf_str(&text), public);
		if (text.n > start)
			try_altered(&text, public, start + (text.n - start) / 2);
	}
	dkim_hash_free(h);
	buf_release(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dkim_key public;
	static struct signing_key k;
	struct message msg = {0};
	if (!k.key)
		k = make_key(&public);
	message_parse(&msg, str_n((const char *)data, size));
	try_forms(msg.octets);
	k.header_canon = size % 2 ? DKIM_RELAXED : DKIM_SIMPLE;
	k.body_canon = size % 3 ? DKIM_RELAXED : DKIM_SIMPLE;
	if (!dkim_sign_unfit(&msg) && !str_starts(msg.octets, STR("From ")))
		try_signing(&msg, &k, &public);
	message_release(&msg);
	return 0;
}
