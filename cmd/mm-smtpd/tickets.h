/* tickets.h: the keys of session tickets (RFC 5077; RFC 8446 section 4.6.1). */
#ifndef SMTPD_TICKETS_H
#define SMTPD_TICKETS_H

#include <openssl/ssl.h>

#define TICKETS_DIGEST_SIZE 32

/* Draws the secret that the keys come from: once, before there are workers, so that
 * what one gave out is good at another.  0, or -1 after an error was logged. */
int tickets_init(void);

/* Keys that follow from the secret and from `terms`, a digest of what a session was
 * granted on: certificates, trust store, ingress point.  A SIGHUP that changes none of
 * them leaves the tickets good, in every worker; after one that does, nobody resumes a
 * session whose client certificate has been revoked meanwhile.  0, or -1 after an
 * error was logged. */
int tickets_use(SSL_CTX *ctx, const unsigned char terms[TICKETS_DIGEST_SIZE]);

#endif
