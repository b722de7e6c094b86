/* condition.h: the conditions of traffic policies and rules, compiled once and
 * evaluated for one recipient at a time. */
#ifndef MM_CONDITION_H
#define MM_CONDITION_H

#include "facts.h"
#include "json.h"

struct condition;

struct conditions {
	struct condition *list;
	size_t n;
};

/* Compiles a list that schema_check() has passed ("Conditions", "Unless"); at is
 * its place in doc.  References to address lists are resolved in the site at
 * dir.  0, or -1 with problems added.  A NULL list gives no conditions. */
int conditions_compile(struct conditions *out, const struct json_doc *doc, const json_t *list,
	const struct json_at *at, const char *dir, struct problems *ps);
void conditions_release(struct conditions *c);

const struct condition *conditions_at(const struct conditions *c, size_t i);

/* Does it hold?  found, if not NULL, gets what was compared, as text for people
 * ("dkim none -> GRAY"). */
bool condition_match(const struct condition *c, struct facts *f, struct buf *found);

/* "DKIM EQUALS PASS": the condition in one line; valid as long as it is. */
const char *condition_text(const struct condition *c);

/* The members Analyzer and ResultField, when the condition asks an analyser;
 * absent otherwise. */
struct str condition_analyzer(const struct condition *c);

#endif
