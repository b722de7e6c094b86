#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_cipher.h"
#include "archive_frame.h"
#include "content.h"
#include "io.h"
#include "log.h"
#include "mem.h"
#include "tar_file.h"
#include "tar_frame.h"

struct octets {
	struct str all;
	void *map; /* or */
	struct buf copy;
};

struct reading {
	struct content *content;
	struct frame_reader frames;
	EVP_MD_CTX *sha;
	struct str raw;
};

static int
take_entry(void *arg, const char *name, struct tar_entry where)
{
	struct reading *r = arg;
	struct content *c = r->content;
	if (where.at > r->raw.n || where.size > r->raw.n - where.at)
		return -1;
	c->entries = xgrow(c->entries, &c->cap, c->n + 1, sizeof(*c->entries));
	struct content_entry *e = &c->entries[c->n++];
	e->message = str_ends(str_of(name), STR(".eml"));
	c->messages += e->message;
	return EVP_DigestInit_ex(r->sha, EVP_sha256(), NULL) == 1 &&
			       EVP_DigestUpdate(r->sha, name, strlen(name)) == 1 &&
			       EVP_DigestUpdate(r->sha, "\n", 1) == 1 &&
			       EVP_DigestUpdate(r->sha, r->raw.p + where.at, where.size) == 1 &&
			       EVP_DigestFinal_ex(r->sha, e->digest, NULL) == 1
		       ? 0
		       : -1;
}

static int
take_frames(struct reading *r, const char *dir, const char *file, struct str octets)
{
	for (size_t at = archive_cipher_start(r->frames.keys); at < octets.n;) {
		struct str rest = str_skip(octets, at);
		size_t n = frame_next(&r->frames, at, rest);
		r->raw = buf_str(&r->frames.raw);
		if (n == 0 || tar_frame_walk(r->raw, take_entry, r) < 0) {
			log_error("%s/%s: frame at byte %zu: it does not unpack to a tar", dir,
				file, at);
			return -1;
		}
		at += n;
	}
	return 0;
}

static int
read_octets(struct content *c, const char *dir, const char *file,
	const struct archive_keys *keys, struct str octets)
{
	struct reading r = {.content = c, .sha = EVP_MD_CTX_new()};
	frame_reader_init(&r.frames, dir, keys);
	c->size = octets.n;
	c->sha256 = hash_text_of(octets);
	int rc = r.sha && frame_file(&r.frames, str_of(file)) == 0
			 ? take_frames(&r, dir, file, octets)
			 : -1;
	frame_reader_release(&r.frames);
	EVP_MD_CTX_free(r.sha);
	return rc;
}

/* The octets of an open file.  Who appends to one that is not closed may cut it off, and a map
 * of that would be a signal.  0, or -1 with errno set. */
static int
get_octets(int fd, struct octets *o)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -1;
	if (!tar_file_is_closed(&st)) {
		int rc = io_read_all(fd, &o->copy, SIZE_MAX / 2);
		o->all = buf_str(&o->copy);
		return rc;
	}
	if (st.st_size == 0)
		return 0;
	o->map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (o->map == MAP_FAILED) {
		o->map = NULL;
		return -1;
	}
	o->all = str_n(o->map, (size_t)st.st_size);
	return 0;
}

static void
release_octets(struct octets *o)
{
	if (o->map)
		munmap(o->map, o->all.n);
	buf_release(&o->copy);
}

int
content_read(
	struct content *c, const char *dir, const char *file, const struct archive_keys *keys)
{
	char *path = xasprintf("%s/%s", dir, file);
	struct octets o = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;
	*c = (struct content){0};
	if (fd < 0 || get_octets(fd, &o) < 0)
		log_error("cannot read %s: %s", path, strerror(errno));
	else if (o.all.n == 0)
		log_error("cannot read %s: it is empty", path);
	else
		rc = read_octets(c, dir, file, keys, o.all);
	release_octets(&o);
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

bool
content_has_envelope(const struct content *c, size_t i)
{
	return i > 0 && c->entries[i].message && !c->entries[i - 1].message;
}

void
content_release(struct content *c)
{
	free(c->entries);
	*c = (struct content){0};
}

struct hash_text
content_hash(const struct content *c)
{
	unsigned char digest[SHA256_DIGEST_LENGTH] = {0};
	EVP_MD_CTX *sha = EVP_MD_CTX_new();
	bool good = sha && EVP_DigestInit_ex(sha, EVP_sha256(), NULL) == 1;
	for (size_t i = 0; good && i < c->n; i++) {
		struct hash_text h = hash_text(c->entries[i].digest);
		h.s[HASH_DIGITS] = '\n';
		good = EVP_DigestUpdate(sha, h.s, HASH_DIGITS + 1) == 1;
	}
	good = good && EVP_DigestFinal_ex(sha, digest, NULL) == 1;
	EVP_MD_CTX_free(sha);
	return good ? hash_text(digest) : (struct hash_text){""};
}

int
content_removed(const struct content *before, const struct content *now,
	struct chain_removed **list, size_t *n)
{
	size_t cap = 0, k = 0;
	*list = NULL;
	*n = 0;
	for (size_t i = 0; i < before->n; i++) {
		const struct content_entry *e = &before->entries[i];
		if (k < now->n &&
			memcmp(e->digest, now->entries[k].digest, sizeof(e->digest)) == 0) {
			k++;
			continue;
		}
		*list = xgrow(*list, &cap, *n + 1, sizeof(**list));
		(*list)[(*n)++] = (struct chain_removed){i, e->message, hash_text(e->digest)};
	}
	return k == now->n ? 0 : -1;
}

int
content_restore(struct content *c, const struct chain_removed *list, size_t n)
{
	size_t total = c->n + n, from = 0, taken = 0;
	struct content_entry *all = xcalloc(total + 1, sizeof(*all));
	for (size_t i = 0; i < total; i++) {
		if (taken < n && list[taken].at == i) {
			all[i].message = list[taken].message;
			hash_text_digest(&list[taken++].entry, all[i].digest);
		} else if (from < c->n) {
			all[i] = c->entries[from++];
		} else {
			free(all);
			return -1;
		}
	}
	free(c->entries);
	c->entries = all;
	c->n = total;
	c->cap = total + 1;
	return 0;
}
