/* credentials.h: who may log in: users with crypt(5) hashes, with SCRAM keys, or with
 * a password as Secrets Manager keeps it.  Several entries of one user are all valid, so that a
 * password can be changed without a moment when clients fail. */
#ifndef SMTPD_CREDENTIALS_H
#define SMTPD_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "scram.h"

struct secret {
	char *text;              /* NULL: there are only the keys */
	bool hashed;             /* text is crypt(5), else the password itself */
	struct scram_keys scram; /* iterations 0: unknown, as with crypt(5) */
};

struct credential {
	char *user;
	struct secret secret;
};

struct credentials {
	struct credential *list;
	size_t n, cap;
	size_t nscram; /* of these have keys for SCRAM */
};

/* From --credentials, else from what the ingress point names.  0 also when there
 * is nothing to load (n is 0); -1 after an error was logged. */
int credentials_load(struct credentials *c, const struct config *cfg);
void credentials_release(struct credentials *c);

/* What SCRAM takes for this user: the keys with the salt of the user's last entry that
 * has any; else a decoy like those of others.  false when OpenSSL fails. */
bool credentials_scram(const struct credentials *c, const char *user, struct scram_secret *out);

void secret_copy(struct secret *to, const struct secret *from);
void secret_wipe(struct secret *s);

/* Takes as long as crypt(3) or SCRAM's iterations do; any thread. */
bool secret_matches(const struct secret *s, const char *password);

/* A new hash in the strongest scheme of the system (yescrypt), or NULL with errno
 * set.  The caller frees. */
char *secret_hash(const char *password);

#endif
