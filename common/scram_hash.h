/* scram_hash.h: what both sides of SCRAM-SHA-256 compute (RFC 5802 section 3, RFC 7677). */
#ifndef MM_SCRAM_HASH_H
#define MM_SCRAM_HASH_H

#include <stdbool.h>

#include "str.h"

#define SCRAM_KEY_SIZE 32

/* The keys of a password; to be wiped. */
struct scram_derived {
	unsigned char client[SCRAM_KEY_SIZE]; /* ClientKey */
	unsigned char stored[SCRAM_KEY_SIZE]; /* StoredKey */
	unsigned char server[SCRAM_KEY_SIZE]; /* ServerKey */
};

/* Takes as long as the iterations say; any thread.  0, or -1 when OpenSSL fails. */
int scram_derive(
	struct scram_derived *d, struct str password, struct str salt, unsigned iterations);

/* HMAC: ClientSignature of StoredKey, ServerSignature of ServerKey.  false when OpenSSL fails.
 */
bool scram_sign(const unsigned char key[SCRAM_KEY_SIZE], struct str text,
	unsigned char out[SCRAM_KEY_SIZE]);

/* ClientProof of ClientKey and ClientSignature, and the other way round. */
void scram_xor(unsigned char out[SCRAM_KEY_SIZE], const unsigned char with[SCRAM_KEY_SIZE]);

#endif
