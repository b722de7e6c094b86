/* outcome.h: the results of a message's recipients, on the record that came and
 * on the record that goes. */
#ifndef MM_RULE_OUTCOME_H
#define MM_RULE_OUTCOME_H

#include "job.h"

/* A `result` field: views into value.  False when it is none. */
struct result {
	struct str path; /* "<address>" */
	enum status status;
	struct str reply;
};
bool result_parse(struct str value, struct result *out);

/* Marks the origins whose result on the record is final. */
void outcome_take_results(struct job *j);

/* What became of a recipient that reached the end of the rule set (or left it),
 * as it counts for one origin; *reply is valid as long as the job. */
enum status outcome_of(const struct recipient *r, const struct origin *o, const char **reply);

#define OUTCOME_NO_RECIPIENTS "554 5.5.1 the message has no recipients"

/* What Bounce does to its recipients.  Behind a queue it is final, and a reply for
 * the time being is told as one for good; without a queue the reply goes to the
 * client as it is.  *reply is valid as long as a. */
enum status outcome_of_bounce(const struct job *j, const struct action *a, const char **reply);

/* Did no delivering action take place, nor fail, for it? */
bool outcome_nothing(const struct job *j, const struct recipient *r);

/* The record with all that was learned and the outcome; the caller's. */
struct record *outcome_record(struct job *j);

#endif
