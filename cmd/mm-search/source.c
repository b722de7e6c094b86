#include "source.h"

void
source_stepped(struct source *s, int rc, bool has_time)
{
	s->more = rc == SQLITE_ROW;
	if (s->more && has_time)
		s->received = sqlite3_column_int64(s->reader.st, INDEX_ROW_RECEIVED);
}

struct source *
source_newest(struct source *list, size_t n)
{
	struct source *found = NULL;
	for (size_t i = 0; i < n; i++)
		if (list[i].more && (!found || list[i].received > found->received))
			found = &list[i];
	return found;
}

void
source_close_all(struct source *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].reader.place)
			reader_close(&list[i].reader);
}
