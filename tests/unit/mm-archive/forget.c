#include "../../../cmd/mm-archive/forgotten.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../../cmd/mm-archive/forget_ids.h"
#include "hash_text.h"
#include "io.h"
#include "mem.h"
#include "str.h"
#include "tap.h"

static void
test_entries(void)
{
	static char a[] = "a", b[] = "a.eml", c[] = "ab", d[] = "b-1";
	char *list[] = {a, b, c, d};
	const struct forget_ids ids = {list, 4};
	static const struct {
		const char *name;
		long place;
	} cases[] = {{"a.eml", 0}, {"a.envelope", 0}, {"a+12-512.envelope", 0},
		{"a+.envelope", 0}, {"a.eml.eml", 1}, {"a.eml+1-2.envelope", 1}, {"ab.eml", 2},
		{"b-1.envelope", 3}, {"abc.eml", -1}, {"b.eml", -1}, {"b-.eml", -1}, {"a", -1},
		{"a.emlx", -1}, {"ab", -1}, {".eml", -1}, {"", -1}, {"+1-2.envelope", -1},
		{"a+1-2.eml", -1}, {"envelope", -1}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(forget_ids_of_entry(&ids, cases[i].name) == cases[i].place,
			"the entry \"%s\"", cases[i].name);
	const struct forget_ids none = {NULL, 0};
	is_int(forget_ids_of_entry(&none, "a.eml"), -1, "nothing is of no list");
}

static void
put(const char *path, struct str octets)
{
	if (io_replace_file(path, octets.p, octets.n, 0640) < 0)
		abort();
}

static size_t
lines(const char *path)
{
	struct buf text = {0};
	size_t n = 0;
	(void)io_read_file(path, &text, 1 << 20);
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	bool torn = text.n && text.p[text.n - 1] != '\n';
	buf_release(&text);
	return torn ? 0 : n;
}

static bool
has(const char *dir, const char *id)
{
	struct forgotten *all = forgotten_read(dir);
	bool is = forgotten_has(all, str_of(id));
	forgotten_free(all);
	return is;
}

static void
test_log(const char *dir)
{
	char *path = xasprintf("%s/forgotten.jsonl", dir);
	static char one_id[] = "one", other[] = "two";
	char *two[] = {one_id, other};
	struct buf text = {0};
	ok(!has(dir, "one"), "without a log nothing was forgotten");
	ok(forgotten_write(dir, two, 2, "why") == 0 && forgotten_write(dir, two, 1, "why") == 0,
		"two lines");
	ok(has(dir, "one") && has(dir, "two"), "have both");
	ok(!has(dir, "on") && !has(dir, ""), "and no other");
	(void)io_read_file(path, &text, 1 << 20);
	ok(!memmem(text.p, text.n, "two", 3), "but not as they are");
	size_t wrong = 0, first = (size_t)((char *)memchr(text.p, '\n', text.n) - text.p) + 1;
	for (size_t n = 0; n < text.n; n++) {
		put(path, str_n(text.p, n));
		wrong += forgotten_write(dir, two, 1, "more") < 0 ||
			 lines(path) != (n < first ? 1u : 2u) || !has(dir, "one");
	}
	is_int((long long)wrong, 0, "cut anywhere, what is whole stays and it goes on");
	buf_release(&text);
	free(path);
}

static void
test_strange_lines(const char *dir)
{
	static const char *const strange[] = {"\n", "[]\n", "{}\n", "{\"Ids\":1}\n",
		"{\"Ids\":[1,null,[],{}]}\n", "{\"Ids\":{\"HASH\":1}}\n",
		"{\"Ids\":[\"HASH\"\n", "{\"Reason\":\"HASH\"}\n", "HASH\n", "\"HASH\"\n"};
	char *path = xasprintf("%s/forgotten.jsonl", dir);
	struct hash_text hash = hash_text_of(STR("id"));
	struct buf all = {0};
	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		const char *at = strstr(strange[i], "HASH");
		if (at)
			buf_addf(&all, "%.*s%s%s", (int)(at - strange[i]), strange[i], hash.s,
				at + 4);
		else
			buf_addstr(&all, strange[i]);
	}
	buf_add(&all, "\0\n", 2);
	put(path, buf_str(&all));
	ok(!has(dir, "id"), "what is no line of it says nothing");
	buf_addf(&all, "{\"Ids\":[\"%s\"]}\n", hash.s);
	put(path, buf_str(&all));
	ok(has(dir, "id"), "a line behind them does");
	buf_release(&all);
	unlink(path);
	free(path);
}

int
main(void)
{
	char dir[] = "/tmp/mm-forget.XXXXXX";
	if (!mkdtemp(dir))
		return 1;
	test_entries();
	test_log(dir);
	test_strange_lines(dir);
	rmdir(dir);
	return done();
}
