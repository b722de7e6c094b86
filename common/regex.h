/* regex.h: regular expressions of PCRE2 on texts that anybody may have written:
 * compiled once, by its JIT where there is one, each match within limits. */
#ifndef MM_REGEX_H
#define MM_REGEX_H

#include <stdbool.h>

#include "buf.h"

#define REGEX_MAX_PATTERN 4096 /* characters */
#define REGEX_MATCH_STEPS 200000
#define REGEX_MATCH_DEPTH 2000

struct regex;

/* NULL, with what is wrong and where appended to why, when it is none.  folded:
 * letters match in either case. */
struct regex *regex_new(struct str pattern, bool folded, struct buf *why);
void regex_free(struct regex *r); /* NULL is allowed */

enum regex_result { REGEX_NO, REGEX_YES, REGEX_TOO_HARD };

/* Does it match somewhere in the text?  The octets need not be UTF-8. */
enum regex_result regex_match(struct regex *r, struct str text);

/* The same; where it matches from start on: from..to. */
enum regex_result regex_find(
	struct regex *r, struct str text, size_t start, size_t *from, size_t *to);

/* True the first time: a log need not say of every text that it was too hard. */
bool regex_complain(struct regex *r);

#endif
