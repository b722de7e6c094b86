#include <string.h>

#include "import_time.h"
#include "mail_date.h"
#include "message.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))

static bool
believable(int64_t ms, int64_t now)
{
	return ms >= 365 * DAY_MS && ms <= now + DAY_MS;
}

/* RFC 5321, 4.4: the date is behind the last semicolon. */
static int64_t
received_field(const struct message *m)
{
	const struct header_field *f = message_field(m, "Received");
	const char *semicolon = f ? memrchr(f->value.p, ';', f->value.n) : NULL;
	return semicolon ? mail_date(str_skip(f->value, (size_t)(semicolon - f->value.p) + 1))
			 : 0;
}

static int64_t
date_field(const struct message *m)
{
	const struct header_field *f = message_field(m, "Date");
	return f ? mail_date(f->value) : 0;
}

int64_t
import_time(const struct found *f, int64_t now)
{
	struct message m = {0};
	message_parse(&m, f->octets);
	int64_t ms = received_field(&m);
	if (!believable(ms, now))
		ms = f->from_ms;
	if (!believable(ms, now))
		ms = date_field(&m);
	if (!believable(ms, now))
		ms = f->mtime;
	message_release(&m);
	return believable(ms, now) ? ms : now;
}
