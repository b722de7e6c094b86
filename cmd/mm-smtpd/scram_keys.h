/* scram_keys.h: what a server keeps of a password for SCRAM-SHA-256 (RFC 5802
 * section 3, RFC 7677), and its text (RFC 5803). */
#ifndef SMTPD_SCRAM_KEYS_H
#define SMTPD_SCRAM_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "scram_hash.h"

#define SCRAM_SALT_MAX 64
#define SCRAM_SALT_SIZE 16        /* of those that we make */
#define SCRAM_ITERATIONS_MIN 4096 /* RFC 7677 section 4 */
#define SCRAM_ITERATIONS_MAX 10000000
#define SCRAM_ITERATIONS_NEW 100000 /* of mm-smtpd passwd */

struct scram_keys {
	unsigned iterations; /* 0: there are no keys */
	size_t salt_len;
	unsigned char salt[SCRAM_SALT_MAX];
	unsigned char stored[SCRAM_KEY_SIZE], server[SCRAM_KEY_SIZE];
};

/* Without control characters, and valid UTF-8: what stands for SASLprep here. */
bool scram_text_fine(struct str s);

/* StoredKey and ServerKey, of the salt and the iterations that are in k already.
 * Takes as long as they say.  0, or -1 when OpenSSL fails. */
int scram_keys_derive(struct scram_keys *k, struct str password);

/* With a new salt.  0, or -1 when OpenSSL fails. */
int scram_keys_new(struct scram_keys *k, struct str password);

/* Takes as long as scram_keys_derive(); any thread. */
bool scram_keys_match(const struct scram_keys *k, struct str password);

bool scram_keys_same_salt(const struct scram_keys *a, const struct scram_keys *b);

/* SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY.  0, or -1 when it is not that. */
int scram_keys_parse(struct scram_keys *k, struct str text);
void scram_keys_print(const struct scram_keys *k, struct buf *out);

/* SCRAM_SALT_MAX octets that are the same for the same user as long as the process
 * runs, and tell nobody else anything.  0, or -1 when OpenSSL fails. */
int scram_salt_of_user(struct str user, unsigned char salt[SCRAM_SALT_MAX]);

/* Takes that salt (the first SCRAM_SALT_SIZE of it) and the least iterations, for a
 * password that is kept in clear anyway.  0, or -1 when OpenSSL fails. */
int scram_keys_of_user(struct scram_keys *k, struct str user, struct str password);

#endif
