/* key_file.h: a file with one key of 32 octets, as hexadecimal digits or base64, that
 * only its owner can read: the key that an archive's data keys are wrapped by. */
#ifndef MM_KEY_FILE_H
#define MM_KEY_FILE_H

#include "aead.h"

#define KEY_ID_SIZE 17 /* 16 hexadecimal digits */

struct file_key {
	unsigned char octets[AEAD_KEY];
	char id[KEY_ID_SIZE]; /* tells keys apart, and nothing of the key */
};

/* The key in a text.  0, or -1 when there is none in it. */
int file_key_parse(struct file_key *k, struct str text);

/* Each: 0, or -1 after the reason was logged.  make: a new key in a new file, durable;
 * a file that is there is read instead, and *made false. */
int file_key_read(struct file_key *k, const char *path);
int file_key_make(struct file_key *k, const char *path, bool *made);
void file_key_wipe(struct file_key *k);

#endif
