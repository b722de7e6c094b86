/* source.h: the messages of files and directories of many kinds, one by one: mbox,
 * Maildir, directories of messages, and tar and zip files of them, packed or not. */
#ifndef MM_SOURCE_H
#define MM_SOURCE_H

#include "mbox.h"

struct found {
	struct str octets; /* exactly as in the source; valid during the call */
	const char *path;  /* the file; for an archive's entry, "FILE: ENTRY" */
	uint64_t at;       /* where it begins in it */
	int64_t from_ms;   /* of the mbox From_ line, or 0 */
	int64_t mtime;     /* of the file, ms, or 0 */
	struct str flags;  /* of a Maildir, absent elsewhere */
	bool certain; /* it is a message, whatever it looks like: of a Maildir, an mbox, .eml */
	struct str metadata; /* the JSON that stands beside it, absent if there is none */
};

struct source {
	/* Set by the owner. */
	void (*message)(void *ctx, const struct found *f);
	void (*bad)(void *ctx, const char *path, uint64_t at, const char *what);
	void *ctx;
	bool *stop;          /* when it becomes true, nothing further is read */
	enum mbox_kind kind; /* of every file; MBOX_GUESS: as its name and content say */
	struct source_metadata *metadata; /* NULL: none is looked for */

	size_t passed_over; /* files that hold no mail: *.json */
	size_t unreadable;  /* files and directories */
};

/* All of path ("-": standard input), directories with what is below. */
void source_read(struct source *s, const char *path);

/* One file; maildir: its name carries flags. */
void source_file(struct source *s, const char *path, bool maildir);

#endif
