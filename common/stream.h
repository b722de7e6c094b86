/* stream.h: the one reader and the one writer of mail streams, mm-stream(5). */
#ifndef MM_STREAM_H
#define MM_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "blob.h"
#include "record.h"

#define STREAM_MAX_LINE RECORD_MAX_LINE /* octets of one field line, without the LF */
#define STREAM_MAX_HEAD (16u << 20)     /* octets of all field lines of a record */
#define STREAM_MAX_BODY (1ull << 30)    /* octets of a message */
#define STREAM_MAX_NAME 64              /* octets of a field name */
#define STREAM_PIPE_SIZE (1 << 20)      /* what we ask the kernel for between programs */

/* Reader: fill from a descriptor (or feed bytes), then take records until
 * there is none.  {0} is a fresh reader. */
struct stream_reader {
	struct buf in;
	size_t at;       /* consumed bytes of `in` */
	uint64_t offset; /* of in.p[0] in the stream */
	struct record *rec;
	bool in_body;
	bool broken;
	bool local_fault; /* broken by us: a spool that cannot be written */
	uint64_t body_left;
	struct blob_builder body;
	char error[256];
};

/* One read(2).  Octets got; 0 at end of file; -1 with errno set. */
ssize_t stream_fill(struct stream_reader *r, int fd);
void stream_feed(struct stream_reader *r, const void *p, size_t n);

/* 1: *out is the next record, the caller's to free.  0: more input is needed.
 * -1: the stream is malformed, or (r->local_fault) a spool cannot be written;
 * r->error says "byte N: expected ..."; every further call says the same. */
int stream_next(struct stream_reader *r, struct record **out);

/* At end of file: 0 when it fell between records, else -1 with r->error set. */
int stream_end(struct stream_reader *r);

/* Is a further record (or part of one) already buffered? */
bool stream_pending(const struct stream_reader *r);

void stream_reader_release(struct stream_reader *r);

/* Writer: a queue of records that go out by writev, bodies uncopied. */
struct stream_slot {
	struct record *rec;
	char first_line[32];
	size_t first_len;
};

struct stream_writer {
	struct stream_slot *slots;
	size_t first, count, cap;
	size_t sent;    /* octets of slots[first] already written */
	size_t pending; /* octets not yet written */
};

/* Takes the record; it is freed once written. */
void stream_push(struct stream_writer *w, struct record *rec);

/* 0: everything is written.  1: the descriptor would block.  -1: errno is set,
 * what remains is kept. */
int stream_flush(struct stream_writer *w, int fd);

void stream_writer_release(struct stream_writer *w);

#endif
