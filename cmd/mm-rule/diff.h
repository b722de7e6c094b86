/* diff.h: whom two rule sets treat differently, over a stream of past messages. */
#ifndef MM_RULE_DIFF_H
#define MM_RULE_DIFF_H

#include "record.h"
#include "ruleset.h"

#define DIFF_EXAMPLES 3
#define DIFF_MAX_GROUPS 10000 /* the rest is counted together */

struct diff_group;

struct diff {
	size_t examples; /* to be kept of each kind of difference */
	struct diff_group *groups;
	uint64_t messages, recipients; /* that were looked at */
	uint64_t different_messages, different_recipients;
};

/* Compares what both do with the message. */
void diff_record(
	struct diff *d, struct ruleset *old, struct ruleset *new_set, const struct record *r);

/* Prints on standard output: the commonest difference first, as a table with
 * examples, or as JSON Lines. */
void diff_print(struct diff *d, bool json);
void diff_release(struct diff *d);

#endif
