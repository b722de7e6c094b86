#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base64.h"
#include "io.h"
#include "key_file.h"
#include "log.h"

#define TEXT_MAX 256

static int
digit(char c)
{
	c = ascii_lower(c);
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
from_hex(unsigned char out[AEAD_KEY], struct str s)
{
	for (size_t i = 0; i < AEAD_KEY; i++) {
		int high = digit(s.p[2 * i]), low = digit(s.p[2 * i + 1]);
		if (high < 0 || low < 0)
			return -1;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}

static int
from_base64(unsigned char out[AEAD_KEY], struct str s)
{
	struct buf b = {0};
	int rc = base64_decode(s, &b) == 0 && b.n == AEAD_KEY ? 0 : -1;
	if (rc == 0)
		memcpy(out, b.p, AEAD_KEY);
	if (b.p)
		explicit_bzero(b.p, b.cap);
	buf_release(&b);
	return rc;
}

static void
to_hex(char *out, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", p[i]);
}

static int
name_key(struct file_key *k)
{
	unsigned char hash[AEAD_KEY];
	if (hkdf_sha256(k->octets, STR(""), STR("mm-archive key id"), hash) < 0)
		return -1;
	to_hex(k->id, hash, (KEY_ID_SIZE - 1) / 2);
	return 0;
}

int
file_key_parse(struct file_key *k, struct str text)
{
	struct str s = str_trim(text);
	int rc = s.n == 2 * AEAD_KEY ? from_hex(k->octets, s) : from_base64(k->octets, s);
	return rc < 0 ? -1 : name_key(k);
}

static int
read_text(const char *path, struct buf *text)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;
	if (fd < 0 || fstat(fd, &st) < 0)
		log_error("cannot open the key file %s: %s", path, strerror(errno));
	else if (st.st_mode & (S_IRWXG | S_IRWXO))
		log_error("%s: others have access to this key; expected mode 0600", path);
	else if ((rc = io_read_all(fd, text, TEXT_MAX)) < 0)
		log_error("cannot read the key file %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

int
file_key_read(struct file_key *k, const char *path)
{
	struct buf text = {0};
	*k = (struct file_key){0};
	buf_reserve(&text, 2 * TEXT_MAX); /* it does not move, so that nothing stays behind */
	int rc = read_text(path, &text);
	if (rc == 0 && (rc = file_key_parse(k, buf_str(&text))) < 0)
		log_error("%s: expected a key of 32 octets, as 64 hexadecimal digits or "
			  "base64",
			path);
	explicit_bzero(text.p, text.cap);
	buf_release(&text);
	return rc;
}

/* Never in the place of a file: link(2) fails where there is one. */
static int
write_new(const char *path, const char *text, size_t n)
{
	char part[4096];
	if (snprintf(part, sizeof(part), "%s.part.%ld", path, (long)getpid()) >=
		(int)sizeof(part)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int rc = io_write_file(part, text, n, 0600);
	if (rc == 0)
		rc = link(part, path);
	if (rc == 0)
		rc = io_sync_parent(path);
	int saved = errno;
	(void)unlink(part);
	errno = saved;
	return rc;
}

int
file_key_make(struct file_key *k, const char *path, bool *made)
{
	char text[2 * AEAD_KEY + 2];
	*made = false;
	if (access(path, F_OK) == 0)
		return file_key_read(k, path);
	*k = (struct file_key){0};
	if (random_octets(k->octets, AEAD_KEY) < 0 || name_key(k) < 0) {
		log_error("there are no random octets for a key");
		return -1;
	}
	to_hex(text, k->octets, AEAD_KEY);
	text[2 * AEAD_KEY] = '\n';
	int rc = write_new(path, text, 2 * AEAD_KEY + 1);
	explicit_bzero(text, sizeof(text));
	if (rc < 0 && errno == EEXIST)
		return file_key_read(k, path);
	if (rc < 0)
		log_error("cannot make the key file %s: %s", path, strerror(errno));
	*made = rc == 0;
	return rc;
}

void
file_key_wipe(struct file_key *k)
{
	explicit_bzero(k, sizeof(*k));
}
