#include "facts.h"

static bool
same_field(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		char x = a.p[i] == ' ' ? '_' : ascii_lower(a.p[i]);
		char y = b.p[i] == ' ' ? '_' : ascii_lower(b.p[i]);
		if (x != y)
			return false;
	}
	return true;
}

static struct str
without_addon(struct str field)
{
	return str_istarts(field, STR("addon.")) ? str_skip(field, 6) : field;
}

struct str
facts_analysis(const struct facts *f, struct str name, struct str field)
{
	struct str value;
	size_t at = 0;
	field = without_addon(field);
	while (record_next(f->rec, "analysis", &at, &value)) {
		struct str rest = value, own = str_word(&rest), key = str_word(&rest);
		if (str_ieq(own, name) && same_field(without_addon(key), field))
			return str_trim(rest);
	}
	return STR_NONE;
}
