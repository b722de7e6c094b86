/* forget_file_impl.h: private to forget_file.c and forget_rows.c. */
#ifndef MM_FORGET_FILE_IMPL_H
#define MM_FORGET_FILE_IMPL_H

#include "forget_file.h"

struct forget_frame {
	int64_t row;
	size_t place;  /* in to.frames */
	bool affected; /* packed anew, so that what stays has moved */
};

struct forget_move {
	char *id;
	int64_t frame;
	uint64_t from, head_at, at;
};

#endif
