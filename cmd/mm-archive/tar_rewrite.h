/* tar_rewrite.h: a tar file written anew in another's place: under a name of its own, which
 * it gets when it is whole and durable.  Frames are packed, or copied as they are. */
#ifndef MM_TAR_REWRITE_H
#define MM_TAR_REWRITE_H

#include "archive_frame.h"
#include "month_index.h"

#define TAR_PART_ENDING ".part"
#define TAR_REWRITE_LOCK "rewrite.lock"

struct tar_rewrite {
	const char *dir, *file; /* the old one */
	char *name;             /* the new one's, within dir */
	char *path, *part;      /* where it will be, and is until then */
	int fd;
	uint64_t size;
	struct tar_frame packer; /* of the frame being made */
	size_t in_frame;         /* its messages, as the owner counts them */
	struct index_frame *frames;
	size_t nframes;

	/* private */
	size_t frames_cap;
	struct frame_reader check;
	struct archive_cipher *cipher;
};

/* Only who holds this may write files anew, or remove them, in a month's folder; waits for
 * it.  A descriptor to close, or -1 after the reason was logged; with errno ENOENT that is no
 * error, the month was pruned meanwhile. */
int tar_rewrite_lock(const char *dir);

/* Waits for who has that, and has them wait until the descriptor is closed.  -1, silently,
 * where there is no right to do so. */
int tar_rewrite_hold_off(const char *dir);

/* Makes the old one read-only, durably: whoever appends to it goes on in another file, and has
 * appended for the last time once the index's next transaction has begun.  0, or -1 after
 * the reason was logged. */
int tar_rewrite_close_old(const char *dir, const char *name);

/* Begins one that is named like the old, with the mark and a number:
 * 22-mx1-0001.dense1.tar.zst; a number that the old one has behind such a mark goes up.  dir
 * and file must stay.  0, or -1 after the reason was logged, as below; release in either case.
 */
int tar_rewrite_open(struct tar_rewrite *w, struct month_index *x, const char *dir,
	const char *file, const char *mark, int level);

/* Ends the frame being made when so many octets more would be too many. */
int tar_rewrite_room(struct tar_rewrite *w, uint64_t octets);
int tar_rewrite_end_frame(struct tar_rewrite *w);

/* Adds a frame as it is packed, a zstd frame; .raw of `like` is right. */
int tar_rewrite_packed(
	struct tar_rewrite *w, const struct index_frame *like, struct str packed);

/* Gives it its name, durably.  One without any frame goes away instead. */
int tar_rewrite_finish(struct tar_rewrite *w);
int tar_rewrite_remove_old(struct tar_rewrite *w);

/* Removes it, finished or not. */
void tar_rewrite_discard(struct tar_rewrite *w);
void tar_rewrite_release(struct tar_rewrite *w);

/* Calls `each` for every frame that the index has of a file from an offset on, in their order;
 * fr has it unpacked and packed.  -1 when `each` said so or after the reason was logged. */
typedef int tar_rewrite_each(
	void *arg, int64_t frame, const struct index_frame *like, struct str raw);
int tar_rewrite_frames(struct month_index *x, struct frame_reader *fr, const char *file,
	uint64_t from, tar_rewrite_each *each, void *arg);

#endif
