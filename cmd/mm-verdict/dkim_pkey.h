/* dkim_pkey.h: public keys as OpenSSL has them, the recently used ones kept. */
#ifndef MM_VERDICT_DKIM_PKEY_H
#define MM_VERDICT_DKIM_PKEY_H

#include "dkim_key.h"

#define DKIM_MIN_BITS 1024 /* RFC 8301 section 3.2 */
#define DKIM_MAX_BITS 4096
#define DKIM_HASH_SIZE 32 /* SHA-256 */

struct dkim_pkey;

/* The key of a record: for RSA a SubjectPublicKeyInfo or a bare RSAPublicKey (RFC
 * 6376 section 3.6.1 says one and its examples the other), for ed25519 its 32
 * octets.  Valid until the next call; NULL with why in reason[size] if it does not
 * serve. */
struct dkim_pkey *dkim_pkey_get(const struct dkim_key *k, char *reason, size_t size);

/* Is it this key's signature of the SHA-256 hash? */
bool dkim_pkey_verifies(
	struct dkim_pkey *k, const unsigned char hash[DKIM_HASH_SIZE], struct str signature);

/* The hash that an RSA signature is of.  1; 0 when this key did not make it; -1 when
 * that cannot be told, as of ed25519. */
int dkim_pkey_recover(
	struct dkim_pkey *k, struct str signature, unsigned char out[DKIM_HASH_SIZE]);

#endif
