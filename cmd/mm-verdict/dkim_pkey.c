#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

#include "base64.h"
#include "dkim_pkey.h"
#include "mem.h"

#define KEPT 1024
#define MAX_BASE64 4096
#define MAX_EXPONENT_BITS 33 /* beyond it a signature costs too much to check */

struct dkim_pkey {
	struct buf id; /* the algorithm and the base64 of the key */
	enum dkim_algorithm algorithm;
	EVP_PKEY *key;     /* NULL: it does not serve */
	EVP_PKEY_CTX *rsa; /* ready to verify */
	char fault[64];    /* why it does not serve */
	UT_hash_handle hh;
};

static struct dkim_pkey *kept; /* the least recently used one first */

static void
discard(struct dkim_pkey *k)
{
	HASH_DEL(kept, k);
	EVP_PKEY_CTX_free(k->rsa);
	EVP_PKEY_free(k->key);
	buf_release(&k->id);
	free(k);
}

/* Cuts a DER element of the kind off *rest; absent when there is none. */
static struct str
der_cut(struct str *rest, int tag)
{
	const unsigned char *start = (const unsigned char *)rest->p, *p = start;
	long length;
	int found, class;
	if (rest->n == 0 || rest->n > INT_MAX)
		return STR_NONE;
	int rc = ASN1_get_object(&p, &length, &found, &class, (long)rest->n);
	if ((rc & 0x81) || class != V_ASN1_UNIVERSAL || found != tag || length < 0)
		return STR_NONE;
	struct str inner = str_n((const char *)p, (size_t)length);
	*rest = str_skip(*rest, (size_t)(p - start) + inner.n);
	return inner;
}

/* The INTEGERs n and e of a DER key of either kind. */
static bool
rsa_numbers(struct str der, struct str *n, struct str *e)
{
	static const char rsa_encryption[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
	struct str outer = der_cut(&der, V_ASN1_SEQUENCE), inside = outer;
	struct str algorithm = der_cut(&inside, V_ASN1_SEQUENCE);
	if (algorithm.p) {
		struct str oid = der_cut(&algorithm, V_ASN1_OBJECT);
		struct str bits = der_cut(&inside, V_ASN1_BIT_STRING);
		if (!str_eq(oid, STR(rsa_encryption)) || bits.n < 2 || bits.p[0] != 0)
			return false;
		bits = str_skip(bits, 1);
		outer = der_cut(&bits, V_ASN1_SEQUENCE);
	}
	*n = der_cut(&outer, V_ASN1_INTEGER);
	*e = der_cut(&outer, V_ASN1_INTEGER);
	return n->n && e->n && !(n->p[0] & 0x80) && !(e->p[0] & 0x80);
}

static EVP_PKEY *
from_numbers(const BIGNUM *n, const BIGNUM *e)
{
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params = NULL;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	if (build && ctx && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) &&
		(params = OSSL_PARAM_BLD_to_param(build)) && EVP_PKEY_fromdata_init(ctx) > 0)
		(void)EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static bool
ready_to_verify(struct dkim_pkey *k)
{
	k->rsa = EVP_PKEY_CTX_new(k->key, NULL);
	return k->rsa && EVP_PKEY_verify_init(k->rsa) > 0 &&
	       EVP_PKEY_CTX_set_rsa_padding(k->rsa, RSA_PKCS1_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_signature_md(k->rsa, EVP_sha256()) > 0;
}

static void
make_rsa(struct dkim_pkey *k, struct str der)
{
	struct str n_octets, e_octets;
	if (!rsa_numbers(der, &n_octets, &e_octets))
		return;
	BIGNUM *n = BN_bin2bn((const unsigned char *)n_octets.p, (int)n_octets.n, NULL);
	BIGNUM *e = BN_bin2bn((const unsigned char *)e_octets.p, (int)e_octets.n, NULL);
	int bits = n ? BN_num_bits(n) : 0;
	if (n && bits < DKIM_MIN_BITS)
		(void)snprintf(k->fault, sizeof(k->fault),
			"key of %d bits, expected %d or more", bits, DKIM_MIN_BITS);
	else if (n && bits > DKIM_MAX_BITS)
		(void)snprintf(k->fault, sizeof(k->fault),
			"key of %d bits, expected %d or less", bits, DKIM_MAX_BITS);
	else if (n && e && BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e) &&
		 BN_num_bits(e) <= MAX_EXPONENT_BITS)
		k->key = from_numbers(n, e);
	BN_free(n);
	BN_free(e);
	if (k->key && !ready_to_verify(k)) {
		EVP_PKEY_free(k->key);
		k->key = NULL;
	}
}

static struct dkim_pkey *
make(enum dkim_algorithm algorithm, struct str id, struct str base64)
{
	struct dkim_pkey *k = xcalloc(1, sizeof(*k));
	struct buf octets = {0};
	k->algorithm = algorithm;
	buf_adds(&k->id, id);
	(void)str_copy(STR("malformed key"), k->fault, sizeof(k->fault));
	if (base64_decode(base64, &octets) == 0 && octets.n) {
		if (algorithm == DKIM_RSA_SHA256)
			make_rsa(k, buf_str(&octets));
		else
			k->key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
				(const unsigned char *)octets.p, octets.n);
	}
	buf_release(&octets);
	return k;
}

struct dkim_pkey *
dkim_pkey_get(const struct dkim_key *key, char *reason, size_t size)
{
	static struct buf id;
	struct dkim_pkey *k = NULL;
	struct str base64 = buf_str(&key->base64);
	if (base64.n > MAX_BASE64) {
		(void)str_copy(STR("key too large"), reason, size);
		return NULL;
	}
	buf_reset(&id);
	buf_addc(&id, (char)key->algorithm);
	buf_adds(&id, base64);
	HASH_FIND(hh, kept, id.p, id.n, k);
	if (k) {
		HASH_DEL(kept, k);
	} else {
		if (HASH_COUNT(kept) >= KEPT)
			discard(kept);
		k = make(key->algorithm, buf_str(&id), base64);
	}
	HASH_ADD_KEYPTR(hh, kept, k->id.p, k->id.n, k);
	if (!k->key)
		(void)str_copy(str_of(k->fault), reason, size);
	return k->key ? k : NULL;
}

bool
dkim_pkey_verifies(
	struct dkim_pkey *k, const unsigned char hash[DKIM_HASH_SIZE], struct str signature)
{
	const unsigned char *octets = (const unsigned char *)signature.p;
	if (k->algorithm == DKIM_RSA_SHA256)
		return EVP_PKEY_verify(k->rsa, octets, signature.n, hash, DKIM_HASH_SIZE) == 1;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool good = md && EVP_DigestVerifyInit(md, NULL, NULL, NULL, k->key) == 1 &&
		    EVP_DigestVerify(md, octets, signature.n, hash, DKIM_HASH_SIZE) == 1;
	EVP_MD_CTX_free(md);
	return good;
}

int
dkim_pkey_recover(struct dkim_pkey *k, struct str signature, unsigned char out[DKIM_HASH_SIZE])
{
	unsigned char octets[DKIM_MAX_BITS / 8];
	size_t n = sizeof(octets);
	if (k->algorithm != DKIM_RSA_SHA256)
		return -1;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->key, NULL);
	bool good = ctx && EVP_PKEY_verify_recover_init(ctx) > 0 &&
		    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
		    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
		    EVP_PKEY_verify_recover(ctx, octets, &n, (const unsigned char *)signature.p,
			    signature.n) > 0 &&
		    n == DKIM_HASH_SIZE;
	EVP_PKEY_CTX_free(ctx);
	if (good)
		memcpy(out, octets, DKIM_HASH_SIZE);
	return good;
}
