#include "buf.h"
#include "tap.h"

int
main(void)
{
	struct buf b = {0};
	is_strn(buf_str(&b).p, buf_str(&b).n, "", "an unused buf is an empty view");
	is_str(buf_cstr(&b), "", "and an empty string");
	buf_addstr(&b, "ab");
	buf_addc(&b, 'c');
	buf_add(&b, "de", 2);
	buf_add(&b, NULL, 0);
	buf_adds(&b, STR("f"));
	buf_addf(&b, "%d%s", 12, "g");
	is_str(buf_cstr(&b), "abcdef12g", "pieces in order");
	is_int((long long)b.n, 9, "the NUL of buf_cstr is not counted");
	buf_addc(&b, 'h');
	is_strn(b.p, b.n, "abcdef12gh", "growing after buf_cstr");
	for (size_t room = 0; room < 12; room++) {
		struct buf small = {0};
		buf_reserve(&small, room);
		buf_addc(&small, '-');
		buf_addf(&small, "%s", "0123456789");
		is_strn(small.p, small.n, "-0123456789", "formatted into any room");
		buf_release(&small);
	}
	struct buf numbers = {0};
	static const int64_t values[] = {0, 7, -7, 4711, INT64_MAX, INT64_MIN};
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		buf_addnum(&numbers, values[i]);
		buf_addc(&numbers, ' ');
	}
	is_str(buf_cstr(&numbers), "0 7 -7 4711 9223372036854775807 -9223372036854775808 ",
		"numbers");
	buf_release(&numbers);
	buf_consume(&b, 3);
	is_strn(b.p, b.n, "def12gh", "consumed from the front");
	buf_consume(&b, 100);
	is_int((long long)b.n, 0, "consuming more than there is empties");
	size_t cap = b.cap;
	buf_reset(&b);
	ok(b.cap == cap && b.p, "reset keeps the memory");
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, (char)('a' + i % 26));
	bool same = b.n == 100000;
	for (size_t i = 0; i < b.n; i++)
		same = same && b.p[i] == (char)('a' + i % 26);
	ok(same, "100,000 octets one by one");
	buf_release(&b);
	ok(!b.p && !b.n && !b.cap, "release leaves {0}");
	return done();
}
