/* An encrypted database holds what a plain one does, also after any crash; and shows
 * nothing of it. */
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "io.h"
#include "mem.h"
#include "sqlite_crypt.h"
#include "sqlite_crypt_page.h"
#include "tap.h"

#define SECRET "Xylophon"

static const struct data_key keys[2] = {{{1, 2, 3, 4}, {7}}, {{5, 6, 7, 8}, {9}}};
static int newest;
static struct sqlite_crypt *vfs;
static unsigned seed = 1;

static unsigned
rnd(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static const struct data_key *
newest_key(const void *ctx)
{
	(void)ctx;
	return &keys[newest];
}

static const struct data_key *
find_key(const void *ctx, const unsigned char id[DATA_KEY_ID])
{
	(void)ctx;
	for (int i = 0; i < 2; i++)
		if (memcmp(id, keys[i].id, DATA_KEY_ID) == 0)
			return &keys[i];
	return NULL;
}

static int
run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static sqlite3 *
open_db(const char *path, bool encrypted)
{
	sqlite3 *db = NULL;
	int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		encrypted ? sqlite_crypt_name(vfs) : NULL);
	if (rc == SQLITE_OK && encrypted)
		rc = sqlite_crypt_prepare(db);
	if (rc == SQLITE_OK)
		rc = run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			     "PRAGMA cache_size = 20");
	if (rc == SQLITE_OK)
		return db;
	fprintf(stderr, "# %s: %s\n", path, sqlite3_errmsg(db));
	sqlite3_close(db);
	return NULL;
}

static int
collect(void *arg, int n, char **values, char **names)
{
	(void)names;
	for (int i = 0; i < n; i++)
		buf_addf(arg, "%s|", values[i] ? values[i] : "");
	buf_addc(arg, '\n');
	return 0;
}

/* Everything in it; the caller frees.  NULL when it cannot be read. */
static char *
dump(sqlite3 *db)
{
	struct buf b = {0};
	char *text = NULL;
	if (sqlite3_exec(db,
		    "SELECT * FROM t ORDER BY n; SELECT rowid FROM w WHERE w MATCH '" SECRET
		    "';"
		    "PRAGMA integrity_check",
		    collect, &b, NULL) == SQLITE_OK)
		text = str_dup(buf_str(&b));
	buf_release(&b);
	return text;
}

static const char *const tables =
	"CREATE TABLE t(n INTEGER PRIMARY KEY, a TEXT, b BLOB);"
	"CREATE INDEX i ON t(a);"
	"CREATE VIRTUAL TABLE w USING fts5(x, content='', columnsize=0)";

static char *
random_statement(void)
{
	unsigned n = rnd(300);
	switch (rnd(12)) {
	case 0:
		return xasprintf("DELETE FROM t WHERE n %% 7 = %u", n % 7);
	case 1:
		return xasprintf("UPDATE t SET a = a || '" SECRET " %u' WHERE n < %u", n, n);
	case 2:
		return xasprintf("BEGIN; INSERT INTO t(a, b) SELECT a, b FROM t LIMIT %u;"
				 "UPDATE t SET b = NULL; ROLLBACK",
			n);
	case 3:
		return xasprintf("BEGIN; INSERT INTO t(a) VALUES ('%u');"
				 "UPDATE t SET b = a || 'x'; UPDATE t SET b = NULL; COMMIT",
			n);
	case 4:
		return xstrdup("PRAGMA wal_checkpoint(TRUNCATE)");
	case 5:
		return xstrdup(rnd(4) ? "PRAGMA wal_checkpoint(PASSIVE)" : "VACUUM");
	case 6:
		return xstrdup("INSERT INTO w(w) VALUES ('optimize')");
	default:
		return xasprintf("INSERT INTO t(a, b) VALUES ('" SECRET " %u', zeroblob(%u));"
				 "INSERT INTO w(rowid, x) VALUES (last_insert_rowid(),"
				 " '" SECRET " w%u %u')",
			n, rnd(3) ? n : n * 97, n, rnd(9999));
	}
}

static bool
contains(const char *path, const char *what)
{
	struct buf b = {0};
	bool found = io_read_file(path, &b, 1u << 30) == 0 && b.n &&
		     memmem(b.p, b.n, what, strlen(what));
	buf_release(&b);
	return found;
}

static void
copy(const char *from, const char *to)
{
	struct buf b = {0};
	if (io_read_file(from, &b, 1u << 30) == 0)
		(void)io_replace_file(to, b.p ? b.p : "", b.n, 0600);
	else
		(void)unlink(to);
	buf_release(&b);
}

/* --- a crash: what the files are at this moment, opened elsewhere */

static void
copy_crashed(void)
{
	copy("m/x.db", "c/m/x.db");
	copy("m/x.db-wal", "c/m/x.db-wal");
	copy("m/x.db-journal", "c/m/x.db-journal");
	(void)unlink("c/m/x.db-shm");
}

static char *
dump_crashed(void)
{
	sqlite3 *db = open_db("c/m/x.db", true);
	char *text = db ? dump(db) : NULL;
	sqlite3_close(db);
	return text;
}

/* The WAL may end anywhere behind the last commit, or hold anything there. */
static void
tear(off_t from)
{
	struct stat st;
	if (stat("c/m/x.db-wal", &st) < 0 || st.st_size <= from)
		return;
	int fd = open("c/m/x.db-wal", O_RDWR);
	off_t at = from + (off_t)rnd((unsigned)(st.st_size - from));
	if (rnd(2))
		(void)!ftruncate(fd, at);
	else
		(void)!pwrite(fd, "0123456789", 10, at);
	close(fd);
}

static off_t
size_of(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? st.st_size : 0;
}

static void
test_same(void)
{
	sqlite3 *plain = open_db("plain.db", false), *db = open_db("m/x.db", true);
	int differ = 0, crashed = 0, torn = 0;
	bool shown = false;
	ok(plain && db, "both open");
	ok(run(plain, tables) == SQLITE_OK && run(db, tables) == SQLITE_OK, "both have tables");
	for (int i = 0; i < 400; i++) {
		char *sql = random_statement(), *a, *b;
		off_t before;
		int rc = run(plain, sql);
		if (run(db, sql) != rc) {
			fprintf(stderr, "# %s: %s\n", sql, sqlite3_errmsg(db));
			differ++;
		}
		free(sql);
		if (i % 4)
			continue;
		a = dump(plain);
		b = dump(db);
		differ += !a || !b || strcmp(a, b) != 0;
		free(b);
		copy_crashed();
		shown = shown || contains("c/m/x.db", SECRET) ||
			contains("c/m/x.db-wal", SECRET);
		b = dump_crashed();
		crashed += !a || !b || strcmp(a, b) != 0;
		free(b);
		/* one more, not wholly written */
		copy_crashed();
		before = size_of("m/x.db-wal");
		run(db, "BEGIN; INSERT INTO t(n, a, b) VALUES (99999, 'torn', zeroblob(9000));"
			"COMMIT");
		copy("m/x.db-wal", "c/m/x.db-wal");
		if (size_of("c/m/x.db-wal") > before)
			tear(before);
		b = dump_crashed();
		torn += !b || !strstr(b, "ok|");
		free(b);
		run(db, "DELETE FROM t WHERE n = 99999");
		run(plain, "INSERT INTO t(n) VALUES (99999); DELETE FROM t WHERE n = 99999");
		free(a);
	}
	is_int(differ, 0, "the same statements, the same content");
	is_int(crashed, 0, "what was committed is in a copy of the files at any time");
	is_int(torn, 0, "a torn transaction does no harm");
	ok(!shown, "no word is in the files");
	sqlite3_close(plain);
	sqlite3_close(db);
	ok(!contains("m/x.db", SECRET) && !contains("m/x.db", "SQLite format"),
		"nor in the closed database");
	db = open_db("m/x.db", true);
	char *text = dump(db);
	ok(text && strstr(text, SECRET), "it opens again");
	free(text);
	sqlite3_close(db);
}

static bool
readable(const char *path)
{
	sqlite3 *db = NULL;
	char *text = NULL;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, sqlite_crypt_name(vfs)) ==
		SQLITE_OK)
		text = dump(db);
	bool good = text && strstr(text, "ok|");
	free(text);
	sqlite3_close(db);
	return good;
}

static void
flip(const char *path, off_t at)
{
	char c;
	int fd = open(path, O_RDWR);
	if (pread(fd, &c, 1, at) == 1) {
		c ^= 1;
		(void)!pwrite(fd, &c, 1, at);
	}
	close(fd);
}

static void
test_tampered(void)
{
	struct buf b = {0};
	int unnoticed = 0;
	ok(readable("m/x.db"), "as it is, it is readable");
	for (int i = 0; i < 200; i++) {
		copy("m/x.db", "c/m/x.db");
		/* page 1 and others, content and trailer */
		off_t at = i < 50 ? (off_t)rnd(4096)
				  : (off_t)((unsigned)rnd(20) * 4096 + 4064 + rnd(32));
		if (at >= size_of("c/m/x.db"))
			continue;
		flip("c/m/x.db", at);
		unnoticed += readable("c/m/x.db");
	}
	/* a flipped bit in a page that is in use nowhere is of no interest */
	ok(unnoticed <= 200 * 2 / 3, "flipped bits are found where pages are in use");
	copy("m/x.db", "c/m/x.db");
	flip("c/m/x.db", 2000);
	ok(!readable("c/m/x.db"), "in page 1 in any case");
	copy("m/x.db", "c/m/x.db");
	io_read_file("m/x.db", &b, 1u << 30);
	int fd = open("c/m/x.db", O_RDWR);
	(void)!pwrite(fd, b.p + 4096, 4096, 8192);
	(void)!pwrite(fd, b.p + 8192, 4096, 4096);
	close(fd);
	ok(!readable("c/m/x.db"), "pages cannot change places");
	buf_release(&b);
	copy("m/x.db", "other/x.db");
	ok(!readable("other/x.db"), "nor a database its folder");
}

static void
test_refused(void)
{
	sqlite3 *db = NULL;
	ok(sqlite3_open_v2("m/r.db", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		   sqlite_crypt_name(vfs)) == SQLITE_OK &&
			run(db, "PRAGMA journal_mode = WAL; CREATE TABLE t(n)") != SQLITE_OK,
		"a database that leaves no octets to us is not written");
	sqlite3_close(db);
	unlink("m/r.db");
	db = NULL;
	sqlite3_open_v2("m/j.db", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		sqlite_crypt_name(vfs));
	sqlite_crypt_prepare(db);
	ok(run(db, "CREATE TABLE t(a); INSERT INTO t VALUES ('" SECRET "')") != SQLITE_OK ||
			run(db, "UPDATE t SET a = 'b'") != SQLITE_OK,
		"a rollback journal gets no pages");
	ok(!contains("m/j.db-journal", SECRET) && !contains("m/j.db", SECRET),
		"so that nothing is in the clear");
	sqlite3_close(db);
	db = open_db("plain.db", false);
	run(db, "PRAGMA journal_mode = DELETE");
	sqlite3_close(db);
	ok(!readable("plain.db"), "a plain database is none of ours");
	int fd = open("m/empty.db", O_RDWR | O_CREAT, 0600);
	for (int i = 0; i < 3; i++)
		(void)!write(fd, "short", 5);
	close(fd);
	ok(!readable("m/empty.db"), "nor is a file of a few octets");
}

static void
test_keys(void)
{
	newest = 1;
	ok(readable("m/x.db"), "the key of a database stays, whichever is the newest");
	sqlite3 *db = open_db("m/x.db", true);
	ok(db && run(db, "INSERT INTO t(a) VALUES ('later'); VACUUM") == SQLITE_OK,
		"also when it is written");
	sqlite3_close(db);
	newest = 0;
	ok(readable("m/x.db"), "and is found again");
	struct page_key *k = page_key_new(&keys[0], "f");
	unsigned char page[SQLITE_CRYPT_PAGE] = "x", out[SQLITE_CRYPT_PAGE], h[24] = {1, 2},
		      g[24];
	ok(page_seal(k, CRYPT_WAL, 7, page, out) == 0 &&
			page_open(k, CRYPT_DATABASE, 7, out, page) < 0 &&
			page_open(k, CRYPT_WAL, 8, out, page) < 0 &&
			page_open(k, CRYPT_WAL, 7, out, page) == 0 && page[0] == 'x',
		"a page is bound to its file and place");
	memcpy(g, h, sizeof(h));
	page_mask_frame(k, 3, h);
	ok(memcmp(g, h, 16) == 0 && memcmp(g + 16, h + 16, 8) != 0, "a checksum is hidden");
	page_mask_frame(k, 3, h);
	ok(memcmp(g, h, 24) == 0, "and shown");
	page_key_free(k);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void
remove_all(const char *dir)
{
	(void)nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int
main(void)
{
	char dir[] = "/tmp/mm-crypt.XXXXXX";
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 1;
	mkdir("m", 0700);
	mkdir("c", 0700);
	mkdir("c/m", 0700);
	mkdir("other", 0700);
	if (!freopen("log", "w", stderr))
		return 1;
	vfs = sqlite_crypt_new(newest_key, find_key, NULL);
	test_same();
	test_tampered();
	test_refused();
	test_keys();
	ok(contains("log", "is not as it was encrypted"), "damage is told");
	sqlite_crypt_free(vfs);
	if (chdir("/") == 0)
		remove_all(dir);
	return done();
}
