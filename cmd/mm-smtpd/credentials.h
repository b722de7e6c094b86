/* credentials.h: who may log in: users with crypt(5) hashes, or with a password as
 * Secrets Manager keeps it.  Several entries of one user are all valid, so that a
 * password can be changed without a moment when clients fail. */
#ifndef SMTPD_CREDENTIALS_H
#define SMTPD_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"

struct secret {
	char *text;
	bool hashed; /* crypt(5), else the password itself */
};

struct credential {
	char *user;
	struct secret secret;
};

struct credentials {
	struct credential *list;
	size_t n, cap;
};

/* From --credentials, else from what the ingress point names.  0 also when there
 * is nothing to load (n is 0); -1 after an error was logged. */
int credentials_load(struct credentials *c, const struct config *cfg);
void credentials_release(struct credentials *c);

void secret_copy(struct secret *to, const struct secret *from);
void secret_wipe(struct secret *s);

/* Takes as long as crypt(3) does when the secret is hashed; any thread. */
bool secret_matches(const struct secret *s, const char *password);

/* A new hash in the strongest scheme of the system (yescrypt), or NULL with errno
 * set.  The caller frees. */
char *secret_hash(const char *password);

#endif
