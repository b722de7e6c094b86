/* archive_cipher.h: the encryption of one tar file of an archive, mm-archive(5): a header,
 * then each zstd frame as one AES-256-GCM message that is bound to its file and offset.
 * With a NULL cipher everything is as in a plain file: no header, frames as they are. */
#ifndef MM_ARCHIVE_CIPHER_H
#define MM_ARCHIVE_CIPHER_H

#include "archive_keys.h"

#define ARCHIVE_CIPHER_HEADER 64

struct archive_cipher;

/* For a new file, whose first ARCHIVE_CIPHER_HEADER octets are to be `header`.  NULL
 * after the reason was logged. */
struct archive_cipher *archive_cipher_new(
	const struct archive_keys *k, unsigned char header[ARCHIVE_CIPHER_HEADER]);

/* For a file that is there, open at fd; path is for errors.  NULL after the reason was
 * logged. */
struct archive_cipher *archive_cipher_open(
	const struct archive_keys *k, int fd, const char *path);

void archive_cipher_free(struct archive_cipher *c); /* NULL is allowed */

/* Where the first frame of a file is. */
uint64_t archive_cipher_start(const struct archive_keys *k);

/* *frame, a zstd frame that is to stand at that offset, becomes what is to be written, or
 * the other way round; the view is valid until the next call.  0, or -1: nothing was
 * logged; unseal: also when it is not what was sealed for that place. */
int archive_cipher_seal(struct archive_cipher *c, uint64_t offset, struct str *frame);
int archive_cipher_unseal(struct archive_cipher *c, uint64_t offset, struct str *frame);

/* Length of the frame that these octets begin with, 0 when it is not all there. */
size_t archive_cipher_frame(const struct archive_cipher *c, struct str octets);

/* The first place from `at` on that looks like the beginning of a frame, its length not asked
 * for in a plain file; octets.n when there is none. */
size_t archive_cipher_look(struct archive_cipher *c, struct str octets, size_t at);

#endif
