/* seal_key.h: the Ed25519 key that heads of chains are signed with, mm-archive(5). */
#ifndef MM_SEAL_KEY_H
#define MM_SEAL_KEY_H

#include "buf.h"

#define SEAL_KEY_ID 32 /* digits */

struct seal_key {
	struct evp_pkey_st *key;
	char id[SEAL_KEY_ID + 1];
};

/* Each: 0, or -1 after the reason was logged; release in either case. */
int seal_key_read_private(struct seal_key *k, const char *path);
int seal_key_read_public(struct seal_key *k, const char *path);
void seal_key_release(struct seal_key *k);

/* Appends the signature of the text in base64, by a private key.  0, or -1 after the reason
 * was logged. */
int seal_key_sign(const struct seal_key *k, struct str text, struct buf *out);

/* Is that a signature of the text by this key? */
bool seal_key_verify(const struct seal_key *k, struct str text, struct str signature);

#endif
