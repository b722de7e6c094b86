/* pem_key.h: keys in PEM, by OpenSSL. */
#ifndef MM_PEM_KEY_H
#define MM_PEM_KEY_H

#include <openssl/evp.h>

#include "str.h"

/* Both: a key that the caller frees by EVP_PKEY_free(), or NULL with what is wrong in *why
 * (a text that stays until the next call of strerror()). */

/* A private key, which nobody else may read and no passphrase is needed for. */
EVP_PKEY *pem_private_key(const char *path, const char **why);

EVP_PKEY *pem_public_key(const char *path, const char **why);

/* A private key in a text, for EVP_PKEY_free(); NULL when there is none, or it has a
 * passphrase. */
EVP_PKEY *pem_private_key_parse(struct str pem);

#endif
