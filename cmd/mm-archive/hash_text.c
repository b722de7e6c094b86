#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <unistd.h>

#include "hash_text.h"
#include "log.h"

struct hash_text
hash_text(const unsigned char digest[32])
{
	static const char digits[] = "0123456789abcdef";
	struct hash_text h;
	for (int i = 0; i < 32; i++) {
		h.s[2 * i] = digits[digest[i] >> 4];
		h.s[2 * i + 1] = digits[digest[i] & 15];
	}
	h.s[HASH_DIGITS] = '\0';
	return h;
}

struct hash_text
hash_text_of(struct str octets)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	SHA256((const unsigned char *)(octets.p ? octets.p : ""), octets.n, digest);
	return hash_text(digest);
}

/* 0; or -1 with errno set, 0 of it when it is OpenSSL that failed. */
static int
digest_fd(int fd, EVP_MD_CTX *sha, unsigned char digest[SHA256_DIGEST_LENGTH], uint64_t *size)
{
	unsigned char piece[64 << 10];
	ssize_t n = 1;
	bool good = sha && EVP_DigestInit_ex(sha, EVP_sha256(), NULL) == 1;
	for (*size = 0; good && n != 0; *size += n > 0 ? (uint64_t)n : 0) {
		n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno != EINTR)
			return -1;
		good = n <= 0 || EVP_DigestUpdate(sha, piece, (size_t)n) == 1;
	}
	errno = 0;
	return good && EVP_DigestFinal_ex(sha, digest, NULL) == 1 ? 0 : -1;
}

int
hash_text_of_file(const char *path, struct hash_text *out, uint64_t *size)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	EVP_MD_CTX *sha = EVP_MD_CTX_new();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : digest_fd(fd, sha, digest, size);
	if (rc < 0)
		log_error(
			"cannot read %s: %s", path, errno ? strerror(errno) : "OpenSSL failed");
	else
		*out = hash_text(digest);
	if (fd >= 0)
		close(fd);
	EVP_MD_CTX_free(sha);
	return rc;
}

int
hash_text_parse(struct str s, struct hash_text *out)
{
	if (s.n != HASH_DIGITS)
		return -1;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return -1;
	memcpy(out->s, s.p, HASH_DIGITS);
	out->s[HASH_DIGITS] = '\0';
	return 0;
}

bool
hash_text_eq(const struct hash_text *a, const struct hash_text *b)
{
	return strcmp(a->s, b->s) == 0;
}

void
hash_text_digest(const struct hash_text *h, unsigned char digest[32])
{
	for (int i = 0; i < 32; i++) {
		char two[3] = {h->s[2 * i], h->s[2 * i + 1], '\0'};
		digest[i] = (unsigned char)strtoul(two, NULL, 16);
	}
}
