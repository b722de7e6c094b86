#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "intake_file.h"
#include "mem.h"

#define FRAME_MAGIC 0x31464d4du /* "MMF1" */
#define CHUNK 262144

static const char header_magic[16] = "mm-queue intake\n";

char *
intake_path(const char *dir, const char *name)
{
	return name ? xasprintf("%s/intake/%s", dir, name) : xasprintf("%s/intake", dir);
}

/* All n octets, or -1; errno ENODATA when the file ends before. */
static int
read_at(int fd, void *p, size_t n, off_t at)
{
	for (size_t got = 0; got < n;) {
		ssize_t r = pread(fd, (char *)p + got, n - got, at + (off_t)got);
		if (r < 0 && errno == EINTR)
			continue;
		if (r == 0)
			errno = ENODATA;
		if (r <= 0)
			return -1;
		got += (size_t)r;
	}
	return 0;
}

int
intake_read_header(int fd, struct intake_header *h)
{
	uint8_t octets[INTAKE_HEADER_SIZE];
	uint64_t number[2];
	if (read_at(fd, octets, sizeof(octets), 0) < 0)
		return -1;
	if (memcmp(octets, header_magic, sizeof(header_magic)) != 0) {
		errno = EBADMSG;
		return -1;
	}
	memcpy(number, octets + sizeof(header_magic), sizeof(number));
	h->salt = le64toh(number[0]);
	h->end = (off_t)le64toh(number[1]);
	return 0;
}

int
intake_write_header(int fd, const struct intake_header *h)
{
	uint8_t octets[INTAKE_HEADER_SIZE];
	uint64_t number[2] = {htole64(h->salt), htole64((uint64_t)h->end)};
	memcpy(octets, header_magic, sizeof(header_magic));
	memcpy(octets + sizeof(header_magic), number, sizeof(number));
	ssize_t put = pwrite(fd, octets, sizeof(octets), 0);
	if (put >= 0 && put < (ssize_t)sizeof(octets))
		errno = ENOSPC;
	return put == (ssize_t)sizeof(octets) ? 0 : -1;
}

/* A frame's header without its hash, then with it. */
static void
encode(uint8_t out[INTAKE_FRAME_SIZE], const struct intake_frame *f)
{
	uint32_t word[2] = {htole32(FRAME_MAGIC), htole32(f->count)};
	uint64_t number[3] = {
		htole64(f->length), htole64((uint64_t)f->queued), htole64(f->hash)};
	memcpy(out, word, sizeof(word));
	memcpy(out + sizeof(word), number, sizeof(number));
}

/* One for all: no two hashes are made at once. */
static XXH3_state_t *
begin_hash(const struct intake_frame *f, uint64_t salt, off_t at)
{
	static XXH3_state_t *x;
	uint8_t header[INTAKE_FRAME_SIZE];
	struct intake_frame bare = *f;
	bare.hash = (uint64_t)at; /* a frame is good at its own place only */
	encode(header, &bare);
	if (!x && !(x = XXH3_createState()))
		abort();
	XXH3_64bits_reset_withSeed(x, salt);
	XXH3_64bits_update(x, header, sizeof(header));
	return x;
}

void
intake_encode_frame(uint8_t out[INTAKE_FRAME_SIZE], struct intake_frame *f, uint64_t salt,
	off_t at, const struct iovec *payload, size_t n)
{
	XXH3_state_t *x = begin_hash(f, salt, at);
	for (size_t i = 0; i < n; i++)
		XXH3_64bits_update(x, payload[i].iov_base, payload[i].iov_len);
	f->hash = XXH3_64bits_digest(x);
	encode(out, f);
}

static int
check_payload(int fd, off_t at, uint64_t salt, const struct intake_frame *f)
{
	static char chunk[CHUNK];
	XXH3_state_t *x = begin_hash(f, salt, at);
	off_t from = at + INTAKE_FRAME_SIZE;
	for (uint64_t left = f->length; left > 0;) {
		size_t n = left < CHUNK ? (size_t)left : CHUNK;
		if (read_at(fd, chunk, n, from) < 0)
			return errno == ENODATA ? 0 : -1;
		XXH3_64bits_update(x, chunk, n);
		from += (off_t)n;
		left -= n;
	}
	return XXH3_64bits_digest(x) == f->hash;
}

int
intake_read_frame(int fd, off_t at, uint64_t salt, struct intake_frame *f)
{
	uint8_t octets[INTAKE_FRAME_SIZE];
	uint32_t word[2];
	uint64_t number[3];
	if (read_at(fd, octets, sizeof(octets), at) < 0)
		return errno == ENODATA ? 0 : -1;
	memcpy(word, octets, sizeof(word));
	memcpy(number, octets + sizeof(word), sizeof(number));
	f->count = le32toh(word[1]);
	f->length = le64toh(number[0]);
	f->queued = (int64_t)le64toh(number[1]);
	f->hash = le64toh(number[2]);
	if (le32toh(word[0]) != FRAME_MAGIC || f->length > INT64_MAX - (uint64_t)at)
		return 0;
	return check_payload(fd, at, salt, f);
}
