/* io.h: whole reads and writes on descriptors.  -1 means errno is set. */
#ifndef MM_IO_H
#define MM_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "buf.h"

/* Writes all of it, going on after short writes and EINTR. */
int io_write_all(int fd, const void *p, size_t n);
int io_writev_all(int fd, struct iovec *iov, int count); /* changes iov */

/* Appends to b what fd (or the file at path) holds, up to `limit` bytes; more
 * is an error with errno EFBIG. */
int io_read_all(int fd, struct buf *b, size_t limit);
int io_read_file(const char *path, struct buf *b, size_t limit);

/* Makes path hold these bytes, durably: a temporary beside it, fsync, rename,
 * fsync of the directory.  At no moment does path hold anything but the old
 * or the new content. */
int io_write_file(const char *path, const void *p, size_t n, unsigned mode);
/* Likewise, but a crash of the machine may lose it, and it never waits for a disk. */
int io_replace_file(const char *path, const void *p, size_t n, unsigned mode);
int io_sync_parent(const char *path);

/* flock(2), going on after EINTR. */
int io_lock(int fd, int operation);

/* The folder that a path is in, "." for a mere name.  The caller frees. */
char *io_parent(const char *path);

/* Is it the same file, unchanged as far as its times and size tell? */
bool io_same_file(const struct stat *a, const struct stat *b);

/* What root makes in a folder of somebody else is theirs: gives a file or folder that is
 * root's to the owner of the folder that path is in.  For who is not root it does nothing. */
int io_inherit_owner(int fd, const char *path);
/* open(2) and mkdir(2) of what may not be there yet, with that. */
int io_make(const char *path, int flags, unsigned mode);
int io_make_folder(const char *path, unsigned mode);

int io_set_nonblocking(int fd, bool on);
int io_set_cloexec(int fd, bool on);

#endif
