/* forget_file.h: a tar file written anew without some messages.  Frames that have nothing of
 * them are copied as they are packed. */
#ifndef MM_FORGET_FILE_H
#define MM_FORGET_FILE_H

#include "forget_ids.h"
#include "tar_rewrite.h"

#define FORGET_MARK ".less" /* 22-mx1-0001.less1.tar.zst; dense ones stay dense */

struct forget_file {
	char *name; /* the old one */
	struct tar_rewrite to;

	/* private */
	struct forget_frame *frames; /* that stay, in their order */
	size_t nframes, frames_cap;
	struct forget_move *moves; /* messages that stay in a frame that was packed anew */
	size_t nmoves, moves_cap;
	struct frame_reader reader;
};

/* Writes the new one and gives it its name; gone.h knows of that first.  f is {0}, dir and the
 * ids must stay.  0, or -1 after the reason was logged; release in either case. */
int forget_file_write(struct forget_file *f, struct month_index *x, const char *dir,
	const char *name, const struct forget_ids *ids);
void forget_file_release(struct forget_file *f);

/* Within a transaction: makes the index name the new one, and gone.h the old one.  Messages
 * that were marked are deleted before.  0, or -1 after the reason was logged. */
int forget_file_rows(struct forget_file *f, struct month_index *x);

#endif
