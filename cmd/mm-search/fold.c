#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "fold_case.h"

static struct str
argument(sqlite3_value *v)
{
	const void *p = sqlite3_value_text(v);
	return str_n(p ? p : "", (size_t)sqlite3_value_bytes(v));
}

static void
give(sqlite3_context *c, struct str text)
{
	sqlite3_result_text(c, fold_case(text), -1, free);
}

static void
fold(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct str text = str_trim(argument(v[0]));
	(void)n;
	while (text.n && memchr("\"'<", text.p[0], 3))
		text = str_skip(text, 1);
	give(c, text);
}

static struct str
without_reply(struct str s)
{
	static const char *const marks[] = {"re:", "fwd:", "fw:", "aw:", "wg:", "sv:", "vs:"};
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]);) {
		if (str_istarts(s, str_of(marks[i]))) {
			s = str_trim(str_skip(s, strlen(marks[i])));
			i = 0;
		} else {
			i++;
		}
	}
	return s;
}

static void
fold_subject(sqlite3_context *c, int n, sqlite3_value **v)
{
	(void)n;
	give(c, without_reply(str_trim(argument(v[0]))));
}

static void
address_in(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct str text = str_trim(argument(v[0]));
	const char *open = text.n ? memrchr(text.p, '<', text.n) : NULL;
	const char *close = open ? memchr(open, '>', (size_t)(text.p + text.n - open)) : NULL;
	(void)n;
	give(c, close ? str_n(open + 1, (size_t)(close - open - 1)) : text);
}

int
fold_functions(sqlite3 *db)
{
	static const struct {
		const char *name;
		void (*call)(sqlite3_context *, int, sqlite3_value **);
	} list[] = {{"fold", fold}, {"fold_subject", fold_subject}, {"address_in", address_in}};
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (sqlite3_create_function(db, list[i].name, 1,
			    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, list[i].call, NULL,
			    NULL) != SQLITE_OK)
			return -1;
	return 0;
}
