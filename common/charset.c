#include <gmime/gmime.h>
#include <stdint.h>

#include "charset.h"
#include "utf8_put.h"

#define LABEL_MAX 64

static bool
needs_no_table(struct str charset)
{
	static const char *const names[] = {
		"utf-8", "utf8", "us-ascii", "ascii", "unknown-8bit"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_ieq(charset, str_of(names[i])))
			return true;
	return charset.n == 0;
}

void
charset_to_utf8(struct buf *out, struct str octets, struct str charset)
{
	char label[LABEL_MAX], *text;
	size_t n, prespace;
	GMimeFilter *filter = NULL;
	if (!needs_no_table(charset) && octets.n && str_copy(charset, label, sizeof(label)))
		filter = g_mime_filter_charset_new(label, "UTF-8");
	if (!filter) {
		utf8_repair(out, octets);
		return;
	}
	g_mime_filter_complete(
		filter, (char *)(uintptr_t)octets.p, octets.n, 0, &text, &n, &prespace);
	utf8_repair(out, str_n(text, n));
	g_object_unref(filter);
}
