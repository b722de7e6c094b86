/* smtp_client.h: the client's side of SMTP (RFC 5321) and LMTP (RFC 2033) as a
 * state machine over bytes: what the server said goes in, what to send comes
 * out.  It knows no sockets and no time. */
#ifndef MM_SMTP_CLIENT_H
#define MM_SMTP_CLIENT_H

#include <stdbool.h>

#include "buf.h"
#include "record.h"
#include "scram_client.h"
#include "smtp_reply.h"
#include "wire.h"

#define SMTP_MAX_RCPTS 100 /* in one transaction; RFC 5321 section 4.5.3.1.8 */

/* From SMTP_TLS_VERIFY on the server has to show who it is. */
enum smtp_tls {
	SMTP_TLS_NONE,
	SMTP_TLS_MAY,
	SMTP_TLS_ENCRYPT,
	SMTP_TLS_VERIFY,
	SMTP_TLS_FINGERPRINT,
	SMTP_TLS_DANE,
};

/* Mechanisms of AUTH, bits. */
enum {
	AUTH_SCRAM_PLUS = 1,
	AUTH_SCRAM = 2,
	AUTH_PLAIN = 4,
	AUTH_LOGIN = 8,
	AUTH_OAUTHBEARER = 16,
	AUTH_XOAUTH2 = 32,
	AUTH_BY_TOKEN = AUTH_OAUTHBEARER | AUTH_XOAUTH2,
};

#define SMTP_CHANNEL_MAX 64

/* What a session is to do; must outlive it. */
struct smtp_settings {
	const char *hello;            /* our name in EHLO */
	const char *user;             /* NULL: no AUTH */
	const char *password, *token; /* at least one; the token is OAuth's */
	unsigned mechanisms;          /* that may be used; 0: any */
	const char *server;           /* the name and port connected to, for OAUTHBEARER */
	int server_port;              /* 0: a socket */
	enum smtp_tls tls;
	bool vouched; /* for RFC 8689: nobody can have put another server's name here */
	bool lmtp;
	bool chunking; /* BDAT for text too */
};

struct smtp_rcpt {
	struct str path;    /* "<bob@example.org>" */
	struct str params;  /* those of RFC 3461; empty if none */
	bool utf8;          /* the address needs SMTPUTF8 */
	bool accepted;      /* RCPT was answered 2xx */
	enum status status; /* NONE until decided */
	char *reply;        /* "250 2.1.5 ok"; owned */
	char *via;          /* for the owner: where it was decided; owned */
};

/* One message for recipients that share a server. */
struct smtp_transaction {
	struct str mail_from;   /* "<alice@example.org>" */
	struct str mail_params; /* RET and ENVID of RFC 3461; empty if none */
	struct str message;
	bool eight_bit, utf8; /* it needs 8BITMIME, SMTPUTF8 */
	bool binary;          /* it is not text: BDAT alone can carry it (RFC 3030) */
	bool text;            /* it is wholly text: BDAT may carry it as it is */
	bool requiretls;      /* RFC 8689: only through verified TLS, and on so */
	struct smtp_rcpt *rcpts;
	size_t nrcpts;
};

enum smtp_phase {
	SMTP_BUSY,      /* waiting for the server, or for `out` to go out */
	SMTP_START_TLS, /* do the handshake, then call smtp_tls_started() */
	SMTP_READY,     /* will take a transaction */
	SMTP_FAILED,    /* the session is of no more use: see `failure` */
};

struct smtp_expect {
	int command;
	size_t rcpt;
};

struct smtp_client {
	const struct smtp_settings *settings;
	enum smtp_phase phase;
	struct buf out;                       /* to be sent; consume what was */
	struct smtp_transaction *transaction; /* at work; NULL once it is over */
	bool tls_on;                          /* the connection is encrypted */
	bool no_tls;     /* the session failed because the server offers none */
	bool clear_auth; /* credentials may go unencrypted: the loopback, a socket */
	bool dot_sent;   /* the server has the whole message and has not answered */
	unsigned char channel[SMTP_CHANNEL_MAX]; /* tls-exporter (RFC 9266) of the connection */
	size_t channel_n;                        /* octets; 0: there is none */
	size_t replies;                          /* that have come, whole ones */
	bool token_refused; /* what the server has against us is the token */
	struct buf failure; /* why the session failed, as a reply "451 4.4.2 ..." */
	enum status failure_status;

	/* private */
	struct smtp_reply reply;
	struct smtp_expect expect[SMTP_MAX_RCPTS + 8]; /* replies to come, in order */
	size_t expect_at, expect_n;
	int step;         /* of the transaction: the command to send next */
	size_t next_rcpt; /* likewise */
	size_t accepted;
	bool mail_refused, need_rset, body_going;
	struct wire wire;
	bool ext_starttls, ext_pipelining, ext_8bitmime, ext_size, ext_utf8, ext_dsn,
		ext_requiretls, ext_chunking, ext_binarymime;
	bool bdat;            /* carries this transaction */
	struct buf converted; /* its message for a server without 8BITMIME */
	struct str message;   /* what is sent: the transaction's, or that */
	unsigned auth_offered;
	bool auth_token;       /* by a token, not a password */
	bool auth_bearer;      /* OAUTHBEARER rather than XOAUTH2 */
	struct buf auth_error; /* what an OAuth server said is wrong */
	struct scram_client scram;
	uint64_t size_limit;
	uint64_t rcpt_max, mail_max; /* LIMITS of RFC 9422; 0: none */
	size_t tried;                /* recipients of this transaction */
};

/* Waits for the greeting.  tls_on: the connection is encrypted from the start. */
void smtp_init(struct smtp_client *c, const struct smtp_settings *settings, bool tls_on);

/* Takes octets from the server. */
void smtp_receive(struct smtp_client *c, struct str in);

/* To be called when `out` is empty: adds what is left of a message. */
void smtp_fill(struct smtp_client *c);

void smtp_tls_started(struct smtp_client *c);

/* In phase READY only.  The transaction is worked on until `transaction` is NULL
 * again; then every recipient has its status, but for those who are one too many for
 * the server, to be given again, unless the session FAILED: those without one may be
 * tried elsewhere, except when `dot_sent`. */
void smtp_begin(struct smtp_client *c, struct smtp_transaction *t);

/* There never was a connection; why: "Connection refused". */
void smtp_unreachable(struct smtp_client *c, const char *why);

/* The connection is gone; why: "connection lost", "timeout". */
void smtp_lost(struct smtp_client *c, const char *why);

/* Will the server take no further transaction in this session (RFC 9422)? */
bool smtp_spent(const struct smtp_client *c, size_t done);

/* Adds QUIT; no reply need be waited for. */
void smtp_quit(struct smtp_client *c);

/* How long RFC 5321 section 4.5.3.2 would have us wait for the reply that is next. */
int64_t smtp_patience_ms(const struct smtp_client *c);

/* What is being waited for, for messages: "the greeting", "the reply to RCPT". */
const char *smtp_waiting_for(const struct smtp_client *c);

void smtp_release(struct smtp_client *c);

/* Decides a recipient's outcome; the first decision stands. */
void smtp_decide(struct smtp_rcpt *r, enum status s, struct str reply);

#endif
