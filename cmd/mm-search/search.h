/* search.h: runs a query over the months of archives. */
#ifndef MM_SEARCH_H
#define MM_SEARCH_H

#include "output.h"
#include "archive_query.h"

struct search {
	const struct query *query;
	const struct mail_archive *archives;
	struct archive_holds *const *holds; /* of each archive, see places_find() */
	size_t narchives;
	int64_t now;
	int64_t limit, offset; /* results at most, negative: all; and skipped before */
	output_result *output;
	bool whole_messages; /* what output makes has a message in it */
	bool reads_messages; /* output does, to make it */
	bool descending;     /* for search_sorted() */
	bool json;           /* for search_grouped() */

	/* what came of it */
	int64_t found;
	bool failed; /* some month or message could not be read; the reason was logged */
};

/* Lists, newest first. */
void search_list(struct search *s);

/* Counts; prints nothing. */
void search_count(struct search *s);

/* Lists, sorted by a key that search_sort_expression() knows. */
const char *search_sort_expression(struct str key); /* SQL, or NULL */
void search_sorted(struct search *s, const char *expression);

/* Prints a line for each value of a key that search_group_known() knows. */
bool search_group_known(struct str key);
void search_grouped(struct search *s, const char *key);

/* Parts that these share. */
struct chunk;
struct crew;
struct query_sql;
/* "SELECT what FROM from WHERE (what the query says) rest"; ready to start.  The
 * caller frees. */
char *search_sql(const struct query_sql *condition, const char *what, const char *from,
	const char *rest);
/* Reads the months with it, and gives what they print to `take`, until that says that no
 * more is wanted.  The caller frees c->places. */
typedef bool search_chunk(void *ctx, const struct chunk *c);
void search_each(struct search *s, struct crew *c, const char *what, const char *from,
	const char *rest, search_chunk *take, void *ctx);
/* For rows that go elsewhere. */
bool search_ignore(void *ctx, const struct chunk *c);
/* Is this result, the next one, to be printed?  *more: can there be others? */
bool search_take(struct search *s, int64_t *seen, bool *more);

/* A database for what is sorted: in a file that has no name, so that memory does not
 * bound it; in memory if an archive is encrypted.  NULL after the reason was logged. */
sqlite3 *search_scratch(const struct search *s, const char *tables);

#endif
