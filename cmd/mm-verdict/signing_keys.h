/* signing_keys.h: the private keys that messages are signed with: the files of
 * dkim-keys/ in the site (mm-site(5)), or one from the command line. */
#ifndef MM_VERDICT_SIGNING_KEYS_H
#define MM_VERDICT_SIGNING_KEYS_H

#include <openssl/evp.h>
#include <stdint.h>

#include "dkim_canon.h"
#include "dkim_pkey.h"

struct signing_key {
	char *domain; /* d=, lower case; NULL: whatever is asked for */
	char *selector;
	enum dkim_algorithm algorithm;
	EVP_PKEY *key;
	int64_t not_before_ms, not_after_ms; /* it signs from the one until before the other */
	int64_t expire_s;                    /* x= after t=; 0: no x= */
	enum dkim_canon header_canon, body_canon;
	char **headers; /* names to sign, up to a NULL; NULL: the usual ones */
};

struct signing_keys {
	char *folder; /* read again when it changes; NULL: never */
	struct signing_key *list;
	size_t n, cap;
	uint64_t state; /* of the folder, as far as times and sizes tell */
	int64_t looked_ms;
};

/* Reads all files of the site's folder; a site may have none.  0, or -1 after
 * everything that is wrong was logged. */
int signing_keys_load(struct signing_keys *k, const char *site);

/* One key; domain may be NULL.  0, or -1 after an error was logged. */
int signing_keys_one(
	struct signing_keys *k, const char *domain, const char *selector, const char *path);

/* Reads the folder again if it has changed, looking once a second.  What cannot be
 * read is logged, and the keys stay as they were. */
void signing_keys_refresh(struct signing_keys *k);
void signing_keys_release(struct signing_keys *k);

/* The keys of the domain, or of its nearest parent that has any: of each algorithm
 * the one that is valid now and has become so last.  How many there are in out. */
size_t signing_keys_choose(const struct signing_keys *k, const char *domain, int64_t now_ms,
	const struct signing_key *out[2]);

const char *dkim_algorithm_word(enum dkim_algorithm a); /* "rsa-sha256" */

/* Appends the base64 of the signature of a SHA-256 hash, folded.  0, or -1. */
int signing_key_sign(
	const struct signing_key *k, const unsigned char hash[DKIM_HASH_SIZE], struct buf *out);

#endif
