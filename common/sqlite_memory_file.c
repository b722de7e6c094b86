#include "sqlite_memory_file.h"

#define SIZE_MAX_HERE (INT64_C(1) << 40)

static int
close_file(sqlite3_file *file)
{
	buf_release(&((struct sqlite_memory_file *)file)->octets);
	return SQLITE_OK;
}

static int
read_at(sqlite3_file *file, void *out, int n, sqlite3_int64 at)
{
	const struct buf *b = &((struct sqlite_memory_file *)file)->octets;
	size_t there = (size_t)at < b->n ? b->n - (size_t)at : 0;
	if (there > (size_t)n)
		there = (size_t)n;
	if (there)
		memcpy(out, b->p + at, there);
	memset((char *)out + there, 0, (size_t)n - there);
	return there < (size_t)n ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int
resize(struct buf *b, sqlite3_int64 size)
{
	if (size < 0 || size > SIZE_MAX_HERE)
		return SQLITE_FULL;
	if ((size_t)size > b->n) {
		buf_reserve(b, (size_t)size - b->n);
		memset(b->p + b->n, 0, (size_t)size - b->n);
	}
	b->n = (size_t)size;
	return SQLITE_OK;
}

static int
write_at(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	struct buf *b = &((struct sqlite_memory_file *)file)->octets;
	if ((size_t)(at + n) > b->n && resize(b, at + n) != SQLITE_OK)
		return SQLITE_FULL;
	memcpy(b->p + at, p, (size_t)n);
	return SQLITE_OK;
}

static int
truncate_to(sqlite3_file *file, sqlite3_int64 size)
{
	return resize(&((struct sqlite_memory_file *)file)->octets, size);
}

static int
size_of(sqlite3_file *file, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)((struct sqlite_memory_file *)file)->octets.n;
	return SQLITE_OK;
}

static int
with_flags(sqlite3_file *file, int flags)
{
	(void)file;
	(void)flags;
	return SQLITE_OK;
}

static int
reserved(sqlite3_file *file, int *out)
{
	(void)file;
	*out = 0;
	return SQLITE_OK;
}

static int
control(sqlite3_file *file, int op, void *arg)
{
	(void)file;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int
nothing(sqlite3_file *file)
{
	(void)file;
	return 0;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = close_file,
	.xRead = read_at,
	.xWrite = write_at,
	.xTruncate = truncate_to,
	.xSync = with_flags,
	.xFileSize = size_of,
	.xLock = with_flags,
	.xUnlock = with_flags,
	.xCheckReservedLock = reserved,
	.xFileControl = control,
	.xSectorSize = nothing,
	.xDeviceCharacteristics = nothing,
};

void
sqlite_memory_file_open(struct sqlite_memory_file *f)
{
	*f = (struct sqlite_memory_file){.base.pMethods = &methods};
}
