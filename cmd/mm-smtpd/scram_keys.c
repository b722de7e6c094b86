#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base64.h"
#include "num.h"
#include "scram_keys.h"
#include "utf8.h"

static const struct str scheme = STR("SCRAM-SHA-256$");

bool
scram_text_fine(struct str s)
{
	return utf8_text_length(s) == s.n;
}

int
scram_keys_derive(struct scram_keys *k, struct str password)
{
	struct scram_derived d = {0};
	int rc = scram_derive(
		&d, password, str_n((const char *)k->salt, k->salt_len), k->iterations);
	memcpy(k->stored, d.stored, sizeof(k->stored));
	memcpy(k->server, d.server, sizeof(k->server));
	OPENSSL_cleanse(&d, sizeof(d));
	return rc;
}

int
scram_keys_new(struct scram_keys *k, struct str password)
{
	*k = (struct scram_keys){
		.iterations = SCRAM_ITERATIONS_NEW, .salt_len = SCRAM_SALT_SIZE};
	if (RAND_bytes(k->salt, SCRAM_SALT_SIZE) != 1)
		return -1;
	return scram_keys_derive(k, password);
}

bool
scram_keys_match(const struct scram_keys *k, struct str password)
{
	struct scram_keys got = *k;
	bool same = scram_keys_derive(&got, password) == 0 &&
		    CRYPTO_memcmp(got.stored, k->stored, sizeof(got.stored)) == 0;
	OPENSSL_cleanse(&got, sizeof(got));
	return same;
}

bool
scram_keys_same_salt(const struct scram_keys *a, const struct scram_keys *b)
{
	return a->iterations == b->iterations && a->salt_len == b->salt_len &&
	       memcmp(a->salt, b->salt, a->salt_len) == 0;
}

/* Octets put into out, or 0 when it is no base64 or these are not min..max. */
static size_t
take_octets(struct str encoded, size_t min, size_t max, unsigned char *out)
{
	struct buf octets = {0};
	size_t n = 0;
	if (base64_decode(encoded, &octets) == 0 && octets.n >= min && octets.n <= max) {
		n = octets.n;
		memcpy(out, octets.p, n);
	}
	if (octets.p)
		OPENSSL_cleanse(octets.p, octets.cap);
	buf_release(&octets);
	return n;
}

int
scram_keys_parse(struct scram_keys *k, struct str text)
{
	uint64_t iterations;
	*k = (struct scram_keys){0};
	if (!str_starts(text, scheme))
		return -1;
	struct str keys = str_skip(text, scheme.n), salt = str_cut(&keys, '$');
	struct str count = str_cut(&salt, ':'), stored = str_cut(&keys, ':');
	if (!salt.p || !keys.p ||
		num_u64(count, SCRAM_ITERATIONS_MIN, SCRAM_ITERATIONS_MAX, &iterations) < 0)
		return -1;
	k->salt_len = take_octets(salt, 1, SCRAM_SALT_MAX, k->salt);
	if (!k->salt_len || !take_octets(stored, SCRAM_KEY_SIZE, SCRAM_KEY_SIZE, k->stored) ||
		!take_octets(keys, SCRAM_KEY_SIZE, SCRAM_KEY_SIZE, k->server))
		return -1;
	k->iterations = (unsigned)iterations;
	return 0;
}

static struct str
octets_of(const unsigned char *p, size_t n)
{
	return str_n((const char *)p, n);
}

void
scram_keys_print(const struct scram_keys *k, struct buf *out)
{
	buf_adds(out, scheme);
	buf_addf(out, "%u:", k->iterations);
	base64_encode(octets_of(k->salt, k->salt_len), out);
	buf_addc(out, '$');
	base64_encode(octets_of(k->stored, sizeof(k->stored)), out);
	buf_addc(out, ':');
	base64_encode(octets_of(k->server, sizeof(k->server)), out);
}

int
scram_salt_of_user(struct str user, unsigned char salt[SCRAM_SALT_MAX])
{
	static unsigned char key[SCRAM_KEY_SIZE];
	static bool have_key;
	have_key = have_key || RAND_bytes(key, sizeof(key)) == 1;
	if (!have_key)
		return -1;
	return HMAC(EVP_sha512(), key, sizeof(key), (const unsigned char *)user.p, user.n, salt,
		       NULL)
		       ? 0
		       : -1;
}

int
scram_keys_of_user(struct scram_keys *k, struct str user, struct str password)
{
	*k = (struct scram_keys){
		.iterations = SCRAM_ITERATIONS_MIN, .salt_len = SCRAM_SALT_SIZE};
	if (scram_salt_of_user(user, k->salt) < 0)
		return -1;
	return scram_keys_derive(k, password);
}
