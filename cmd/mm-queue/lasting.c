#include "lasting.h"

static bool
is_transient(struct str name)
{
	static const struct str names[] = {
		STR("tag"), STR("status"), STR("reply"), STR("queued"), STR("attempt")};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

void
lasting_fields(struct buf *b, const struct record *r)
{
	for (size_t i = 0; i < r->nfields; i++) {
		if (is_transient(record_name_at(r, i)))
			continue;
		buf_adds(b, record_line_at(r, i));
		buf_addc(b, '\n');
	}
}
