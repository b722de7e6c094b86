/* signing_key_file.h: one key out of its files. */
#ifndef MM_VERDICT_SIGNING_KEY_FILE_H
#define MM_VERDICT_SIGNING_KEY_FILE_H

#include "json.h"
#include "signing_keys.h"

/* Reads a PEM file, which nobody else may read.  0, or -1 with a problem added. */
int signing_key_read_pem(struct signing_key *k, const char *path, struct problems *ps);

/* Reads dkim-keys/NAME.json and the PEM file that it names.  0 and a key to be
 * released, or -1 with problems added. */
int signing_key_read(
	struct signing_key *k, const char *site, const char *path, struct problems *ps);
void signing_key_release(struct signing_key *k);

#endif
