/* data_keys.h: an archive's keys.json: the data keys that its files are encrypted with,
 * each wrapped by the key of a key file; mm-archive(5). */
#ifndef MM_DATA_KEYS_H
#define MM_DATA_KEYS_H

#include "json.h"
#include "key_file.h"

#define DATA_KEY_ID 4 /* octets; no two keys of an archive have the same */
#define DATA_KEYS_MAX 1000
#define DATA_KEY_WRAPPED (AEAD_NONCE + AEAD_KEY + AEAD_TAG)

struct data_key {
	unsigned char id[DATA_KEY_ID];
	unsigned char octets[AEAD_KEY];
};

struct wrapped_key {
	unsigned char id[DATA_KEY_ID];
	char created[32];           /* RFC 3339 */
	char key_file[KEY_ID_SIZE]; /* id of the key that wraps it */
	unsigned char octets[DATA_KEY_WRAPPED];
};

struct data_keys {
	struct wrapped_key *list; /* oldest first, at least one */
	size_t n;
};

/* Each: 0, or -1 with problems added, and *k then is empty. */
int data_keys_parse(
	struct data_keys *k, const char *file, struct str text, struct problems *ps);
int data_keys_load(struct data_keys *k, const char *file, struct problems *ps);
void data_keys_release(struct data_keys *k);

void data_keys_format(const struct data_keys *k, struct buf *out); /* appends */

/* 0, or -1: it is another key's, or not as it was made. */
int data_key_unwrap(
	const struct wrapped_key *w, const struct file_key *by, struct data_key *out);
int data_key_wrap(const struct data_key *k, const struct file_key *by, struct wrapped_key *out);

/* Adds a new key, wrapped, made at that time (ms).  0, or -1 when the library failed. */
int data_keys_add(struct data_keys *k, const struct file_key *by, int64_t now);

#endif
