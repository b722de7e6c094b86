/* archive_frame.h: reads messages out of an archive's tar files, one frame at a
 * time; the last frame is kept, so that neighbours cost nothing. */
#ifndef MM_ARCHIVE_FRAME_H
#define MM_ARCHIVE_FRAME_H

#include <sqlite3.h>

#include "archive_index.h"
#include "buf.h"
#include "record.h"

/* One message of the largest size and its envelope, in tar blocks. */
#define FRAME_MAX_RAW ((2ull << 30) - 1)

struct frame_reader {
	char *month_dir;
	const struct archive_keys *keys;
	char *file; /* open one, or NULL */
	int fd;
	struct archive_cipher *cipher; /* of the open file */
	uint64_t frame_at;             /* of what `raw` holds, when raw.n > 0 */
	struct buf packed, raw;
	struct str frame; /* what is in `packed`, decrypted, after frame_read() */
	struct ZSTD_DCtx_s *zstd;
	struct archive_row now; /* archive_frame_moved.h */
	char *now_file;
	bool unread; /* archive_query_header.h: a message could not be read */
};

/* keys: the archive's, which must stay; NULL when it is not encrypted. */
void frame_reader_init(
	struct frame_reader *fr, const char *month_dir, const struct archive_keys *keys);
void frame_reader_release(struct frame_reader *fr);

/* Lets go of the file and the memory until it is to read again. */
void frame_reader_rest(struct frame_reader *fr);

/* Unpacks what is in `packed`, one whole frame of `raw_size` octets.  0 or -1. */
int frame_unpack(struct frame_reader *fr, struct str packed, uint64_t raw_size);

/* To read a file of the folder from its beginning: opens it.  0, or -1 after the reason was
 * logged. */
int frame_file(struct frame_reader *fr, struct str name);

/* Unpacks the frame that `octets`, those of that file from `at` on, begin with, into
 * fr->raw.  Its length in the file, 0 when it is no whole frame. */
size_t frame_next(struct frame_reader *fr, uint64_t at, struct str octets);

/* The whole frame of a row, unpacked: a view valid until the next call.  0, or -1
 * after the reason was logged. */
int frame_read(struct frame_reader *fr, const struct archive_row *row, struct str *raw);

/* The message's octets, also when its file has gone since the row was read; a view as
 * above. */
int frame_message(struct frame_reader *fr, const struct archive_row *row, struct str *octets);

/* The record as it was archived, with every recipient of later additions: the
 * caller's to free.  NULL after the reason was logged. */
struct record *frame_record(
	struct frame_reader *fr, sqlite3 *db, const struct archive_row *row);

#endif
