/* The key of a file is derived from a data key and 32 random octets in the file's header,
 * so no two files have the same.  In a file the nonces are random, 96 bits, and not
 * numbers or offsets: where a torn frame was cut off, another one is written at the same
 * place, perhaps by a process that knows nothing of the first.  A file of 1 GiB has less
 * than 2^24 frames; that two of them, cut off ones among them, have the same nonce has a
 * chance of less than 2^-49. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "archive_cipher.h"
#include "log.h"
#include "mem.h"

#define MAGIC "mm-enc\0\1"
#define ID_AT 8
#define SALT_AT 12
#define SALT 32
#define TAG_AT 48 /* the 4 before it are zeros */
#define LENGTH 4
#define OVERHEAD (LENGTH + AEAD_NONCE + AEAD_TAG)

static const unsigned char zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd}; /* RFC 8878 3.1.1 */

struct archive_cipher {
	struct aead *aead;
	unsigned char salt[SALT];
	struct buf out;
};

static struct archive_cipher *
derive(const struct data_key *k, const unsigned char header[ARCHIVE_CIPHER_HEADER])
{
	unsigned char key[AEAD_KEY];
	struct archive_cipher *c = xcalloc(1, sizeof(*c));
	memcpy(c->salt, header + SALT_AT, SALT);
	if (hkdf_sha256(k->octets, str_n((const char *)c->salt, SALT),
		    STR("mm-archive tar file"), key) == 0)
		c->aead = aead_new(key);
	explicit_bzero(key, sizeof(key));
	if (c->aead)
		return c;
	archive_cipher_free(c);
	return NULL;
}

/* The header's tag: of an empty message, with the nonce of zeros that no frame gets but by
 * the same chance. */
static const unsigned char header_nonce[AEAD_NONCE];

struct archive_cipher *
archive_cipher_new(const struct archive_keys *k, unsigned char header[ARCHIVE_CIPHER_HEADER])
{
	const struct data_key *key = archive_keys_newest(k);
	struct archive_cipher *c = NULL;
	memset(header, 0, ARCHIVE_CIPHER_HEADER);
	memcpy(header, MAGIC, ID_AT);
	memcpy(header + ID_AT, key->id, DATA_KEY_ID);
	if (random_octets(header + SALT_AT, SALT) == 0 && (c = derive(key, header)) &&
		aead_seal(c->aead, header_nonce, str_n((const char *)header, TAG_AT), STR(""),
			NULL, header + TAG_AT) == 0)
		return c;
	archive_cipher_free(c);
	log_error("cannot encrypt: OpenSSL failed");
	return NULL;
}

static struct archive_cipher *
refuse(struct archive_cipher *c, const char *path, const char *what)
{
	log_error("%s: %s", path, what);
	archive_cipher_free(c);
	return NULL;
}

struct archive_cipher *
archive_cipher_open(const struct archive_keys *k, int fd, const char *path)
{
	unsigned char header[ARCHIVE_CIPHER_HEADER];
	ssize_t n = pread(fd, header, sizeof(header), 0);
	if (n < 0)
		return refuse(NULL, path, strerror(errno));
	if (n != sizeof(header) || memcmp(header, MAGIC, ID_AT) != 0)
		return refuse(NULL, path,
			"expected the header of an encrypted file at byte 0; everything in an "
			"encrypted archive has one");
	const struct data_key *key = archive_keys_find(k, header + ID_AT);
	if (!key)
		return refuse(NULL, path, "its data key, at byte 8, is unknown");
	struct archive_cipher *c = derive(key, header);
	if (!c || aead_open(c->aead, header_nonce, str_n((const char *)header, TAG_AT), STR(""),
			  header + TAG_AT, NULL) < 0)
		return refuse(c, path, "the header at byte 0 is not as it was made");
	return c;
}

void
archive_cipher_free(struct archive_cipher *c)
{
	if (!c)
		return;
	aead_free(c->aead);
	buf_release(&c->out);
	free(c);
}

uint64_t
archive_cipher_start(const struct archive_keys *k)
{
	return k ? ARCHIVE_CIPHER_HEADER : 0;
}

/* What is authenticated beside the frame: salt, offset and length. */
static struct str
about(const struct archive_cipher *c, uint64_t offset, const unsigned char length[LENGTH],
	unsigned char out[SALT + 8 + LENGTH])
{
	memcpy(out, c->salt, SALT);
	for (int i = 0; i < 8; i++)
		out[SALT + i] = (unsigned char)(offset >> (56 - 8 * i));
	memcpy(out + SALT + 8, length, LENGTH);
	return str_n((const char *)out, SALT + 8 + LENGTH);
}

int
archive_cipher_seal(struct archive_cipher *c, uint64_t offset, struct str *frame)
{
	unsigned char aad[SALT + 8 + LENGTH];
	if (!c)
		return 0;
	if (frame->n == 0 || frame->n > AEAD_MAX)
		return -1;
	buf_reset(&c->out);
	buf_reserve(&c->out, frame->n + OVERHEAD);
	unsigned char *p = (unsigned char *)c->out.p, *nonce = p + LENGTH;
	for (int i = 0; i < LENGTH; i++)
		p[i] = (unsigned char)(frame->n >> (24 - 8 * i));
	if (random_octets(nonce, AEAD_NONCE) < 0 ||
		aead_seal(c->aead, nonce, about(c, offset, p, aad), *frame, nonce + AEAD_NONCE,
			nonce + AEAD_NONCE + frame->n) < 0)
		return -1;
	c->out.n = frame->n + OVERHEAD;
	*frame = buf_str(&c->out);
	return 0;
}

size_t
archive_cipher_frame(const struct archive_cipher *c, struct str octets)
{
	uint64_t n = 0;
	if (!c) {
		size_t size = ZSTD_findFrameCompressedSize(octets.p, octets.n);
		return ZSTD_isError(size) ? 0 : size;
	}
	for (size_t i = 0; octets.n > OVERHEAD && i < LENGTH; i++)
		n = n << 8 | (unsigned char)octets.p[i];
	return n > 0 && n <= AEAD_MAX && n <= octets.n - OVERHEAD ? (size_t)n + OVERHEAD : 0;
}

int
archive_cipher_unseal(struct archive_cipher *c, uint64_t offset, struct str *frame)
{
	unsigned char aad[SALT + 8 + LENGTH];
	if (!c)
		return 0;
	if (archive_cipher_frame(c, *frame) != frame->n || frame->n == 0)
		return -1;
	const unsigned char *p = (const unsigned char *)frame->p, *nonce = p + LENGTH;
	size_t n = frame->n - OVERHEAD;
	buf_reset(&c->out);
	buf_reserve(&c->out, n);
	if (aead_open(c->aead, nonce, about(c, offset, p, aad),
		    str_n((const char *)nonce + AEAD_NONCE, n), nonce + AEAD_NONCE + n,
		    (unsigned char *)c->out.p) < 0)
		return -1;
	c->out.n = n;
	*frame = buf_str(&c->out);
	return 0;
}

/* Whatever the length says, only a frame opens to what a zstd frame begins with. */
static bool
may_begin(struct archive_cipher *c, struct str octets)
{
	unsigned char start[sizeof(zstd_magic)];
	if (!c)
		return true;
	size_t n = archive_cipher_frame(c, octets);
	if (n < OVERHEAD + sizeof(start))
		return false;
	const unsigned char *nonce = (const unsigned char *)octets.p + LENGTH;
	return aead_peek(c->aead, nonce, str_n((const char *)nonce + AEAD_NONCE, sizeof(start)),
		       start) == 0 &&
	       memcmp(start, zstd_magic, sizeof(start)) == 0;
}

size_t
archive_cipher_look(struct archive_cipher *c, struct str octets, size_t at)
{
	while (at < octets.n) {
		struct str rest = str_skip(octets, at);
		const char *magic =
			c ? rest.p : memmem(rest.p, rest.n, zstd_magic, sizeof(zstd_magic));
		if (!magic)
			return octets.n;
		at = (size_t)(magic - octets.p);
		if (may_begin(c, str_skip(octets, at)))
			return at;
		at++;
	}
	return octets.n;
}
