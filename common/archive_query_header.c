#include <stdlib.h>
#include <string.h>

#include "archive_query_header.h"
#include "fold_case.h"
#include "message.h"
#include "mimetext_header.h"

static bool
has_text(const struct message *m, const char *field, const char *wanted)
{
	const struct header_field *f;
	struct buf text = {0}, charset = {0};
	bool found = false;
	mimetext_charset(&charset, m);
	for (size_t at = 0; !found && message_next(m, field, &at, &f);) {
		buf_reset(&text);
		mimetext_header(&text, f->value, buf_str(&charset));
		char *folded = fold_case(buf_str(&text));
		found = strstr(folded, wanted) != NULL;
		free(folded);
	}
	buf_release(&text);
	buf_release(&charset);
	return found;
}

/* 1, 0, or -1 when it cannot be read. */
static int
look(sqlite3 *db, struct frame_reader *frames, int64_t n, const char *field, const char *wanted)
{
	sqlite3_stmt *st = NULL;
	struct archive_row row;
	struct message m = {0};
	struct str octets;
	int result = -1;
	if (index_prepare(db, "SELECT " INDEX_ROW " FROM " INDEX_TABLES " WHERE m.n = ?", &st) <
		0)
		return -1;
	sqlite3_bind_int64(st, 1, n);
	if (sqlite3_step(st) == SQLITE_ROW) {
		index_row(st, &row);
		if (frame_message(frames, &row, &octets) == 0) {
			message_parse(&m, octets);
			result = has_text(&m, field, wanted);
			message_release(&m);
		}
	}
	sqlite3_finalize(st);
	return result;
}

static void
header_contains(sqlite3_context *c, int argc, sqlite3_value **v)
{
	const char *field = (const char *)sqlite3_value_text(v[1]);
	const char *wanted = (const char *)sqlite3_value_text(v[2]);
	(void)argc;
	int result = field && wanted ? look(sqlite3_context_db_handle(c), sqlite3_user_data(c),
					       sqlite3_value_int64(v[0]), field, wanted)
				     : -1;
	if (result < 0) { /* an error would end the query */
		((struct frame_reader *)sqlite3_user_data(c))->unread = true;
		sqlite3_result_null(c);
	} else {
		sqlite3_result_int(c, result);
	}
}

int
header_contains_define(sqlite3 *db, struct frame_reader *frames)
{
	return sqlite3_create_function(db, "header_contains", 3, SQLITE_UTF8, frames,
		       header_contains, NULL, NULL) == SQLITE_OK
		       ? 0
		       : -1;
}
