/* Reads and writes of an encrypted database and its WAL.  Lengths are as below, so that
 * only octets change: in a database pages one behind the other; in a WAL, as SQLite's
 * documentation of its file format has it, a header, then for each frame a header and a
 * page.  What SQLite reads or writes at a time may be any part of these. */
#include <stdlib.h>

#include "log.h"
#include "sqlite_crypt_file.h"

#define PAGE SQLITE_CRYPT_PAGE
#define JOURNAL_HEADER 28
#define WAL_FRAME (WAL_FRAME_HEADER + PAGE)

enum part_kind { PART_PLAIN, PART_FRAME_HEADER, PART_PAGE };

/* The part of the file that an offset is in. */
struct part {
	enum part_kind kind;
	uint32_t number; /* as page_seal() has it */
	sqlite3_int64 at;
	int size;
};

static struct part
part_at(const struct crypt_file *f, sqlite3_int64 at)
{
	if (f->kind == CRYPT_FILE_DATABASE)
		return (struct part){
			PART_PAGE, (uint32_t)(at / PAGE + 1), at / PAGE * PAGE, PAGE};
	if (at < WAL_HEADER)
		return (struct part){PART_PLAIN, 0, 0, WAL_HEADER};
	sqlite3_int64 n = (at - WAL_HEADER) / WAL_FRAME, begin = WAL_HEADER + n * WAL_FRAME;
	if (at - begin < WAL_FRAME_HEADER)
		return (struct part){PART_FRAME_HEADER, (uint32_t)n, begin, WAL_FRAME_HEADER};
	return (struct part){PART_PAGE, (uint32_t)n, begin + WAL_FRAME_HEADER, PAGE};
}

static enum crypt_place
place_of(const struct crypt_file *f)
{
	return f->kind == CRYPT_FILE_WAL ? CRYPT_WAL : CRYPT_DATABASE;
}

static int
below_read(struct crypt_file *f, void *out, int n, sqlite3_int64 at)
{
	return f->below->pMethods->xRead(f->below, out, n, at);
}

static int
below_write(struct crypt_file *f, const void *p, int n, sqlite3_int64 at)
{
	return f->below->pMethods->xWrite(f->below, p, n, at);
}

/* A database that has a page has its key's id in that. */
static const struct data_key *
choose_key(struct crypt_file *db)
{
	unsigned char page[PAGE];
	int rc = below_read(db, page, PAGE, 0);
	if (rc == SQLITE_OK)
		return db->crypt->find(db->crypt->ctx, page_key_id(page));
	if (rc == SQLITE_IOERR_SHORT_READ)
		return db->crypt->newest(db->crypt->ctx);
	return NULL;
}

struct page_key *
crypt_file_key(struct crypt_file *f)
{
	struct crypt_file *db = f->database;
	if (db && !db->key) {
		const struct data_key *k = choose_key(db);
		db->key = k ? page_key_new(k, db->folder) : NULL;
		if (!db->key)
			log_error("%s: there is no key for this index", db->name);
	}
	return db ? db->key : NULL;
}

static int
damaged(const struct crypt_file *f, const struct part *p)
{
	log_error("%s: the page at byte %lld is not as it was encrypted", f->name,
		(long long)p->at);
	return SQLITE_IOERR_DATA;
}

/* All of a part, plain, into `out`.  Where the file ends before, SQLITE_IOERR_SHORT_READ
 * and zeros; no key is chosen then, as who makes the database may choose another. */
static int
read_part(struct crypt_file *f, const struct part *p, unsigned char *out)
{
	int rc = below_read(f, out, p->size, p->at);
	if (rc != SQLITE_OK) {
		if (p->kind != PART_PLAIN)
			memset(out, 0, (size_t)p->size);
		return rc;
	}
	if (p->kind == PART_PLAIN)
		return SQLITE_OK;
	struct page_key *k = crypt_file_key(f);
	if (!k)
		return SQLITE_IOERR_AUTH;
	if (p->kind == PART_FRAME_HEADER)
		return page_mask_frame(k, p->number, out) < 0 ? SQLITE_IOERR_READ : SQLITE_OK;
	return page_open(k, place_of(f), p->number, out, out) < 0 ? SQLITE_IOERR_DATA
								  : SQLITE_OK;
}

/* SQLite reads frames with their headers to find the end of a WAL, where a torn page is no
 * error: the checksum is wrong then, which it looks at.  Pages alone it reads to use them. */
static int
read_some(struct crypt_file *f, const struct part *p, bool with_header, unsigned char *out,
	int skip, int n)
{
	bool whole = n == p->size;
	int rc = read_part(f, p, whole ? out : f->page);
	if (rc == SQLITE_IOERR_DATA) {
		if (!with_header)
			return damaged(f, p);
		/* anything that is not the page, which may have been zeros */
		rc = random_octets(whole ? out : f->page, (size_t)p->size) < 0
			     ? SQLITE_IOERR_READ
			     : SQLITE_OK;
	}
	if (!whole)
		memcpy(out, f->page + skip, (size_t)n);
	return rc;
}

int
crypt_file_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at)
{
	struct crypt_file *f = (struct crypt_file *)file;
	unsigned char *to = out;
	int result = SQLITE_OK;
	sqlite3_int64 header_end = -1;
	if (f->kind == CRYPT_FILE_JOURNAL)
		return below_read(f, out, n, at);
	while (n > 0) {
		struct part p = part_at(f, at);
		int skip = (int)(at - p.at), some = p.size - skip < n ? p.size - skip : n;
		int rc = read_some(f, &p, p.at == header_end, to, skip, some);
		if (rc == SQLITE_IOERR_SHORT_READ)
			result = rc;
		else if (rc != SQLITE_OK)
			return rc;
		if (p.kind == PART_FRAME_HEADER)
			header_end = p.at + p.size;
		to += some;
		at += some;
		n -= some;
	}
	return result;
}

static bool
zeros(const unsigned char *p, size_t n)
{
	while (n && !*p)
		p++, n--;
	return n == 0;
}

/* What SQLite has put into the octets that are ours would be lost. */
static int
check_page(const struct crypt_file *f, const unsigned char *page)
{
	static const unsigned char first[16] = "SQLite format 3";
	bool good = zeros(page + PAGE - SQLITE_CRYPT_RESERVED, SQLITE_CRYPT_RESERVED) &&
		    (memcmp(page, first, sizeof(first)) != 0 ||
			    (page[16] == PAGE >> 8 && page[17] == 0 &&
				    page[20] == SQLITE_CRYPT_RESERVED));
	if (good)
		return SQLITE_OK;
	log_error("%s: expected pages of %d octets, the last %d of them unused", f->name, PAGE,
		SQLITE_CRYPT_RESERVED);
	return SQLITE_IOERR_WRITE;
}

/* All of a part, from f->page. */
static int
write_part(struct crypt_file *f, const struct part *p)
{
	struct page_key *k = p->kind == PART_PLAIN ? NULL : crypt_file_key(f);
	int rc = SQLITE_OK;
	if (p->kind == PART_FRAME_HEADER) {
		if (page_mask_frame(k, p->number, f->page) < 0)
			rc = SQLITE_IOERR_WRITE;
	} else if (p->kind == PART_PAGE) {
		rc = check_page(f, f->page);
		if (rc == SQLITE_OK &&
			page_seal(k, place_of(f), p->number, f->page, f->page) < 0)
			rc = SQLITE_IOERR_WRITE;
	}
	return rc == SQLITE_OK ? below_write(f, f->page, p->size, p->at) : rc;
}

/* What is there of a part that is not written whole; nothing, if it cannot be read. */
static void
read_rest(struct crypt_file *f, const struct part *p)
{
	int rc = read_part(f, p, f->page);
	if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
		memset(f->page, 0, (size_t)p->size);
}

/* A rollback journal may have headers, of 28 octets and padded with zeros, and the numbers
 * of pages, but no pages. */
static int
write_journal(struct crypt_file *f, const void *p, int n, sqlite3_int64 at)
{
	if (n <= JOURNAL_HEADER ||
		zeros((const unsigned char *)p + JOURNAL_HEADER, (size_t)(n - JOURNAL_HEADER)))
		return below_write(f, p, n, at);
	log_error("%s: would have pages in the clear; expected journal_mode WAL", f->name);
	return SQLITE_IOERR_WRITE;
}

int
crypt_file_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
	struct crypt_file *f = (struct crypt_file *)file;
	const unsigned char *p = from;
	if (f->kind == CRYPT_FILE_JOURNAL)
		return write_journal(f, from, n, at);
	if (!crypt_file_key(f))
		return SQLITE_IOERR_AUTH;
	while (n > 0) {
		struct part part = part_at(f, at);
		int skip = (int)(at - part.at),
		    some = part.size - skip < n ? part.size - skip : n;
		bool whole = some == part.size;
		if (part.kind == PART_PLAIN) {
			memcpy(f->page, p, (size_t)some);
			int rc = below_write(f, f->page, some, at);
			if (rc != SQLITE_OK)
				return rc;
		} else {
			if (!whole)
				read_rest(f, &part);
			memcpy(f->page + skip, p, (size_t)some);
			int rc = write_part(f, &part);
			if (rc != SQLITE_OK)
				return rc;
		}
		p += some;
		at += some;
		n -= some;
	}
	return SQLITE_OK;
}
