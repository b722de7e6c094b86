#include <stdlib.h>

#include "log.h"
#include "mem.h"
#include "sqlite_crypt_file.h"
#include "sqlite_memory_file.h"

#define BELOW(v) (((struct sqlite_crypt *)(v)->pAppData)->below)
#define OWN_SIZE ((int)((sizeof(struct crypt_file) + 15) / 16 * 16))

static char *
folder_of(const char *path)
{
	struct str s = str_of(path);
	while (s.n && s.p[s.n - 1] != '/')
		s.n--;
	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	size_t at = s.n;
	while (at && s.p[at - 1] != '/')
		at--;
	return str_dup(str_n(s.p + at, s.n - at));
}

static int
open_below(struct crypt_file *f, sqlite3_vfs *vfs, int flags, int *out_flags)
{
	f->crypt = vfs->pAppData;
	f->below = (sqlite3_file *)((char *)f + OWN_SIZE);
	int rc = BELOW(vfs)->xOpen(BELOW(vfs), f->name, f->below, flags, out_flags);
	if (rc != SQLITE_OK) {
		if (f->below->pMethods)
			f->below->pMethods->xClose(f->below);
		return rc;
	}
	if (f->kind == CRYPT_FILE_DATABASE)
		f->folder = folder_of(f->name);
	f->base.pMethods = &crypt_file_methods;
	return SQLITE_OK;
}

static int
open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	struct crypt_file *f = (struct crypt_file *)file;
	memset(f, 0, (size_t)vfs->szOsFile);
	f->name = name;
	if (name && (flags & SQLITE_OPEN_MAIN_DB)) {
		f->kind = CRYPT_FILE_DATABASE;
		f->database = f;
	} else if (name && (flags & SQLITE_OPEN_WAL)) {
		f->kind = CRYPT_FILE_WAL;
		f->database = (struct crypt_file *)sqlite3_database_file_object(name);
	} else if (name && (flags & SQLITE_OPEN_MAIN_JOURNAL)) {
		f->kind = CRYPT_FILE_JOURNAL;
	} else if (flags & SQLITE_OPEN_SUPER_JOURNAL) {
		return SQLITE_CANTOPEN;
	} else {
		sqlite_memory_file_open((struct sqlite_memory_file *)file);
		if (out_flags)
			*out_flags = flags;
		return SQLITE_OK;
	}
	return open_below(f, vfs, flags, out_flags);
}

static int
delete_file(sqlite3_vfs *vfs, const char *name, int sync)
{
	return BELOW(vfs)->xDelete(BELOW(vfs), name, sync);
}

static int
access_file(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	return BELOW(vfs)->xAccess(BELOW(vfs), name, flags, out);
}

static int
full_name(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	return BELOW(vfs)->xFullPathname(BELOW(vfs), name, size, out);
}

static int
randomness(sqlite3_vfs *vfs, int n, char *out)
{
	return BELOW(vfs)->xRandomness(BELOW(vfs), n, out);
}

static int
sleep_for(sqlite3_vfs *vfs, int microseconds)
{
	return BELOW(vfs)->xSleep(BELOW(vfs), microseconds);
}

static int
current_time(sqlite3_vfs *vfs, double *out)
{
	return BELOW(vfs)->xCurrentTime(BELOW(vfs), out);
}

static int
last_error(sqlite3_vfs *vfs, int n, char *out)
{
	return BELOW(vfs)->xGetLastError(BELOW(vfs), n, out);
}

static int
current_time_ms(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	return BELOW(vfs)->xCurrentTimeInt64(BELOW(vfs), out);
}

struct sqlite_crypt *
sqlite_crypt_new(sqlite_crypt_newest *newest, sqlite_crypt_find *find, const void *ctx)
{
	struct sqlite_crypt *c = xcalloc(1, sizeof(*c));
	sqlite3_vfs *below = sqlite3_vfs_find(NULL);
	*c = (struct sqlite_crypt){.below = below, .newest = newest, .find = find, .ctx = ctx};
	if (below && below->iVersion >= 2) {
		c->vfs = (sqlite3_vfs){.iVersion = 2,
			.szOsFile = OWN_SIZE + below->szOsFile,
			.mxPathname = below->mxPathname,
			.zName = xasprintf("mm-crypt-%p", (void *)c),
			.pAppData = c,
			.xOpen = open_file,
			.xDelete = delete_file,
			.xAccess = access_file,
			.xFullPathname = full_name,
			.xRandomness = randomness,
			.xSleep = sleep_for,
			.xCurrentTime = current_time,
			.xGetLastError = last_error,
			.xCurrentTimeInt64 = current_time_ms};
		if (sqlite3_vfs_register(&c->vfs, 0) == SQLITE_OK)
			return c;
	}
	log_error("SQLite takes no VFS");
	free((char *)c->vfs.zName);
	free(c);
	return NULL;
}

void
sqlite_crypt_free(struct sqlite_crypt *c)
{
	if (!c)
		return;
	sqlite3_vfs_unregister(&c->vfs);
	free((char *)c->vfs.zName);
	free(c);
}

const char *
sqlite_crypt_name(const struct sqlite_crypt *c)
{
	return c->vfs.zName;
}

int
sqlite_crypt_prepare(sqlite3 *db)
{
	int reserved = SQLITE_CRYPT_RESERVED;
	int rc = sqlite3_exec(
		db, "PRAGMA page_size = 4096; PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
	return rc == SQLITE_OK
		       ? sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved)
		       : rc;
}
