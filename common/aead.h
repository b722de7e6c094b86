/* aead.h: AES-256-GCM under one key, HKDF and random octets; OpenSSL's. */
#ifndef MM_AEAD_H
#define MM_AEAD_H

#include <stddef.h>

#include "str.h"

#define AEAD_KEY 32
#define AEAD_NONCE 12
#define AEAD_TAG 16
#define AEAD_MAX 0x7fffffff /* octets of one message */

/* A key, set up once; not for two threads at the same time. */
struct aead;

/* NULL when the library cannot do it. */
struct aead *aead_new(const unsigned char key[AEAD_KEY]);
void aead_free(struct aead *a); /* NULL is allowed */

/* As many octets as went in come out, at `out`, which may be where they came from.
 * Each: 0, or -1 when the library failed; open: also when it is not what was sealed
 * (`out` then holds nothing of use). */
int aead_seal(struct aead *a, const unsigned char nonce[AEAD_NONCE], struct str aad,
	struct str plain, unsigned char *out, unsigned char tag[AEAD_TAG]);
int aead_open(struct aead *a, const unsigned char nonce[AEAD_NONCE], struct str aad,
	struct str sealed, const unsigned char tag[AEAD_TAG], unsigned char *out);

/* The first octets, at most 16, of what opens to that, without the proof that it is what was
 * sealed.  0 or -1. */
int aead_peek(struct aead *a, const unsigned char nonce[AEAD_NONCE], struct str sealed,
	unsigned char *out);

/* HKDF of RFC 5869 with SHA-256.  0 or -1. */
int hkdf_sha256(const unsigned char key[AEAD_KEY], struct str salt, struct str info,
	unsigned char out[AEAD_KEY]);

/* Octets nobody can guess.  0, or -1 when there are none. */
int random_octets(void *p, size_t n);

#endif
