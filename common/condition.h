/* condition.h: the conditions of traffic policies and rules, compiled once and
 * evaluated for one recipient at a time.
 *
 * Several values: positive operators hold if any value of the attribute matches
 * any of the condition's; NOT_EQUALS and NOT_CIDR_MATCHES hold if none does.  An
 * attribute that is absent matches nothing.  A Boolean analysis result that is
 * absent is neither true nor false: neither operator holds. */
#ifndef MM_CONDITION_H
#define MM_CONDITION_H

#include "facts.h"
#include "json.h"
#include "references.h"

struct condition;

struct conditions {
	struct condition *list;
	size_t n;
};

/* Compiles a list that schema_check() has passed ("Conditions", "Unless"); at is
 * its place in doc.  refs outlives the result and stays where it is.  0, or -1 with problems
 * added and *out empty.  A NULL list gives no conditions. */
int conditions_compile(struct conditions *out, const struct json_doc *doc, const json_t *list,
	const struct json_at *at, struct references *refs, struct problems *ps);
void conditions_release(struct conditions *c);

const struct condition *conditions_at(const struct conditions *c, size_t i);

/* Does it hold?  found, if not NULL, gets what was compared appended, as text for
 * people ("none -> GRAY"). */
bool condition_match(const struct condition *c, struct facts *f, struct buf *found);

/* Does it ask about the recipient?  If not it holds for all or for none. */
bool condition_per_recipient(const struct condition *c);

/* "DKIM EQUALS PASS": the condition in one line; valid as long as it is. */
const char *condition_text(const struct condition *c);

#endif
