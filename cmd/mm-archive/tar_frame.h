/* tar_frame.h: tar entries in memory, packed into one zstd frame (by libarchive
 * and libzstd).  Frames one behind the other are one tar file: the mark of a tar's
 * end is never written, as tar programs do not ask for it. */
#ifndef MM_TAR_FRAME_H
#define MM_TAR_FRAME_H

#include <stdint.h>

#include "buf.h"

#define TAR_FRAME_LEVEL 2

struct tar_frame {
	struct archive *tar; /* libarchive's writer, into raw */
	struct ZSTD_CCtx_s *zstd;
	struct buf raw, packed;
};

/* Where an entry's octets are within the unpacked frame. */
struct tar_entry {
	uint64_t at, size;
	uint64_t head; /* where its header begins; tar_frame_walk() tells */
};

/* 0, or -1 after the reason was logged. */
int tar_frame_init(struct tar_frame *f);
void tar_frame_level(struct tar_frame *f, int level); /* of compression, else TAR_FRAME_LEVEL */
void tar_frame_release(struct tar_frame *f);

void tar_frame_start(struct tar_frame *f); /* an empty frame */
int tar_frame_add(struct tar_frame *f, const char *name, int64_t mtime_ms, struct str octets,
	struct tar_entry *where);

/* Adds an entry as it is in another unpacked frame, header and all. */
void tar_frame_copy(struct tar_frame *f, struct str raw, struct tar_entry from);

/* The frame packed, with its size and a checksum; a view until the next call. */
int tar_frame_pack(struct tar_frame *f, struct str *packed);

/* Calls `each` for every entry of an unpacked frame.  -1 when it is no tar or
 * `each` said so. */
typedef int tar_frame_each(void *arg, const char *name, struct tar_entry where);
int tar_frame_walk(struct str raw, tar_frame_each *each, void *arg);

#endif
