/* hash_text.h: a SHA-256 as 64 small hexadecimal digits. */
#ifndef MM_HASH_TEXT_H
#define MM_HASH_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

#define HASH_DIGITS 64

struct hash_text {
	char s[HASH_DIGITS + 1]; /* "" is none */
};

struct hash_text hash_text(const unsigned char digest[32]);
struct hash_text hash_text_of(struct str octets); /* their SHA-256 */

/* Of all octets of a file, and how many these are.  0, or -1 after the reason was logged. */
int hash_text_of_file(const char *path, struct hash_text *out, uint64_t *size);

/* 0, or -1 when it is no hash in this form. */
int hash_text_parse(struct str s, struct hash_text *out);
void hash_text_digest(const struct hash_text *h, unsigned char digest[32]); /* back */
bool hash_text_eq(const struct hash_text *a, const struct hash_text *b);

#endif
