/* A file of the intake with anything in it: what is taken for a frame is one that was
 * written, at its place; its records lie within it; and one bit that is another makes
 * it none. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "intake_read.h"

#define SALT 4711

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bounds {
	off_t start, end;
};

static int
within(void *arg, struct record **r, off_t body_at)
{
	const struct bounds *b = arg;
	if (body_at < b->start || body_at + (off_t)(*r)->body->n > b->end)
		abort();
	return 0;
}

static void
put(int fd, const void *p, size_t n, off_t at)
{
	if (pwrite(fd, p, n, at) != (ssize_t)n)
		abort();
}

/* Octets as they are.  The fuzzer sees the hash compared and can make the right one. */
static void
raw(struct intake_source *in, const uint8_t *data, size_t size)
{
	struct intake_frame f;
	struct bounds b = {INTAKE_HEADER_SIZE + INTAKE_FRAME_SIZE, 0};
	b.end = INTAKE_HEADER_SIZE + (off_t)size;
	put(in->fd, data, size, INTAKE_HEADER_SIZE);
	if (intake_read_frame(in->fd, INTAKE_HEADER_SIZE, SALT, &f) == 1)
		(void)intake_source_each(in, INTAKE_HEADER_SIZE, &f, within, &b);
}

static void
framed(struct intake_source *in, const uint8_t *data, size_t size, unsigned flip)
{
	uint8_t header[INTAKE_FRAME_SIZE], octet;
	struct intake_frame f = {.count = 1, .length = size, .queued = 1};
	struct iovec payload = {.iov_base = (void *)data, .iov_len = size};
	struct bounds b = {INTAKE_HEADER_SIZE + INTAKE_FRAME_SIZE, 0};
	b.end = b.start + (off_t)size;
	intake_encode_frame(header, &f, SALT, INTAKE_HEADER_SIZE, &payload, 1);
	put(in->fd, header, sizeof(header), INTAKE_HEADER_SIZE);
	put(in->fd, data, size, b.start);
	if (intake_read_frame(in->fd, INTAKE_HEADER_SIZE, SALT, &f) != 1 ||
		intake_read_frame(in->fd, INTAKE_HEADER_SIZE, SALT + 1, &f) != 0)
		abort();
	(void)intake_source_each(in, INTAKE_HEADER_SIZE, &f, within, &b);
	off_t at = INTAKE_HEADER_SIZE + (off_t)(flip / 8 % (sizeof(header) + size));
	if (pread(in->fd, &octet, 1, at) != 1)
		abort();
	octet ^= (uint8_t)(1u << flip % 8);
	put(in->fd, &octet, 1, at);
	if (intake_read_frame(in->fd, INTAKE_HEADER_SIZE, SALT, &f) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	struct intake_source in = {.fd = memfd_create("intake", MFD_CLOEXEC)};
	struct intake_header h = {.salt = SALT};
	unsigned flip = data[0] | (unsigned)data[1] << 8;
	if (in.fd < 0 || intake_write_header(in.fd, &h) < 0)
		abort();
	if (data[2] & 1)
		framed(&in, data + 3, size - 3, flip);
	else
		raw(&in, data + 3, size - 3);
	close(in.fd);
	return 0;
}
