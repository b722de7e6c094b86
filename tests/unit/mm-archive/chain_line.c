#include "../../../cmd/mm-archive/chain_line.h"

#include <stdlib.h>
#include <string.h>

#include "../../../cmd/mm-archive/chain_state.h"
#include "mem.h"
#include "tap.h"

#define FILE_A "2026-11/22-mx1-0001.tar.zst"
#define FILE_B "2026-11/22-mx1-0001.dense1.tar.zst"

static struct hash_text
hash_of(const char *text)
{
	return hash_text_of(str_of(text));
}

static void
counted(struct chain_line *l, uint64_t entries, const char *content)
{
	l->messages = entries / 2;
	l->entries = entries;
	l->size = 1000;
	l->content = hash_of(content);
	l->sha256 = hash_of("packed");
}

/* What is written can be read, and is the same when it is written again. */
static void
comes_back(struct chain_line *l, const char *name)
{
	struct buf text = {0}, again = {0};
	struct chain_line back;
	const char *why;
	chain_line_write(l, &text);
	struct str line = str_n(text.p, text.n - 1);
	if (ok(chain_line_parse(&back, line, &why) == 0, "%s is read", name))
		chain_line_write(&back, &again);
	else
		fprintf(stderr, "# %s: %.*s\n", why, STR_ARG(line));
	ok(text.p[text.n - 1] == '\n' && str_eq(buf_str(&text), buf_str(&again)),
		"%s comes back the same", name);
	chain_line_release(&back);
	buf_release(&text);
	buf_release(&again);
}

static void
test_round_trips(void)
{
	struct chain_removed removed[] = {
		{.at = 2, .entry = hash_of("e")}, {.at = 3, .message = true, hash_of("m")}};
	struct hash_text id = hash_of("id");
	const char *ids[] = {id.s};
	struct chain_line l = {.n = 1, .time = 1000, .previous = {CHAIN_START}, .file = FILE_A};
	counted(&l, 4, "content");
	comes_back(&l, "seal");
	l.event = CHAIN_RECUT;
	l.into = FILE_B;
	comes_back(&l, "recut");
	l.removed = removed;
	l.nremoved = 2;
	comes_back(&l, "recut that leaves out");
	l.event = CHAIN_FORGET;
	l.ids = ids;
	l.nids = 1;
	l.because = "k\xc3\xa4se \"quoted\"\n";
	comes_back(&l, "forget");
	comes_back(
		&(struct chain_line){
			.n = 2, .event = CHAIN_PRUNE, .file = "2026-11", .previous = id},
		"prune of a month");
	comes_back(&(struct chain_line){.n = 2,
			   .event = CHAIN_INDEX,
			   .previous = id,
			   .file = "2026-11/index.db",
			   .size = 1,
			   .sha256 = id},
		"index");
	comes_back(&(struct chain_line){.n = 2,
			   .event = CHAIN_DOCUMENT,
			   .previous = id,
			   .file = "holds/case-17.json",
			   .size = 1,
			   .sha256 = id},
		"document");
	comes_back(
		&(struct chain_line){
			.n = 2, .event = CHAIN_DOCUMENT, .previous = id, .file = "keys.json"},
		"document that is gone");
	comes_back(&(struct chain_line){.n = 2,
			   .event = CHAIN_HEAD,
			   .archive = "Box",
			   .key = "0011",
			   .signature = "AA==",
			   .previous = id},
		"head");
}

/* A line of these members, rightly hashed. */
static int
parse(const char *members, const char **why)
{
	struct buf text = {0};
	struct chain_line l;
	struct hash_text h = hash_of(members);
	buf_addf(&text, "%s,\"Hash\":\"%s\"}", members, h.s);
	int rc = chain_line_parse(&l, buf_str(&text), why);
	chain_line_release(&l);
	buf_release(&text);
	return rc;
}

#define COMMON "\"Time\":\"2026-11-22T10:00:00Z\",\"Previous\":\"" CHAIN_START "\""

static void
test_bad(void)
{
	static const char *const bad[][2] = {
		{"", "nothing before the hash"},
		{"[1", "no object"},
		{"{\"N\":1," COMMON, "no event"},
		{"{\"N\":1,\"Event\":\"dance\"," COMMON, "an unknown event"},
		{"{\"N\":-1,\"Event\":\"prune\",\"File\":\"2026-11\"," COMMON, "a negative N"},
		{"{\"N\":1.5,\"Event\":\"prune\",\"File\":\"2026-11\"," COMMON, "a broken N"},
		{"{\"N\":1,\"N\":1,\"Event\":\"prune\",\"File\":\"2026-11\"," COMMON,
			"N twice"},
		{"{\"N\":1,\"Event\":\"prune\",\"File\":\"../../etc\"," COMMON, "a way out"},
		{"{\"N\":1,\"Event\":\"prune\",\"File\":\"2026-11/../x\"," COMMON,
			"a way out of the month"},
		{"{\"N\":1,\"Event\":\"seal\",\"File\":\"2026-11\"," COMMON,
			"a month that is sealed"},
		{"{\"N\":1,\"Event\":\"seal\",\"File\":\"" FILE_A "\"," COMMON,
			"a seal of nothing"},
		{"{\"N\":1,\"Event\":\"recut\",\"File\":\"" FILE_A "\",\"Removed\":[]," COMMON,
			"an empty list"},
		{"{\"N\":1,\"Event\":\"recut\",\"File\":\"" FILE_A "\",\"Removed\":[7]," COMMON,
			"a list of numbers"},
		{"{\"N\":1,\"Event\":\"recut\",\"File\":\"" FILE_A
		 "\",\"Removed\":[{\"At\":1,\"Entry\":\"" CHAIN_START
		 "\",\"Message\":true},{\"At\":1,\"Entry\":\"" CHAIN_START
		 "\",\"Message\":true}]," COMMON,
			"a list out of order"},
		{"{\"N\":1,\"Event\":\"forget\",\"File\":\"" FILE_A
		 "\",\"Because\":\"x\"," COMMON,
			"a forget of nobody"},
		{"{\"N\":1,\"Event\":\"head\",\"Archive\":\"Box\",\"Key\":7," COMMON,
			"a key of 7"},
		{"{\"N\":1,\"Event\":\"document\"," COMMON, "a document without a name"},
		{"{\"N\":1,\"Event\":\"document\",\"File\":\"lock\"," COMMON,
			"a document that is none"},
		{"{\"N\":1,\"Event\":\"document\",\"File\":\"holds/.json\"," COMMON,
			"a hold without a name"},
		{"{\"N\":1,\"Event\":\"document\",\"File\":\"holds/../keys.json\"," COMMON,
			"a way out of the holds"},
		{"{\"N\":1,\"Event\":\"document\",\"File\":\"keys.json\",\"Sha256\":7," COMMON,
			"a document with a hash of 7"},
		{"{\"N\":1,\"Event\":\"prune\",\"File\":\"2026-11\",\"Time\":\"soon\"",
			"no time"},
	};
	const char *why;
	ok(parse("{\"N\":1,\"Event\":\"prune\",\"File\":\"2026-11\"," COMMON, &why) == 0,
		"a good one");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(parse(bad[i][0], &why) < 0 && why, "%s is refused", bad[i][1]);
}

/* Each bit of a line, and its end. */
static void
test_bits(void)
{
	struct chain_line l = {.n = 1, .time = 1000, .previous = {CHAIN_START}, .file = FILE_A};
	struct buf text = {0};
	const char *why;
	size_t taken = 0;
	counted(&l, 4, "content");
	chain_line_write(&l, &text);
	for (size_t i = 0; i < (text.n - 1) * 8; i++) {
		struct chain_line back;
		text.p[i / 8] ^= (char)(1 << i % 8);
		taken += chain_line_parse(&back, str_n(text.p, text.n - 1), &why) == 0;
		chain_line_release(&back);
		text.p[i / 8] ^= (char)(1 << i % 8);
	}
	is_int((long long)taken, 0, "a flipped bit is seen, whichever");
	for (size_t n = 0; n < text.n - 1; n++) {
		struct chain_line back;
		taken += chain_line_parse(&back, str_n(text.p, n), &why) == 0;
		chain_line_release(&back);
	}
	is_int((long long)taken, 0, "a line cut short is seen, wherever");
	buf_release(&text);
}

/* As long as can be read, and one longer. */
static void
test_long(void)
{
	struct buf text = {0};
	struct chain_line back, l = {.n = 1, .previous = {CHAIN_START}, .event = CHAIN_HEAD};
	const char *why;
	l.archive = l.key = "";
	l.signature = "";
	(void)chain_line_write(&l, &text);
	size_t n = CHAIN_LINE_MAX - (text.n - 1);
	char *filler = xrealloc(NULL, n + 2);
	memset(filler, 'x', n);
	filler[n] = '\0';
	l.signature = filler;
	text.n = 0;
	ok(chain_line_write(&l, &text) == 0 && text.n - 1 == CHAIN_LINE_MAX,
		"the longest line is written");
	ok(chain_line_parse(&back, str_n(text.p, text.n - 1), &why) == 0, "and read");
	chain_line_release(&back);
	filler[n] = 'x';
	filler[n + 1] = '\0';
	text.n = 0;
	ok(chain_line_write(&l, &text) < 0 && text.n == 0, "one longer is not written");
	free(filler);
	buf_release(&text);
}

static const char *
take(struct chain_state *s, struct chain_line *l)
{
	struct buf text = {0};
	const char *why;
	l->n = s->n + 1;
	l->previous = s->last;
	chain_line_write(l, &text);
	buf_release(&text);
	return chain_state_take(s, l, &why) == 0 ? NULL : why;
}

static void
test_state(void)
{
	struct chain_removed removed[] = {{.at = 1, .message = true, hash_of("m")}};
	struct chain_state s;
	chain_state_init(&s);
	struct chain_line seal = {.file = FILE_A},
			  recut = {.event = CHAIN_RECUT, .file = FILE_A};
	counted(&seal, 4, "content");
	is_str(take(&s, &recut), "expected File to be one that is closed", "recut of nothing");
	ok(!take(&s, &seal), "seal");
	is_str(take(&s, &seal), "expected a File that is not closed yet", "seal twice");
	recut.into = FILE_B;
	counted(&recut, 3, "less");
	is_str(take(&s, &recut),
		"expected Removed to tell of each entry that is not there any more",
		"an entry is gone and not told of");
	recut.removed = removed;
	recut.nremoved = 1;
	ok(!take(&s, &recut), "recut");
	ok(!chain_state_live(&s, FILE_A) && chain_state_live(&s, FILE_B),
		"one has gone, one come");
	is_int((long long)s.losses[0].n, 1, "what was left out is to be found elsewhere");
	struct chain_line again = recut;
	again.n = s.n + 2;
	const char *why;
	ok(chain_state_take(&s, &again, &why) < 0, "a number is left out");
	again.n = s.n + 1;
	ok(chain_state_take(&s, &again, &why) < 0, "the hash is not that of the line before");
	struct chain_line document = {.event = CHAIN_DOCUMENT, .file = "keys.json"};
	is_str(take(&s, &document), "expected File to be one that is there",
		"a document is gone that was not there");
	document.sha256 = hash_of("keys");
	ok(!take(&s, &document) && chain_state_live(&s, "keys.json"), "a document");
	document.sha256 = hash_of("others");
	ok(!take(&s, &document), "that changes");
	is_str(chain_state_live(&s, "keys.json")->sha256.s, document.sha256.s,
		"is the new one");
	document.sha256 = (struct hash_text){""};
	ok(!take(&s, &document) && !chain_state_live(&s, "keys.json"), "and goes");
	struct chain_line prune = {.event = CHAIN_PRUNE, .file = "2026-11"};
	ok(!take(&s, &prune) && !chain_state_live(&s, FILE_B), "a month goes");
	ok(!take(&s, &seal) && chain_state_live(&s, FILE_A), "and comes back");
	chain_state_release(&s);
}

/* A file takes the place of another and never comes to be used. */
static void
test_undo(void)
{
	struct hash_text id = hash_of("id");
	const char *ids[] = {id.s};
	struct chain_removed removed[] = {{.at = 1, .message = true, hash_of("m")}};
	struct chain_line seal = {.file = FILE_A}, undo = {.event = CHAIN_RECUT};
	struct chain_line forget = {.event = CHAIN_FORGET,
		.file = FILE_A,
		.into = FILE_B,
		.because = "x",
		.ids = ids,
		.nids = 1,
		.removed = removed,
		.nremoved = 1};
	struct chain_state s;
	chain_state_init(&s);
	counted(&seal, 4, "content");
	counted(&forget, 3, "less");
	ok(!take(&s, &seal), "seal");
	undo.file = FILE_A;
	ok(take(&s, &undo), "a file that took no place is not undone");
	ok(!take(&s, &forget), "forget");
	undo.file = FILE_B;
	ok(!take(&s, &undo), "is undone");
	ok(chain_state_live(&s, FILE_A) && !chain_state_live(&s, FILE_B), "the first is back");
	ok(s.nlosses == 1 && s.losses[0].undone, "nothing was forgotten");
	ok(take(&s, &undo), "it is not undone twice");
	ok(!take(&s, &forget) && !chain_state_live(&s, FILE_A), "forget, again");
	ok(!take(&s, &seal) && take(&s, &undo), "not when something has the place");
	chain_state_release(&s);
}

/* More hashes than a line can have. */
static void
test_too_many(void)
{
	static const char hash[] = CHAIN_START;
	size_t n = CHAIN_LINE_MAX / sizeof(hash);
	struct chain_line l = {.event = CHAIN_FORGET, .file = FILE_A, .because = "x"};
	struct buf text = {0};
	l.ids = xcalloc(n, sizeof(*l.ids));
	for (l.nids = 0; l.nids < n; l.nids++)
		l.ids[l.nids] = hash;
	ok(chain_line_write(&l, &text) < 0 && text.n == 0, "too many are not written");
	free(l.ids);
	buf_release(&text);
}

int
main(void)
{
	test_long();
	test_too_many();
	test_undo();
	test_round_trips();
	test_bad();
	test_bits();
	test_state();
	return done();
}
