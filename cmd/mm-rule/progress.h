/* progress.h: the `done` fields, by which a message that comes again is resumed.
 *
 *     done: inbound 2/0 to-warehouse Relay warehouse ok <bob@example.org> 250 2.0.0 ok
 *
 * rule set, rule/action (from 0), rule name or "-", action, target, ok or
 * permfail (or, for ok, STOP_RULE or STOP_RULE_SET), the recipients, "as <x@y>" where another
 * was put in their place, and the reply. */
#ifndef MM_RULE_PROGRESS_H
#define MM_RULE_PROGRESS_H

#include "disposition.h"
#include "record.h"
#include "ruleset.h"
#include "textmap.h"

struct job;
struct recipient;

/* One recipient of one such field; views into the record. */
struct done {
	size_t rule, action;
	bool moved; /* the rule set has something else there by now */
	struct str name, target;
	enum status status;
	enum disposition disposition;
	struct str path, as; /* as is absent when nothing was put in its place */
	struct str reply;
	struct done *next; /* of the same path; NULL: none */
};

struct progress {
	struct done *list;
	size_t n, cap;
	struct textmap by_path; /* index of the first of each path */
};

/* Reads those of the record, which must outlive p.  What was done by another
 * version of the rule set counts for the same action on the same target. */
void progress_read(struct progress *p, const struct record *r, const struct ruleset *set);
void progress_release(struct progress *p);

/* Was action a of the rule at hand done for r before?  Then its step_status,
 * step_disposition and step_reply are set as they were. */
bool progress_find(struct job *j, const struct action *a, struct recipient *r);

/* Adds to j->learned that a was done for the recipients that are .acting, except
 * where it must be tried again. */
void progress_note(struct job *j, const struct action *a);

#endif
