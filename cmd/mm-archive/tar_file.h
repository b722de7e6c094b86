/* tar_file.h: the one tar file that this process appends to on a day.  Others
 * have their own: a file is held by flock(2) as long as it is open. */
#ifndef MM_TAR_FILE_H
#define MM_TAR_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "archive_cipher.h"
#include "str.h"

#define TAR_FILE_FULL (1ull << 30) /* from this size on, a further file is begun */

struct tar_file {
	int fd;
	char *name; /* "22-node-0001.tar.zst" */
	char *path;
	struct archive_cipher *cipher; /* NULL: not encrypted */
	uint64_t start;                /* of the first frame; 0 until tar_file_begin() */
	uint64_t size; /* as found when it was opened, kept up to date by append */
};

/* The next file of that day and node that nobody holds and that is neither full nor closed,
 * beginning with number *sequence, which becomes the number found.  0, or -1
 * with errno set. */
int tar_file_claim(struct tar_file *t, const char *dir, int day, const char *node,
	const char *ending, unsigned *sequence);

/* Opens one to hold it by flock(2); a closed one cannot be opened for writing.  -1 with
 * errno set. */
int tar_file_open(const char *path);

/* Takes the flock of an open one.  1; 0: somebody else has it, who may be appending; -1 with
 * errno set. */
int tar_file_hold(int fd);

/* Nobody may append to a closed file: it is read-only. */
bool tar_file_is_closed(const struct stat *st);

/* Has somebody closed or removed it since it was claimed?  Asked within a transaction of the
 * month's index, and answered by no, what was appended is there for whoever closed it. */
bool tar_file_is_over(const struct tar_file *t);

/* Lets go of it.  One in which nothing was ever written goes away: tar takes an
 * empty file for a broken one. */
void tar_file_close(struct tar_file *t);

/* Makes it ready for frames, by the keys of an encrypted archive: gives it its header, or
 * reads that.  One that was never wholly written, of which nothing is `indexed`, is
 * written anew.  0, or -1 after the reason was logged; errno is ENOSPC when the disk is
 * full. */
int tar_file_begin(struct tar_file *t, const struct archive_keys *keys, bool indexed);

/* *frame, a zstd frame, becomes what is to be appended next; a view until the next call.
 * 0, or -1 after the reason was logged. */
int tar_file_seal(struct tar_file *t, struct str *frame);

/* Each: 0, or -1 with errno set. */
int tar_file_append(struct tar_file *t, struct str octets);
int tar_file_sync(struct tar_file *t);
int tar_file_truncate(struct tar_file *t, uint64_t size);

/* This host in file names: $MM_NODE or the first label of the host name, of
 * a-z 0-9 and '-'.  The caller frees. */
char *tar_node(void);

#endif
