/* verbs.h: the SMTP commands: one table of verbs, each with its conditions, a
 * check that answers what is wrong, and the effect. */
#ifndef SMTPD_VERBS_H
#define SMTPD_VERBS_H

#include "address.h"
#include "session.h"

/* A command line without CRLF; trailing: the client has sent more behind it. */
void verbs_dispatch(struct session *s, struct str line, bool trailing);

/* May the command be taken while recipients are still unanswered? */
bool verbs_may_overtake(struct str line);

/* The line of EHLO. */
void auth_offer(struct session *s);
/* A line of an AUTH exchange. */
void verbs_sasl_line(struct session *s, struct str line);
void verbs_authenticated(struct session *s, enum auth_result result);

/* The policy's answer becomes the recipient's state and reply. */
void verbs_judge_rcpt(struct session *s, struct rcpt *r, const struct record *answer);
/* Sends that reply; the caller keeps the order. */
void verbs_answer_rcpt(struct session *s, const struct rcpt *r);

/* For the files that implement verbs */

struct command {
	struct str args;   /* behind the verb, trimmed */
	struct path path;  /* of MAIL and RCPT, once checked */
	uint64_t size;     /* SIZE= */
	bool utf8;         /* SMTPUTF8 */
	bool binary;       /* BODY=BINARYMIME */
	const char *wrong; /* of BDAT: it came at the wrong time */
};

/* check: false after it answered.  proceed: the effect and the answer. */
typedef bool verb_check(struct session *s, struct command *c);
typedef void verb_proceed(struct session *s, struct command *c);

/* What is in the way of a message now; NULL: nothing. */
const char *verbs_no_message_yet(struct session *s);
/* One more command that moves nothing forward; false when it ended the session. */
bool verbs_idle(struct session *s);

/* Can it be the argument of EHLO? */
bool verbs_helo_fine(struct str name);

verb_check mail_check, data_check, auth_check, xclient_check;
verb_proceed mail_proceed, rcpt_proceed, data_proceed, bdat_proceed, auth_proceed,
	xclient_proceed;

#endif
