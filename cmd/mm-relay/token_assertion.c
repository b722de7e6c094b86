#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base64.h"
#include "mem.h"
#include "pem_key.h"
#include "token_assertion.h"

#define MIN_BITS 2048 /* RFC 7518 section 3.3 */
#define MAX_BITS 8192

static EVP_PKEY *
read_key(const char *pem)
{
	EVP_PKEY *key = pem_private_key_parse(str_of(pem));
	if (key && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= MIN_BITS &&
		EVP_PKEY_get_bits(key) <= MAX_BITS)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

bool
token_assertion_key_fine(const char *pem)
{
	EVP_PKEY *key = read_key(pem);
	EVP_PKEY_free(key);
	return key != NULL;
}

static void
add_object(struct buf *out, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);
	base64url_encode(str_of(text ? text : "{}"), out);
	free(text);
	json_decref(object);
}

static void
set(json_t *object, const char *key, const char *value)
{
	if (value)
		(void)json_object_set_new(object, key, json_string(value));
}

static void
add_header(struct buf *out, const char *key_id)
{
	json_t *header = json_object();
	set(header, "alg", "RS256");
	set(header, "typ", "JWT");
	set(header, "kid", key_id);
	add_object(out, header);
}

static void
add_claims(struct buf *out, const struct token_claims *c)
{
	json_t *claims = json_object();
	set(claims, "iss", c->issuer);
	set(claims, "sub", c->subject);
	set(claims, "aud", c->audience);
	set(claims, "scope", c->scope);
	(void)json_object_set_new(claims, "iat", json_integer(c->issued_s));
	(void)json_object_set_new(claims, "exp", json_integer(c->issued_s + c->lifetime_s));
	add_object(out, claims);
}

/* Appends the signature of what was appended from `from` on. */
static int
sign(struct buf *out, size_t from, EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char signature[MAX_BITS / 8];
	size_t n = sizeof(signature);
	bool good = ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		    EVP_DigestSign(ctx, signature, &n, (const unsigned char *)out->p + from,
			    out->n - from) == 1;
	EVP_MD_CTX_free(ctx);
	if (!good)
		return -1;
	buf_addc(out, '.');
	base64url_encode(str_n((const char *)signature, n), out);
	return 0;
}

int
token_assertion_make(
	struct buf *out, const struct token_claims *claims, const char *pem, const char *key_id)
{
	EVP_PKEY *key = read_key(pem);
	size_t from = out->n;
	if (!key)
		return -1;
	add_header(out, key_id);
	buf_addc(out, '.');
	add_claims(out, claims);
	int rc = sign(out, from, key);
	EVP_PKEY_free(key);
	return rc;
}
