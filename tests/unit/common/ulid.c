#include "tap.h"
#include "ulid.h"

int
main(void)
{
	char a[ULID_SIZE], b[ULID_SIZE];
	ulid_new(0, a);
	is_strn(a, 10, "0000000000", "time 0");
	ulid_new(281474976710655, a);
	is_strn(a, 10, "7ZZZZZZZZZ", "the last time");
	ulid_new(1469918176385, a);
	is_strn(a, 10, "01ARYZ6S41", "the time of the specification's example");
	is_int((long long)strlen(a), 26, "26 characters");
	ok(strspn(a, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == 26, "Crockford's base 32");
	ok(id_valid(str_of(a)), "is an id");
	bool differ = true;
	for (int i = 0; i < 10000; i++) {
		ulid_new(1, b);
		differ = differ && strcmp(a, b) != 0;
		memcpy(a, b, sizeof(a));
	}
	ok(differ, "10,000 in one millisecond differ");
	ulid_new(2, a);
	ok(strcmp(b, a) < 0, "they sort by time");
	ok(id_valid(STR("a.b_c-D9")) && id_valid(STR("-")), "ids");
	ok(!id_valid(STR("")) && !id_valid(STR_NONE), "empty is none");
	ok(!id_valid(STR(".a")) && !id_valid(STR("..")), "no dot at the start");
	ok(!id_valid(STR("a/b")) && !id_valid(STR("a b")) && !id_valid(STR("\xc3\xa4")),
		"no other characters");
	char longest[129];
	memset(longest, 'x', sizeof(longest));
	ok(id_valid(str_n(longest, 128)) && !id_valid(str_n(longest, 129)), "128 at most");
	ok(!id_valid(str_n("a\0b", 3)), "no NUL");
	return done();
}
