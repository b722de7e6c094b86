/* scram_client.h: the client's side of one SCRAM-SHA-256 or SCRAM-SHA-256-PLUS exchange
 * (RFC 5802, RFC 7677) without input or output, in the order of the functions. */
#ifndef MM_SCRAM_CLIENT_H
#define MM_SCRAM_CLIENT_H

#include "buf.h"
#include "scram_hash.h"

#define SCRAM_CLIENT_NONCE_SIZE 33   /* with NUL */
#define SCRAM_MAX_ITERATIONS 1000000 /* what is beyond would hold up everybody's mail */

enum scram_binding_use {
	SCRAM_CANNOT_BIND,  /* there is no tls-exporter (RFC 9266) */
	SCRAM_NOT_OFFERED,  /* we could, the server does not offer it */
	SCRAM_BIND_EXPORTER /* the mechanism is -PLUS */
};

/* {0} is a fresh one. */
struct scram_client {
	struct buf header; /* GS2, and the channel's octets */
	struct buf auth;   /* AuthMessage, as far as it has come */
	char nonce[SCRAM_CLIENT_NONCE_SIZE];
	unsigned char server_signature[SCRAM_KEY_SIZE]; /* that the server must show */
	bool proven;                                    /* it is set */
};

/* A nonce of random letters.  0, or -1 when OpenSSL fails. */
int scram_client_nonce(char nonce[SCRAM_CLIENT_NONCE_SIZE]);

/* Appends the first message.  channel: the octets of tls-exporter, for -PLUS. */
void scram_client_start(struct scram_client *x, const char *user, const char *nonce,
	enum scram_binding_use use, struct str channel, struct buf *out);

/* Takes the server's first message, appends our final one.  NULL, or what is wrong. */
const char *scram_client_prove(
	struct scram_client *x, const char *password, struct str message, struct buf *out);

/* Does the server's final message show that it knows the password too? */
bool scram_client_trusts(const struct scram_client *x, struct str message);

void scram_client_release(struct scram_client *x); /* wipes */

#endif
