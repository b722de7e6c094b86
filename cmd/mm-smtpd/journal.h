/* journal.h: the log lines of mm-smtpd: one a session, one a message, one a refused
 * recipient.  What Mail Manager logs of an ingress point is there under the names
 * of mm-stream(5). */
#ifndef SMTPD_JOURNAL_H
#define SMTPD_JOURNAL_H

#include "session.h"
#include "trust_dates.h"

void journal_session(const struct session *s, int64_t duration_ms);
struct journal_outcome {
	const char *id;
	size_t size; /* octets, as the client sent them */
	enum status status;
	const char *reply;
	int64_t duration_ms; /* at the handler */
	bool client_gone;
	const struct trust_dates *trust; /* NULL: there is no trust store */
};

/* answer: the record as the handler returned it.  With --log-json an accepted message
 * has a line of JSON as well. */
void journal_message(
	const struct config *cfg, const struct record *answer, const struct journal_outcome *o);
/* r NULL: of the whole message. */
void journal_refusal(const struct session *s, const struct rcpt *r, const char *reply);
void journal_login(const struct session *s, bool good);
void journal_tls_failure(const struct session *s);

#endif
