/* session.h: one SMTP session (RFC 5321) as a state machine without input or
 * output: octets of the client go in by session_input(), replies collect in
 * `out`, and whatever takes time goes out through session_ops and comes back by
 * a session_...ed() call. */
#ifndef SMTPD_SESSION_H
#define SMTPD_SESSION_H

#include <stdbool.h>

#include "body.h"
#include "config.h"
#include "crlf_check.h"
#include "data.h"
#include "peer.h"
#include "record.h"
#include "scram.h"
#include "transaction.h"
#include "ulid.h"

#define SESSION_MAX_COMMAND 4096    /* octets with CRLF, parameters included */
#define SESSION_MAX_SASL_LINE 12288 /* RFC 4954 section 4 */

struct session;

/* The owner of the session; none of these calls back from within. */
struct session_ops {
	/* Ask the policy about recipient number `index`; then session_probed(). */
	void (*probe)(struct session *s, size_t index, struct record *r);
	/* Is there no room for a further message just now? */
	bool (*busy)(struct session *s);
	/* A message; then session_delivered(). */
	void (*deliver)(struct session *s, struct record *r);
	/* Then session_authenticated().  The strings are the caller's, who wipes
	 * them on return. */
	void (*authenticate)(struct session *s, const char *user, const char *password);
	/* The client is not who connected (XCLIENT): false, and nothing has changed, when
	 * there are too many connections from there. */
	bool (*client_is)(struct session *s, const struct peer *p);
	/* The keys for a SCRAM exchange.  false: not now; then session_authenticated(). */
	bool (*scram)(struct session *s, const char *user, struct scram_secret *out);
	/* The verdict on it.  When it is no, session_authenticated() comes later. */
	void (*scram_judged)(struct session *s, bool good);
	/* A recipient was refused, or at the end of its data (r NULL) a message, for
	 * the log. */
	void (*refused)(struct session *s, const struct rcpt *r, const char *reply);
};

enum session_phase {
	SESSION_COMMAND,
	SESSION_SASL, /* a line of an AUTH exchange is expected */
	SESSION_DATA,
	SESSION_CHUNK,    /* the octets of a BDAT */
	SESSION_WAIT,     /* for the handler or for a password check */
	SESSION_STARTTLS, /* send `out`, shake hands, then session_secured() */
	SESSION_END,      /* send `out` and close */
};

/* What a BDAT command announced. */
struct chunk {
	uint64_t octets, left;
	bool last;
	const char *refusal; /* the octets are thrown away, then this is the reply */
};

enum sasl_step {
	SASL_PLAIN,
	SASL_LOGIN_USER,
	SASL_LOGIN_PASSWORD,
	SASL_SCRAM_FIRST,
	SASL_SCRAM_FINAL,
	SASL_SCRAM_END,
};
enum auth_result { AUTH_OK, AUTH_FAILED, AUTH_UNAVAILABLE };

struct session {
	const struct config *cfg;
	const struct session_ops *ops;
	void *owner;
	const struct peer *peer;
	bool offers_tls, offers_auth, offers_scram, offers_xclient;
	char id[ULID_SIZE];

	enum session_phase phase;
	bool blocked;    /* a command waits until all recipients are answered */
	bool stopping;   /* end with 421 when the present message is done */
	bool at_fault;   /* ended because of what the client sent */
	const char *end; /* why it ended: a word for the log */
	struct buf out;

	char *helo; /* NULL before EHLO or HELO */
	bool esmtp;
	char *tls, *tls_cipher; /* NULL in clear */
	bool tls_wrapped;       /* TLS from the first octet */
	struct record *cert;    /* the client certificate's fields, or NULL */
	char *auth_user;
	const char *auth_method;
	enum sasl_step sasl;
	char *sasl_user;
	struct scram *scram;          /* an exchange that has begun, or NULL */
	struct scram_channel channel; /* of the TLS connection, set before session_secured() */

	struct transaction tx;
	size_t probes; /* outstanding */
	struct data_decoder decoder;
	struct crlf_check text; /* of chunks */
	struct chunk chunk;
	struct body body;

	size_t auth_failures, idle_commands;
	size_t errors, refusals, commands, messages;
	size_t errors_forgiven, refusals_forgiven; /* by messages since delivered */
};

void session_init(struct session *s, const struct config *cfg, const struct session_ops *ops,
	void *owner, const struct peer *peer);
void session_release(struct session *s);

/* There will be TLS from the first octet: shake hands, session_secured(), then
 * session_greet(). */
void session_wrap(struct session *s);

void session_greet(struct session *s);

/* Takes octets from the client; returns how many.  What is left must be offered
 * again with more behind it, or after a session_...ed() call. */
size_t session_input(struct session *s, struct str in);

/* Does it wait for the client? */
bool session_wants_input(const struct session *s);
/* Are octets of a message on their way? */
bool session_in_message(const struct session *s);

void session_probed(struct session *s, size_t index, const struct record *answer);
/* answer: what the handler returned; LMTP takes each recipient's outcome from it. */
void session_delivered(
	struct session *s, enum status status, const char *reply, const struct record *answer);
void session_authenticated(struct session *s, enum auth_result result);
/* Takes cert, which may be NULL. */
void session_secured(
	struct session *s, const char *version, const char *cipher, struct record *cert);

/* Ends it with 421, at once when idle, else after the message in flight. */
void session_stop(struct session *s);
/* Ends it at once with a reply ("421 4.4.2 ..."). */
void session_end(struct session *s, const char *why, const char *reply);

/* Back to where the connection began. */
void session_restart(struct session *s);

/* For the verbs.  Replies are given without CRLF. */
void session_reply(struct session *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A reply to a wrong command; too many of these end the session. */
void session_error(struct session *s, const char *reply);
/* A reply to a command that is refused: an error of the client unless it is a 4xx. */
void session_refuse_command(struct session *s, const char *reply);
/* The message is dealt with: the reply (in LMTP one for each recipient), and back to
 * commands. */
void session_finish_message(struct session *s, const char *reply);
/* Between messages is the moment to obey session_stop(). */
void session_obey_stop(struct session *s);
/* Sends the replies to recipients that are due, in the order of the commands. */
void session_answer(struct session *s);
/* Ends the session for what the client sent. */
void session_fault(struct session *s, const char *why, const char *reply);

#endif
