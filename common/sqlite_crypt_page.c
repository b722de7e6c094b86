/* A page on disk: 4064 octets of ciphertext, the id of the data key (4), the nonce (12),
 * the tag (16).
 *
 * Nonces are random, 96 bits.  By NIST SP 800-38D, 8.3, a key then serves 2^32 messages:
 * a month's index has a key of its own for the database and one for its WAL, so that is
 * 16 TiB written to the index of one month.
 *
 * A page is bound to its number in the database or its frame's in the WAL, so that pages
 * cannot change places.  An old page put back into its own place is not found out here:
 * who can write to the disk can also put back the whole of an older index.
 *
 * A frame's checksum, which SQLite makes from the plain page, would tell 64 bits of that,
 * and could be made to fit another page number without a key.  So it is on disk xored
 * with a pseudo-random function (CBC-MAC of AES-256, always of two blocks) of the frame's
 * number and of the header's other fields: whatever is changed there, the checksum is
 * wrong.  SQLite takes a frame like that for the end of the WAL. */
#include <openssl/evp.h>

#include "mem.h"
#include "sqlite_crypt_page.h"

#define CONTENT (SQLITE_CRYPT_PAGE - SQLITE_CRYPT_RESERVED)
#define NONCE_AT (CONTENT + DATA_KEY_ID)
#define TAG_AT (NONCE_AT + AEAD_NONCE)
#define BLOCK 16
#define CHECKSUM_AT 16 /* in a frame header, behind page, size and two salts */

struct page_key {
	unsigned char id[DATA_KEY_ID];
	struct aead *places[2];
	EVP_CIPHER_CTX *mask;
};

const unsigned char *
page_key_id(const unsigned char page[SQLITE_CRYPT_PAGE])
{
	return page + CONTENT;
}

static int
derive(const struct data_key *k, const char *use, const char *folder,
	unsigned char out[AEAD_KEY])
{
	char *info = xasprintf("mm-archive index %s %s", use, folder);
	int rc = hkdf_sha256(k->octets, STR(""), str_of(info), out);
	free(info);
	return rc;
}

struct page_key *
page_key_new(const struct data_key *k, const char *folder)
{
	struct page_key *p = xcalloc(1, sizeof(*p));
	unsigned char key[AEAD_KEY];
	memcpy(p->id, k->id, DATA_KEY_ID);
	if (derive(k, "page", folder, key) == 0)
		p->places[CRYPT_DATABASE] = aead_new(key);
	if (derive(k, "wal", folder, key) == 0)
		p->places[CRYPT_WAL] = aead_new(key);
	p->mask = EVP_CIPHER_CTX_new();
	if (!p->places[CRYPT_DATABASE] || !p->places[CRYPT_WAL] || !p->mask ||
		derive(k, "wal checksum", folder, key) < 0 ||
		EVP_EncryptInit_ex(p->mask, EVP_aes_256_ecb(), NULL, key, NULL) != 1 ||
		EVP_CIPHER_CTX_set_padding(p->mask, 0) != 1) {
		page_key_free(p);
		p = NULL;
	}
	explicit_bzero(key, sizeof(key));
	return p;
}

void
page_key_free(struct page_key *k)
{
	if (!k)
		return;
	aead_free(k->places[CRYPT_DATABASE]);
	aead_free(k->places[CRYPT_WAL]);
	EVP_CIPHER_CTX_free(k->mask);
	free(k);
}

static void
put_number(unsigned char out[4], uint32_t n)
{
	for (int i = 0; i < 4; i++)
		out[i] = (unsigned char)(n >> (24 - 8 * i));
}

/* What is authenticated beside the content: number and key. */
static struct str
about(const struct page_key *k, uint32_t number, unsigned char out[4 + DATA_KEY_ID])
{
	put_number(out, number);
	memcpy(out + 4, k->id, DATA_KEY_ID);
	return str_n((const char *)out, 4 + DATA_KEY_ID);
}

int
page_seal(struct page_key *k, enum crypt_place place, uint32_t number, const unsigned char *in,
	unsigned char *out)
{
	unsigned char aad[4 + DATA_KEY_ID];
	memcpy(out + CONTENT, k->id, DATA_KEY_ID);
	if (random_octets(out + NONCE_AT, AEAD_NONCE) < 0)
		return -1;
	return aead_seal(k->places[place], out + NONCE_AT, about(k, number, aad),
		str_n((const char *)in, CONTENT), out, out + TAG_AT);
}

int
page_open(struct page_key *k, enum crypt_place place, uint32_t number, const unsigned char *in,
	unsigned char *out)
{
	unsigned char aad[4 + DATA_KEY_ID];
	int rc = memcmp(in + CONTENT, k->id, DATA_KEY_ID) == 0
			 ? aead_open(k->places[place], in + NONCE_AT, about(k, number, aad),
				   str_n((const char *)in, CONTENT), in + TAG_AT, out)
			 : -1;
	/* SQLite's checksums of the WAL go over these too. */
	memset(out + CONTENT, 0, SQLITE_CRYPT_RESERVED);
	return rc;
}

int
page_mask_frame(struct page_key *k, uint32_t number, unsigned char h[WAL_FRAME_HEADER])
{
	unsigned char block[BLOCK], last[4];
	int n;
	if (EVP_EncryptUpdate(k->mask, block, &n, h, BLOCK) != 1)
		return -1;
	put_number(last, number);
	for (int i = 0; i < 4; i++)
		block[i] ^= last[i];
	if (EVP_EncryptUpdate(k->mask, block, &n, block, BLOCK) != 1)
		return -1;
	for (int i = 0; i < WAL_FRAME_HEADER - CHECKSUM_AT; i++)
		h[CHECKSUM_AT + i] ^= block[i];
	return 0;
}
