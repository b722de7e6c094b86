/* query.h: which messages of the queue: ids, and terms such as from:alice,
 * older:2h, held:yes.  One of the ids and every term must fit. */
#ifndef MM_QUEUE_QUERY_H
#define MM_QUEUE_QUERY_H

#include "store.h"

struct query;

/* operands: up to a NULL; they must outlive the query.  NULL with the reason in
 * why[size]. */
struct query *query_parse(char *const *operands, char *why, size_t size);
void query_free(struct query *q); /* NULL is allowed */

bool query_is_empty(const struct query *q); /* everything fits */
bool query_has_terms(const struct query *q);
bool query_fits(const struct query *q, const struct store_row *row, int64_t now);

/* Calls `each` with every row that fits, as long as it returns true.  0, or -1 with
 * store_error().  An id that is not there is told to `missing`. */
int query_each(struct store *s, const struct query *q, store_each *each, void *arg,
	void (*missing)(void *arg, const char *id));

#endif
