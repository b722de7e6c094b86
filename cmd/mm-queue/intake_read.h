/* intake_read.h: the reading side of DIR/intake, and its clearing up. */
#ifndef MM_QUEUE_INTAKE_READ_H
#define MM_QUEUE_INTAKE_READ_H

#include "intake_file.h"
#include "record.h"

struct intake_source {
	int fd;
	bool ours; /* no writer has it, and none gets it until we close it */
	struct intake_header header;
	off_t size;
};

/* The names of the files, sorted: the oldest first.  NULL at the end; to be freed by
 * intake_names_free().  NULL with errno set; a queue without intake has no names. */
char **intake_names(const char *dir);
void intake_names_free(char **names);

/* 0; -1 with errno set: ENOENT when it is gone. */
int intake_source_open(struct intake_source *in, const char *dir, const char *name);
void intake_source_close(struct intake_source *in);

/* Called with each record of a frame and the place of its message.  It may take the
 * record by returning with *r NULL.  -1 ends. */
typedef int intake_each(void *arg, struct record **r, off_t body_at);

/* The records of a whole frame: 0; -1 with errno set, or when each said so. */
int intake_source_each(const struct intake_source *in, off_t at, const struct intake_frame *f,
	intake_each *each, void *arg);

/* Of a file that is ours and of which nothing is wanted any more: a large one, or one
 * that a writer has left in the middle, is removed; another is emptied, to be used
 * again.  Durable when it returns: 1 removed, 0 emptied (header and size are new),
 * -1 with errno set. */
int intake_source_discard(struct intake_source *in, const char *dir, const char *name);

/* Removes empty files that nobody has, beyond the first `keep`. */
void intake_trim(const char *dir, size_t keep);

#endif
