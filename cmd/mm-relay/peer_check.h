/* peer_check.h: a policy put to work on one TLS connection. */
#ifndef MM_PEER_CHECK_H
#define MM_PEER_CHECK_H

#include <openssl/ssl.h>

#include "peer_policy.h"

/* Before the handshake: the name to ask for, and what OpenSSL is to verify.
 * host: a name, an address or the path of a socket.  0 or -1. */
int peer_check_prepare(SSL *ssl, const struct peer_policy *p, const char *host);

/* After the handshake.  NULL, or why the server is not who it should be. */
const char *peer_check_result(SSL *ssl, const struct peer_policy *p);

/* Of a handshake that failed: is the certificate why?  NULL if it is not. */
const char *peer_check_refused(SSL *ssl, const struct peer_policy *p);

/* After any handshake, by RFC 8460 section 4.3: what is wrong with the certificate, by the
 * policy that it is to be reported on; NULL: nothing. */
const char *peer_check_problem(SSL *ssl, const struct peer_policy *p);

/* How the server has shown who it is: "pkix", "fingerprint", "dane"; NULL if not at all. */
const char *peer_check_means(const struct peer_policy *p);

#endif
