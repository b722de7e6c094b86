/* journal_json.h: Mail Manager's APPLICATION_LOGS of an ingress point: a JSON object
 * a line on standard error about each accepted message. */
#ifndef SMTPD_JOURNAL_JSON_H
#define SMTPD_JOURNAL_JSON_H

#include "journal.h"

/* answer: the record as the handler returned it. */
void journal_json(
	const struct config *cfg, const struct record *answer, const struct journal_outcome *o);

#endif
