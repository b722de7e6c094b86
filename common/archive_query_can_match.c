#include <string.h>

#include "archive_query.h"

/* What is known of all messages of a month. */
enum answer { NO, MAYBE, YES };

struct span {
	struct str archive;
	int64_t first, last;
};

static enum answer
received(const struct query *q, const struct span *s)
{
	if (q->max < s->first || q->min > s->last)
		return NO;
	return q->min <= s->first && q->max >= s->last ? YES : MAYBE;
}

static enum answer
answer(const struct query *q, const struct span *s)
{
	enum answer sum = q->kind == QUERY_AND ? YES : NO, kid;
	switch (q->kind) {
	case QUERY_ALL:
		return YES;
	case QUERY_RECEIVED:
		return received(q, s);
	case QUERY_ARCHIVE:
		return str_ieq(s->archive, str_of(q->text)) ? YES : NO;
	case QUERY_NOT:
		return YES - answer(q->kids[0], s);
	case QUERY_AND:
	case QUERY_OR:
		for (size_t i = 0; i < q->n; i++) {
			kid = answer(q->kids[i], s);
			if (q->kind == QUERY_AND ? kid < sum : kid > sum)
				sum = kid;
		}
		return sum;
	default:
		return MAYBE;
	}
}

bool
query_can_match(const struct query *q, const char *archive, int64_t first, int64_t last)
{
	struct span s = {str_of(archive), first, last};
	return answer(q, &s) != NO;
}
