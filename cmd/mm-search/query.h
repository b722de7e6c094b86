/* query.h: the query language of mm-search(1), as a tree. */
#ifndef MM_QUERY_H
#define MM_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "cidr.h"
#include "str.h"

#define QUERY_MAX_OCTETS 65536
#define QUERY_MAX_TERMS 500 /* SQLite nests a list of conditions, to 1000 */
#define QUERY_MAX_DEPTH 20  /* the parsers of SQLite and FTS5 have 100 places each */

enum query_kind {
	QUERY_ALL, /* the empty query */
	QUERY_AND, /* of kids */
	QUERY_OR,
	QUERY_NOT,       /* of kids[0] */
	QUERY_WORDS,     /* text, a phrase, in a column of the words (NULL: in any) */
	QUERY_MAIL_FROM, /* text, part of the address */
	QUERY_RCPT,
	QUERY_ID,      /* text: our id, or the Message-ID */
	QUERY_INGRESS, /* text, whole */
	QUERY_SPF,     /* text, one of the results */
	QUERY_DKIM,
	QUERY_DMARC,
	QUERY_IP,   /* network */
	QUERY_SIZE, /* min..max octets */
	QUERY_HAS_ATTACHMENT,
	QUERY_RECEIVED, /* min..max milliseconds, both included */
};

struct query {
	enum query_kind kind;
	const char *column; /* constant */
	char *text;
	bool prefix; /* the last word goes on */
	struct cidr network;
	int64_t min, max;
	struct query **kids;
	size_t n, cap;
};

struct query_error {
	size_t column; /* of the query, in characters, from 1 */
	char text[200];
};

/* `now` is what since:7d counts from.  The tree, for query_free(); NULL with *e
 * filled in. */
struct query *query_parse(struct str text, int64_t now, struct query_error *e);
void query_free(struct query *q); /* NULL is allowed */

/* The times of receiving outside which nothing can match. */
void query_bounds(const struct query *q, int64_t *min, int64_t *max);

#endif
