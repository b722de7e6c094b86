#include "clean_text.h"
#include "tap.h"

static const char *
clean(struct str s)
{
	static struct buf out;
	buf_reset(&out);
	clean_text_add(&out, s);
	return buf_cstr(&out);
}

int
main(void)
{
	is_str(clean(STR("")), "", "nothing");
	is_str(clean(STR("k\xc3\xa4se")), "k\xc3\xa4se", "UTF-8 stays");
	is_str(clean(STR("a\033[2J\r\n\tb\x7f")), "a?[2J???b?", "controls");
	is_str(clean(STR("a\xc2\x9b"
			 "1m")),
		"a?1m", "a control of two octets is one");
	is_str(clean(STR("\xff\xc3"
			 "b\xe2\x82")),
		"??b??", "octets that are no UTF-8");
	is_str(clean(STR("a\0b")), "a?b", "NUL");
	is_int((long long)clean_text_width("k\xc3\xa4se"), 4, "characters are counted");
	return done();
}
