/* archive_query.h: the query language of mm-search(1), as a tree. */
#ifndef MM_ARCHIVE_QUERY_H
#define MM_ARCHIVE_QUERY_H

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
	QUERY_ARC,
	QUERY_LIST,    /* text, part of the identifier in List-Id */
	QUERY_ARCHIVE, /* text: the archive's name, in lower case */
	QUERY_HEADER,  /* text, case folded, anywhere in a field named `column` */
	QUERY_IP,      /* network */
	QUERY_SIZE,    /* min..max octets */
	QUERY_HAS_ATTACHMENT,
	QUERY_RECEIVED, /* min..max milliseconds, both included */
};

struct query {
	enum query_kind kind;
	const char *column; /* constant: of the words, or a header field's name */
	char *text;
	bool prefix;  /* the last word goes on */
	size_t place; /* of the value in the query, in characters from 1; 0: in none */
	struct cidr network;
	int64_t min, max;
	struct query **kids;
	size_t n, cap;
};

struct query_error {
	size_t column; /* of the query, in characters, from 1 */
	char text[240];
};

#define QUERY_NO_NOW INT64_MIN

/* `now` is what since:7d counts from; with QUERY_NO_NOW that is refused.  The tree, for
 * query_free(); NULL with *e filled in. */
struct query *query_parse(struct str text, int64_t now, struct query_error *e);
void query_free(struct query *q); /* NULL is allowed */

/* The first part of that kind; NULL when there is none. */
const struct query *query_find(const struct query *q, enum query_kind kind);

/* For making a tree by hand.  query_add_kid() takes the kid. */
struct query *query_new(enum query_kind kind);
void query_add_kid(struct query *q, struct query *kid);

/* Can it match a message of that archive, received in first..last? */
bool query_can_match(const struct query *q, const char *archive, int64_t first, int64_t last);

#endif
