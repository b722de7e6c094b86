/* intake_file.h: the files of DIR/intake, in which `add` makes records durable.
 *
 *     DIR/intake/ULID
 *
 * A file is a header and frames.  A frame is what one commit made durable: its own
 * header, then records as they stand in a stream; one with the field `held` is to be
 * held from the first.  Nothing in it is ever changed; a
 * frame that is not whole, by its length or its hash, was never acknowledged, and
 * whatever follows it was not either.
 *
 * Whoever writes a file holds it by flock(2), and so does whoever empties or removes
 * it.  Numbers are little-endian. */
#ifndef MM_QUEUE_INTAKE_FILE_H
#define MM_QUEUE_INTAKE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#define INTAKE_HEADER_SIZE 32
#define INTAKE_FRAME_SIZE 32
#define INTAKE_FILE_MAX ((off_t)64 << 20) /* a new frame goes into a new file from here on */

struct intake_header {
	uint64_t salt; /* random: frames of another use of the file do not fit it */
	off_t end;     /* where the frames end, set by a writer that is done; else 0 */
};

struct intake_frame {
	uint32_t count;  /* records */
	uint64_t length; /* octets of them */
	int64_t queued;  /* ms since 1970 */
	uint64_t hash;
};

/* DIR/intake; the caller frees. */
char *intake_path(const char *dir, const char *name); /* name NULL: the directory */

/* Each 0, or -1 with errno set; EBADMSG when it is no such header. */
int intake_read_header(int fd, struct intake_header *h);
int intake_write_header(int fd, const struct intake_header *h);

/* The octets of a frame's header, its hash over the rest of it and over the payload. */
void intake_encode_frame(uint8_t out[INTAKE_FRAME_SIZE], struct intake_frame *f, uint64_t salt,
	off_t at, const struct iovec *payload, size_t n);

/* The frame at that place: 1 whole, 0 there is none that is, -1 with errno set. */
int intake_read_frame(int fd, off_t at, uint64_t salt, struct intake_frame *f);

#endif
