#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blob.h"
#include "tap.h"

static bool
filled_with(const struct blob *b, char c)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] != c)
			return false;
	return true;
}

static struct blob *
build(size_t declared, size_t given, size_t step)
{
	struct blob_builder w;
	struct blob *b = NULL;
	char piece[65536];
	memset(piece, 'x', sizeof(piece));
	if (blob_build_start(&w, declared) < 0)
		return NULL;
	for (size_t at = 0; at < given; at += step)
		if (blob_build_add(&w, piece, step < given - at ? step : given - at) < 0)
			return NULL;
	return blob_build_finish(&w, &b) == 0 ? b : NULL;
}

static void
sizes(void)
{
	static const size_t each[] = {0, 1, 65536, BLOB_SPOOL_SIZE - 1, BLOB_SPOOL_SIZE,
		BLOB_SPOOL_SIZE + 1, 5 * BLOB_SPOOL_SIZE + 77};
	for (size_t i = 0; i < sizeof(each) / sizeof(*each); i++) {
		struct blob *b = build(each[i], each[i], 60001);
		ok(b && b->n == each[i] && filled_with(b, 'x'), "%zu octets", each[i]);
		ok(b && (b->mapped > 0) == (each[i] >= BLOB_SPOOL_SIZE), "mapped when large");
		blob_unref(b);
	}
	struct blob *b = build(3 * BLOB_SPOOL_SIZE, 0, 1);
	ok(b && b->n == 0, "declared large, left empty");
	blob_unref(b);
	b = build(3 * BLOB_SPOOL_SIZE, 10, 10);
	ok(b && b->n == 10, "declared large, left small");
	blob_unref(b);
}

static void
builders(void)
{
	struct blob_builder w = {0};
	struct stat st;
	blob_build_abandon(&w);
	ok(fstat(STDIN_FILENO, &st) == 0, "an unused builder owns no descriptor");
	ok(blob_build_start(&w, 2 * BLOB_SPOOL_SIZE) == 0, "begun");
	int fd = w.fd;
	blob_build_abandon(&w);
	ok(fstat(fd, &st) < 0 && errno == EBADF, "an abandoned one closes its spool");
	blob_build_abandon(&w);
	setenv("TMPDIR", "/nonexistent", 1);
	ok(blob_build_start(&w, 2 * BLOB_SPOOL_SIZE) < 0 && errno == ENOENT,
		"no spool: an error");
	blob_build_abandon(&w);
	ok(blob_build_start(&w, 10) == 0, "small ones need none");
	blob_build_abandon(&w);
	unsetenv("TMPDIR");
}

static void
sharing(void)
{
	struct buf buf = {0};
	struct blob *a = blob_copy("ab", 2);
	struct blob *b = blob_join(STR("x: y\r\n"), str_n(a->p, a->n));
	is_strn(b->p, b->n, "x: y\r\nab", "joined");
	ok(blob_ref(a) == a && a->refs == 2, "referenced");
	blob_unref(a);
	blob_unref(a);
	blob_unref(b);
	char *large = calloc(1, BLOB_SPOOL_SIZE);
	b = blob_join(STR("x: y\r\n"), str_n(large, BLOB_SPOOL_SIZE));
	ok(b->mapped && b->n == BLOB_SPOOL_SIZE + 6 && memcmp(b->p, "x: y\r\n", 7) == 0,
		"joined in the spool");
	blob_unref(b);
	setenv("TMPDIR", "/nonexistent", 1);
	b = blob_join(STR("x: y\r\n"), str_n(large, BLOB_SPOOL_SIZE));
	ok(!b->mapped && b->n == BLOB_SPOOL_SIZE + 6, "joined in memory without one");
	unsetenv("TMPDIR");
	blob_unref(b);
	free(large);
	blob_unref(NULL);
	a = blob_take(&buf);
	ok(a->n == 0 && a->p, "taken from an empty buf");
	blob_unref(a);
	buf_addstr(&buf, "octets");
	a = blob_take(&buf);
	ok(a->n == 6 && !buf.p, "taken, the buf is empty");
	blob_unref(a);
}

int
main(void)
{
	sizes();
	builders();
	sharing();
	return done();
}
