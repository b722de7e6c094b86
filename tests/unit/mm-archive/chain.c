#include "../../../cmd/mm-archive/chain.h"

#include <stdlib.h>
#include <unistd.h>

#include "../../../cmd/mm-archive/content.h"
#include "io.h"
#include "log.h"
#include "mem.h"
#include "tap.h"

static struct mail_archive archive;

static const struct chain_line an_index = {
	.event = CHAIN_INDEX, .file = "2026-11/index.db", .sha256 = {CHAIN_START}};

static void
append(int times)
{
	struct chain c;
	ok(chain_open(&c, &archive, true) == 1, "it opens");
	for (int i = 0; i < times; i++) {
		struct chain_line l = an_index;
		ok(chain_append(&c, &l) == 0, "a line is appended");
	}
	chain_close(&c);
}

/* Lines that it has, -1 when it does not open, -2 when nothing can be appended. */
static long long
lines(void)
{
	struct chain c;
	struct chain_line l = an_index;
	long long n = -1;
	if (chain_open(&c, &archive, true) == 1)
		n = chain_append(&c, &l) == 0 ? (long long)c.state.n : -2;
	chain_close(&c);
	return n;
}

static void
put(struct str octets)
{
	char *path = xasprintf("%s/%s", archive.dir, CHAIN_FILE);
	if (io_replace_file(path, octets.p, octets.n, 0640) < 0)
		abort();
	free(path);
}

static void
test_ends(void)
{
	struct buf text = {0};
	char *path = xasprintf("%s/%s", archive.dir, CHAIN_FILE);
	append(3);
	(void)io_read_file(path, &text, 1 << 20);
	size_t second = (size_t)((char *)memchr(text.p, '\n', text.n) - text.p) + 1;
	put(buf_str(&text));
	is_int(lines(), 4, "it goes on");
	size_t wrong = 0;
	for (size_t n = second; n < text.n; n++) {
		put(str_n(text.p, n));
		long long whole = 0;
		for (size_t i = 0; i < n; i++)
			whole += text.p[i] == '\n';
		/* without its line end alone, a line is whole */
		whole += n + 1 == text.n || text.p[n] == '\n';
		wrong += lines() != whole + 1;
	}
	is_int((long long)wrong, 0, "cut anywhere, it is mended and goes on");
	text.p[text.n - 1] ^= 4;
	put(buf_str(&text));
	is_int(lines(), -2, "a damaged line end is no crash");
	text.p[text.n - 1] ^= 4;
	text.p[second + 20] ^= 1;
	put(buf_str(&text));
	is_int(lines(), -1, "damage in a line stops it");
	put(STR("\n"));
	is_int(lines(), -1, "an empty line is damage");
	buf_release(&text);
	unlink(path);
	free(path);
}

static void
test_two_writers(void)
{
	struct chain a, b;
	struct chain_line l = an_index;
	chain_open(&a, &archive, true);
	chain_open(&b, &archive, true);
	ok(chain_append(&a, &l) == 0 && chain_append(&b, &l) == 0 && chain_append(&a, &l) == 0,
		"two append in turn");
	is_int((long long)a.state.n, 3, "and see each other's");
	chain_close(&a);
	chain_close(&b);
}

static void
test_too_long(void)
{
	struct chain c;
	struct chain_line l = an_index, longest = {.event = CHAIN_FORGET, .file = "2026-11/x"};
	size_t n = CHAIN_LINE_MAX / HASH_DIGITS;
	longest.because = "x";
	longest.ids = xcalloc(n, sizeof(*longest.ids));
	for (longest.nids = 0; longest.nids < n; longest.nids++)
		longest.ids[longest.nids] = CHAIN_START;
	chain_open(&c, &archive, true);
	uint64_t end = c.end;
	ok(chain_append(&c, &longest) < 0 && c.end == end, "a line too long is not appended");
	ok(chain_append(&c, &l) == 0, "the next one is");
	chain_close(&c);
	ok(lines() > 0, "the chain goes on");
	free(longest.ids);
}

/* Twice told, and never written: what there is is told of between. */
static void
test_never_written(void)
{
	struct chain c;
	const struct str first = STR("first"), second = STR("second"), third = STR("third");
	char *path = xasprintf("%s/keys.json", archive.dir);
	bool old;
	if (io_replace_file(path, first.p, first.n, 0640) < 0)
		abort();
	chain_open(&c, &archive, true);
	ok(chain_document(&c, "keys.json", &first) == 0, "a document is told of");
	ok(chain_document(&c, "keys.json", &second) == 0, "and another that is not written");
	ok(chain_document(&c, "keys.json", &third) == 0, "and one more");
	const struct chain_file *f = chain_state_live(&c.state, "keys.json");
	ok(f && chain_document_is(&c, f, &old) == 0 && old, "what is there is no damage");
	chain_close(&c);
	unlink(path);
	free(path);
}

static void
add(struct content *c, unsigned char what)
{
	c->entries = xgrow(c->entries, &c->cap, c->n + 1, sizeof(*c->entries));
	c->entries[c->n] = (struct content_entry){.message = what & 1};
	c->entries[c->n++].digest[5] = what;
}

static void
test_removed(void)
{
	struct content before = {0}, now = {0}, strange = {0};
	struct chain_removed *list;
	size_t n;
	for (unsigned char i = 1; i < 8; i++)
		add(&before, i);
	for (unsigned char i = 2; i < 8; i += 2)
		add(&now, i);
	add(&strange, 2);
	add(&strange, 1);
	struct hash_text was = content_hash(&before);
	ok(content_removed(&before, &now, &list, &n) == 0 && n == 4, "what is gone");
	ok(list[1].at == 2 && list[1].message, "with its place");
	ok(content_restore(&now, list, n) == 0, "is put back");
	struct hash_text is = content_hash(&now);
	is_str(is.s, was.s, "and gives the same hash");
	list[3].at = 99;
	ok(content_restore(&now, list, n) < 0, "not at a place that cannot be");
	free(list);
	ok(content_removed(&before, &strange, &list, &n) < 0, "another order is no removal");
	free(list);
	content_release(&before);
	content_release(&now);
	content_release(&strange);
}

int
main(void)
{
	char dir[] = "/tmp/mm-chain.XXXXXX";
	setenv("MM_LOG", "error", 1);
	log_init("chain");
	if (!mkdtemp(dir))
		return 1;
	archive = (struct mail_archive){.name = dir, .dir = dir};
	test_ends();
	test_two_writers();
	test_too_long();
	test_never_written();
	test_removed();
	char *path = xasprintf("%s/%s", dir, CHAIN_FILE);
	unlink(path);
	free(path);
	rmdir(dir);
	return done();
}
