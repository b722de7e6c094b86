/* DNS lists as options write them, and what their answers mean. */
#include <stdio.h>
#include <stdlib.h>

#include "list_codes.h"
#include "tap.h"

static void
code(const char *text, uint32_t first, uint32_t last)
{
	struct list_code c;
	int rc = list_code_parse(str_of(text), &c);
	ok(rc == 0 && c.first == first && c.last == last, "%s", text);
}

static void
no_code(const char *text)
{
	struct list_code c;
	ok(list_code_parse(str_of(text), &c) < 0, "no code: %s", text);
}

static void
test_codes(void)
{
	code("127.0.0.2", 0x7f000002, 0x7f000002);
	code("127.0.0.10..11", 0x7f00000a, 0x7f00000b);
	code("127.0.0.10..127.0.1.1", 0x7f00000a, 0x7f000101);
	no_code("");
	no_code("127.0.0");
	no_code("127.0.0.2..");
	no_code("..127.0.0.2");
	no_code("127.0.0.2..1");
	no_code("127.0.0.2..256");
	no_code("127.0.0.2...4");
	no_code("::1");
}

static void
spec(const char *text, const char *expected)
{
	static struct dns_lists l;
	const char *why;
	char got[200] = "no";
	l.n = 0;
	if (lists_add(&l, text, &why) == 0)
		(void)snprintf(got, sizeof(got), "%s %zu %d", l.list[0].zone, l.list[0].ncodes,
			l.list[0].weight);
	is_str(got, expected, text);
	lists_release(&l);
}

static void
test_specs(void)
{
	spec("zen.spamhaus.org", "zen.spamhaus.org 0 1");
	spec("zen.spamhaus.org=127.0.0.2..11*3", "zen.spamhaus.org 1 3");
	spec("a.b=127.0.0.2,127.0.0.4..7*-2", "a.b 2 -2");
	spec("a.b*0", "a.b 0 0");
	spec("a.b=", "no");
	spec("a.b=127.0.0.2,", "no");
	spec("a.b*", "no");
	spec("a.b*1001", "no");
	spec("a.b*--1", "no");
	spec("a..b", "no");
	spec("", "no");
}

static void
test_meanings(void)
{
	static struct dns_list list;
	ok(list_meaning(&list, 0x7f000002) != NULL, "127.0.0.2 lists by default");
	ok(list_meaning(&list, 0x7f0001fe) != NULL, "so does 127.0.1.254");
	ok(!list_meaning(&list, 0x7f000001), "127.0.0.1 does not");
	ok(!list_meaning(&list, 0x7f0001ff), "127.0.1.255 does not");
	ok(!list_meaning(&list, 0x7ffffffe), "127.255.255.254 does not");
	ok(!list_meaning(&list, 0x0a000002), "another network does not");
	list_code_add(&list, STR("127.0.0.4..7"), STR("xbl"));
	ok(!list_meaning(&list, 0x7f000002), "nor does what is not told");
	is_str(list_meaning(&list, 0x7f000005)->meaning, "xbl", "what is told has its meaning");
	ok(!list_meaning(&list, 0x7f000008), "up to its end");
	free(list.codes[0].meaning);
}

int
main(void)
{
	test_codes();
	test_specs();
	test_meanings();
	return done();
}
