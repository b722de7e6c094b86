/* outcome.h: what a child answered, as the reply that the client gets. */
#ifndef SMTPD_OUTCOME_H
#define SMTPD_OUTCOME_H

#include "record.h"

/* Of a message that the handler returned: the worst of `status` and all
 * `result` fields.  Without any, nothing was promised: tempfail.  *reply (the
 * caller frees) is one line of printable ASCII whose code fits the status. */
enum status outcome_of_message(const struct record *r, const char *id, char **reply);

/* Of one recipient, as its `result` field says.  Returns the status; *reply (the
 * caller frees) is NULL where there is no such field, or none that can be used. */
enum status outcome_of_recipient(const struct record *r, struct str path, char **reply);

/* Of a probe: allowed by status ok, or by `policy: allow` without a status. */
enum status outcome_of_probe(const struct record *r, char **reply);

#endif
