/* content.h: what a tar file holds, told apart from how it is packed. */
#ifndef MM_CONTENT_H
#define MM_CONTENT_H

#include "chain_line.h"

/* An entry's hash is the SHA-256 of its name, a newline and its octets. */
struct content_entry {
	bool message; /* an ID.eml */
	unsigned char digest[32];
};

struct archive_keys;

struct content {
	struct content_entry *entries;
	size_t n, cap;
	uint64_t messages, size; /* size of the file */
	struct hash_text sha256; /* of the file as it is */
};

/* Reads all of dir/file, a copy of it while somebody may cut it; keys as in archive_frame.h. 0,
 * or -1 after the reason was logged; release in either case. */
int content_read(
	struct content *c, const char *dir, const char *file, const struct archive_keys *keys);
void content_release(struct content *c);

/* The hash over all entries: SHA-256 of their hashes in hexadecimal, each with a
 * newline behind it. */
struct hash_text content_hash(const struct content *c);

/* What `now` lacks of `before`, in order; the caller frees *list.  -1 when it has
 * anything that `before` has not, or in another order. */
int content_removed(const struct content *before, const struct content *now,
	struct chain_removed **list, size_t *n);

/* Makes of the content after a removal that before it.  -1 when the places cannot be. */
int content_restore(struct content *c, const struct chain_removed *list, size_t n);

/* Is entry i a message with its envelope right before it? */
bool content_has_envelope(const struct content *c, size_t i);

#endif
