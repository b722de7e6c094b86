#include "json_locate.h"
#include "tap.h"

static const char text[] = "{\n"
			   "\t\"a\\u0062\": [ 1, \"x]\\\"}\",\n"
			   "    {\"k\\u00e4\" : null , \"l\":{}}, [[], 7] ],\n"
			   "\"\xc3\xa4\": -1.5e3, \"z\":true}";

static void
at(const struct json_at *where, bool key, int line, int column, const char *name)
{
	int l = 0, c = 0;
	struct json_doc doc = {0};
	buf_adds(&doc.text, STR(text));
	json_locate(&doc, where, key, &l, &c);
	buf_release(&doc.text);
	if (!ok(l == line && c == column, "%s", name))
		printf("# got %d:%d, expected %d:%d\n", l, c, line, column);
}

int
main(void)
{
	struct json_at root = {NULL, "ab", 0}, e0 = {&root, NULL, 0}, e1 = {&root, NULL, 1},
		       e2 = {&root, NULL, 2}, e3 = {&root, NULL, 3}, e4 = {&root, NULL, 4};
	struct json_at k = {&e2, "k\xc3\xa4", 0}, l = {&e2, "l", 0}, none = {&e2, "m", 0};
	struct json_at deep = {&e3, NULL, 1}, umlaut = {NULL, "\xc3\xa4", 0},
		       z = {NULL, "z", 0};
	at(NULL, false, 1, 1, "the document");
	at(&root, true, 2, 2, "a key written with an escape");
	at(&root, false, 2, 13, "its value");
	at(&e0, false, 2, 15, "first element");
	at(&e1, false, 2, 18, "a string with brackets and quotes");
	at(&e2, false, 3, 5, "an object behind it");
	at(&k, true, 3, 6, "a member's name");
	at(&k, false, 3, 18, "a member's value");
	at(&l, false, 3, 29, "the next member");
	at(&deep, false, 3, 39, "an element of an element");
	at(&umlaut, false, 4, 6, "columns are characters");
	at(&z, false, 4, 18, "the last member");
	at(&none, false, 0, 0, "no such member");
	at(&e4, false, 0, 0, "no such element");
	return done();
}
