/* Authentication-Results: once our field is on, no other field claims to be ours, and
 * nothing else is gone; what a record's fields say can be read and written again. */
#include <stdint.h>
#include <stdlib.h>

#include "authres.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char id[] = "mx.example.org";

static size_t
claiming(const struct message *m)
{
	const struct header_field *f;
	size_t at = 0, n = 0;
	while (message_next(m, "Authentication-Results", &at, &f))
		n += authres_claims(f->value, str_of(id));
	return n;
}

static void
try_message(struct str text, const struct verdict *v, const struct record *rec)
{
	struct message before = {0}, after = {0};
	struct buf field = {0};
	struct blob *out;
	message_parse(&before, text);
	authres_format(&field, v, rec, id);
	if (authres_apply(text, buf_str(&field), str_of(id), &out) == 0) {
		message_parse(&after, str_n(out->p, out->n));
		if (claiming(&after) != 1 || after.nfields < 1)
			abort();
		if (before.nfields < MESSAGE_MAX_FIELDS &&
			before.nfields - claiming(&before) != after.nfields - 1)
			abort();
		blob_unref(out);
	}
	message_release(&before);
	message_release(&after);
	buf_release(&field);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"spf", "dkim", "dmarc", "iprev", "mail-from"};
	struct str text = str_n((const char *)data, size), rest = text;
	struct record *rec = record_new();
	struct verdict v = {0};
	for (size_t i = 0; i < 5; i++)
		record_add(rec, names[i], str_cut(&rest, '\n'));
	verdict_read(&v, rec);
	verdict_write(&v, rec);
	if (rest.p)
		try_message(rest, &v, rec);
	verdict_release(&v);
	record_free(rec);
	return 0;
}
