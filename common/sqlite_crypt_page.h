/* sqlite_crypt_page.h: how one page of an encrypted database, and one frame header of
 * its WAL, are on disk; mm-archive(5).  Private to sqlite_crypt*.c and its test. */
#ifndef MM_SQLITE_CRYPT_PAGE_H
#define MM_SQLITE_CRYPT_PAGE_H

#include <stdint.h>

#include "sqlite_crypt.h"

#define WAL_HEADER 32
#define WAL_FRAME_HEADER 24

enum crypt_place { CRYPT_DATABASE, CRYPT_WAL };

/* What a database's pages are encrypted with; not for two threads at the same time. */
struct page_key;

/* NULL when the library cannot do it. */
struct page_key *page_key_new(const struct data_key *k, const char *folder);
void page_key_free(struct page_key *k); /* NULL is allowed */

/* The data key's id that a page on disk names. */
const unsigned char *page_key_id(const unsigned char page[SQLITE_CRYPT_PAGE]);

/* `number`: of the page in the database, from 1; of the frame in the WAL, from 0.  In may
 * be out.  Each: 0, or -1; open: also when it is not what was sealed for that place. */
int page_seal(struct page_key *k, enum crypt_place place, uint32_t number,
	const unsigned char *in, unsigned char *out);
int page_open(struct page_key *k, enum crypt_place place, uint32_t number,
	const unsigned char *in, unsigned char *out);

/* Hides the checksum of the frame header that is there, or shows it.  0 or -1. */
int page_mask_frame(struct page_key *k, uint32_t number, unsigned char h[WAL_FRAME_HEADER]);

#endif
