#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "archive_query_words.h"
#include "words.h"

static bool
is_negation(const struct query *q)
{
	return q->kind == QUERY_NOT && query_is_words(q->kids[0]);
}

bool
query_is_words(const struct query *q)
{
	size_t wanted = 0;
	if (q->kind == QUERY_WORDS)
		return true;
	if (q->kind != QUERY_AND && q->kind != QUERY_OR)
		return false;
	for (size_t i = 0; i < q->n; i++) {
		bool plain = query_is_words(q->kids[i]);
		if (!plain && (q->kind == QUERY_OR || !is_negation(q->kids[i])))
			return false;
		wanted += plain;
	}
	return wanted > 0;
}

static void
phrase(struct buf *out, const struct query *q)
{
	if (q->column)
		buf_addf(out, "%s : ", q->column);
	buf_addc(out, '"');
	words_folded(out, str_of(q->text));
	buf_addstr(out, q->prefix ? "\" *" : "\"");
}

static void
write_words(struct buf *out, const struct query *q)
{
	bool first = true;
	if (q->kind == QUERY_WORDS) {
		phrase(out, q);
		return;
	}
	buf_addstr(out, "((");
	for (size_t i = 0; i < q->n; i++) {
		if (is_negation(q->kids[i]))
			continue;
		buf_addstr(out, first ? "" : q->kind == QUERY_AND ? " AND " : " OR ");
		write_words(out, q->kids[i]);
		first = false;
	}
	buf_addc(out, ')');
	for (size_t i = 0; i < q->n; i++) {
		if (!is_negation(q->kids[i]))
			continue;
		buf_addstr(out, " NOT ");
		write_words(out, q->kids[i]->kids[0]);
	}
	buf_addc(out, ')');
}

char *
query_words(const struct query *q)
{
	struct buf out = {0};
	write_words(&out, q);
	char *text = str_dup(buf_str(&out));
	buf_release(&out);
	return text;
}
