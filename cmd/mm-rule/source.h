/* source.h: the rule set in force: read at the start, read again when its file
 * (or its ingress point's) has changed. */
#ifndef MM_RULE_SOURCE_H
#define MM_RULE_SOURCE_H

#include <stdint.h>

#include "ruleset.h"
#include "watch.h"

struct source {
	const char *operand;
	const struct ruleset_options *options;
	struct ruleset *set;
	char *file; /* see ruleset_find() */
	struct watch watch;
	int64_t looked_ms;
};

/* 0, or -1 with problems added.  operand and options must outlive s. */
int source_open(struct source *s, const char *operand, const struct ruleset_options *options,
	struct problems *ps);

/* The rule set for the next message; the source's.  Looks for changes once a
 * second at most; a broken new file is logged and the old rule set stays. */
struct ruleset *source_current(struct source *s);
void source_close(struct source *s);

#endif
