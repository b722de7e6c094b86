#include <stdlib.h>

#include "sqlite_crypt_file.h"

/* These do not know what the octets are. */
#define BELOW(file) (((struct crypt_file *)(file))->below)
#define CALL(file, method, ...) BELOW(file)->pMethods->method(BELOW(file), ##__VA_ARGS__)

static int
close_file(sqlite3_file *file)
{
	struct crypt_file *f = (struct crypt_file *)file;
	page_key_free(f->key);
	free(f->folder);
	explicit_bzero(f->page, sizeof(f->page));
	return CALL(file, xClose);
}

static int
truncate_to(sqlite3_file *file, sqlite3_int64 size)
{
	return CALL(file, xTruncate, size);
}

static int
sync_file(sqlite3_file *file, int flags)
{
	return CALL(file, xSync, flags);
}

static int
size_of(sqlite3_file *file, sqlite3_int64 *out)
{
	return CALL(file, xFileSize, out);
}

static int
lock(sqlite3_file *file, int level)
{
	return CALL(file, xLock, level);
}

static int
unlock(sqlite3_file *file, int level)
{
	return CALL(file, xUnlock, level);
}

static int
reserved(sqlite3_file *file, int *out)
{
	return CALL(file, xCheckReservedLock, out);
}

/* A mapped file would be read, and an atomic batch written, around us. */
static int
control(sqlite3_file *file, int op, void *arg)
{
	switch (op) {
	case SQLITE_FCNTL_MMAP_SIZE:
	case SQLITE_FCNTL_BEGIN_ATOMIC_WRITE:
	case SQLITE_FCNTL_COMMIT_ATOMIC_WRITE:
	case SQLITE_FCNTL_ROLLBACK_ATOMIC_WRITE:
		return SQLITE_NOTFOUND;
	default:
		return CALL(file, xFileControl, op, arg);
	}
}

static int
sector_size(sqlite3_file *file)
{
	return CALL(file, xSectorSize);
}

static int
characteristics(sqlite3_file *file)
{
	return CALL(file, xDeviceCharacteristics) & ~SQLITE_IOCAP_BATCH_ATOMIC;
}

static int
shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
	return CALL(file, xShmMap, region, size, extend, out);
}

static int
shm_lock(sqlite3_file *file, int from, int n, int flags)
{
	return CALL(file, xShmLock, from, n, flags);
}

static void
shm_barrier(sqlite3_file *file)
{
	CALL(file, xShmBarrier);
}

static int
shm_unmap(sqlite3_file *file, int remove)
{
	return CALL(file, xShmUnmap, remove);
}

/* Version 2: without xFetch, nothing is mapped. */
const sqlite3_io_methods crypt_file_methods = {
	.iVersion = 2,
	.xClose = close_file,
	.xRead = crypt_file_read,
	.xWrite = crypt_file_write,
	.xTruncate = truncate_to,
	.xSync = sync_file,
	.xFileSize = size_of,
	.xLock = lock,
	.xUnlock = unlock,
	.xCheckReservedLock = reserved,
	.xFileControl = control,
	.xSectorSize = sector_size,
	.xDeviceCharacteristics = characteristics,
	.xShmMap = shm_map,
	.xShmLock = shm_lock,
	.xShmBarrier = shm_barrier,
	.xShmUnmap = shm_unmap,
};
