/* scram.h: the server's side of one SCRAM-SHA-256 or SCRAM-SHA-256-PLUS exchange
 * (RFC 5802, RFC 7677) without input or output: scram_client_first(),
 * scram_server_first(), scram_client_final(), in this order. */
#ifndef SMTPD_SCRAM_H
#define SMTPD_SCRAM_H

#include "scram_keys.h"

#define SCRAM_MESSAGE_MAX 4096
#define SCRAM_NONCE_MAX 512  /* of the client */
#define SCRAM_NONCE_SIZE 25  /* of ours, with NUL */
#define SCRAM_BINDING_MAX 64 /* octets */
#define SCRAM_KEYS_MAX 4     /* of one user */

/* What ties an exchange to the TLS connection; n 0: it cannot be had. */
struct scram_binding {
	unsigned char p[SCRAM_BINDING_MAX];
	size_t n;
};

struct scram_channel {
	struct scram_binding exporter;  /* tls-exporter, RFC 9266 */
	struct scram_binding end_point; /* tls-server-end-point, RFC 5929 */
};

/* Is there any binding, so that -PLUS can be offered? */
bool scram_can_bind(const struct scram_channel *ch);

/* The keys that are good for a user: of one salt, n of them, at least one. */
struct scram_secret {
	struct scram_keys keys[SCRAM_KEYS_MAX];
	size_t n;
	bool decoy; /* no such user: whatever comes out, it is no */
};

enum scram_result {
	SCRAM_OK,
	SCRAM_MALFORMED, /* not what the RFC writes */
	SCRAM_REFUSED,   /* wrong: proof, binding, nonce, identity */
};

struct scram;

/* plus: the mechanism is -PLUS.  The channel is copied. */
struct scram *scram_new(const struct scram_channel *ch, bool plus);
void scram_free(struct scram *x); /* NULL is allowed; wipes the keys */

/* Unless malformed there is a user then, also where it is refused. */
enum scram_result scram_client_first(struct scram *x, struct str message);
const char *scram_user(const struct scram *x);

/* A nonce for scram_server_first().  0, or -1 when OpenSSL fails. */
int scram_nonce(char nonce[SCRAM_NONCE_SIZE]);

/* Appends the server's first message.  The keys are copied. */
void scram_server_first(
	struct scram *x, const struct scram_secret *keys, const char *nonce, struct buf *out);

/* Appends the server's final message if the result is SCRAM_OK, else nothing. */
enum scram_result scram_client_final(struct scram *x, struct str message, struct buf *out);

#endif
