#include <stdlib.h>

#include "json.h"
#include "tap.h"

static void
told(const char *name, const struct problems *ps, const char *expected)
{
	char *got = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&got, &n);
	problems_print(ps, out);
	fclose(out);
	is_str(got, expected, name);
	free(got);
}

/* The document must be refused with one problem at this place. */
static void
refused(const char *name, const char *text, size_t n, int line, int column)
{
	struct problems ps = {0};
	struct json_doc doc;
	ok(json_doc_parse(&doc, "f", str_n(text, n), &ps) < 0, "%s is refused", name);
	ok(!doc.root && !doc.file, "%s: nothing is left of it", name);
	is_int((long long)ps.errors, 1, "one error");
	is_int(ps.n ? ps.list[0].line : -1, line, "its line");
	is_int(ps.n ? ps.list[0].column : -1, column, "its column");
	problems_release(&ps);
}

static void
says(const char *text, const char *expected)
{
	struct problems ps = {0};
	struct json_doc doc;
	ok(json_doc_parse(&doc, "f", str_of(text), &ps) < 0, "%s is refused", text);
	told("with what to do", &ps, expected);
	problems_release(&ps);
}

#define REFUSED(name, text, line, column) refused(name, text, sizeof(text) - 1, line, column)

static void
places(void)
{
	static const char text[] =
		"{\n  \"\\u0052ules\": [\n\t{}, {\"a\x08\": \"\xc3\xa4\", \"k\": 1}\n]}";
	static const char good[] =
		"{\n  \"\\u0052ules\": [\n\t{}, {\"a\": \"\xc3\xa4\", \"k\": 1}\n]}";
	struct problems ps = {0};
	struct json_doc doc;
	struct json_at rules = {.key = "Rules"}, second = {.up = &rules, .index = 1},
		       k = {.up = &second, .key = "k"}, none = {.up = &second, .key = "gone"};
	REFUSED("a control character", text, 3, 8);
	if (!ok(json_doc_parse(&doc, "f", STR(good), &ps) == 0, "a document"))
		return;
	json_problem(&ps, &doc, NULL, false, PROBLEM_ERROR, "all of it");
	json_problem(&ps, &doc, &second, false, PROBLEM_WARNING, "%s", "an item");
	json_problem(&ps, &doc, &k, true, PROBLEM_ERROR, "a name");
	json_problem(&ps, &doc, &k, false, PROBLEM_ERROR, "a value\n\033[1m");
	json_problem(&ps, &doc, &none, false, PROBLEM_ERROR, "not there");
	told("places of values", &ps,
		"f:1:1: all of it\n"
		"f:3:6: Rules[1]: warning: an item\n"
		"f:3:17: Rules[1].k: a name\n"
		"f:3:22: Rules[1].k: a value??[1m\n"
		"f: Rules[1].gone: not there\n");
	is_int((long long)ps.errors, 4, "errors are counted");
	json_doc_release(&doc);
	problems_release(&ps);
}

static void
files(void)
{
	struct problems ps = {0};
	struct json_doc doc;
	ok(json_doc_load(&doc, "/nonexistent/x.json", &ps) < 0, "a file that is not there");
	told("is told", &ps, "/nonexistent/x.json: cannot read: No such file or directory\n");
	problems_release(&ps);
}

int
main(void)
{
	REFUSED("nothing", "", 1, 0);
	REFUSED("a key twice", "{\"a\":1,\n \"a\":2}", 2, 4);
	REFUSED("a comment", "{} // x", 1, 4);
	REFUSED("a single quote", "{'a':1}", 1, 2);
	REFUSED("bad UTF-8", "{\"\xff\":1}", 1, 2);
	REFUSED("a lone surrogate", "[\"\\ud800\"]", 1, 9);
	REFUSED("a NUL", "[\"\\u0000\"]", 1, 9);
	REFUSED("a leading zero", "[01]", 1, 2);
	says("{\"a\":[1, ]}", "f:1:10: not valid JSON: unexpected token near ']'; a list or "
			      "object does not end "
			      "with a comma\n");
	says("[\",]", "f:1:4: not valid JSON: premature end of input near '\",]'\n");
	places();
	files();
	return done();
}
