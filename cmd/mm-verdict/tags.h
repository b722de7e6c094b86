/* tags.h: tag=value lists (RFC 6376 section 3.2): DKIM-Signature, key records and
 * DMARC records. */
#ifndef MM_VERDICT_TAGS_H
#define MM_VERDICT_TAGS_H

#include "buf.h"
#include "str.h"

#define TAGS_MAX 64

struct tags {
	size_t n;
	struct {
		struct str name, value; /* views; the value trimmed, its folding kept */
	} list[TAGS_MAX];
};

/* 0; or -1 when s is no tag list, has a tag twice, or more than TAGS_MAX. */
int tags_parse(struct tags *t, struct str s);

/* The same, but what is no tag is passed over: so RFC 9989 section 4.8 wants DMARC
 * records read. */
int tags_parse_loosely(struct tags *t, struct str s);

/* The value; absent if the tag is not there.  Names are compared with case. */
struct str tags_get(const struct tags *t, const char *name);

/* The value of a tag in a list that tags_parse() takes, with the white space around
 * it; absent if the tag is not there. */
struct str tag_raw_value(struct str list, const char *name);

/* Is the value one of a list of words between `sep`, spaces around them and case
 * ignored? */
bool tag_lists(struct str value, char sep, const char *word);

/* Appends s without its spaces, tabs and line ends. */
void tag_unspaced(struct str s, struct buf *out);

#endif
