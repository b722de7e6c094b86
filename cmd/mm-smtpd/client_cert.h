/* client_cert.h: mutual TLS: certificates of clients against the trust store of an
 * MTLS ingress point. */
#ifndef SMTPD_CLIENT_CERT_H
#define SMTPD_CLIENT_CERT_H

#include <openssl/ssl.h>

#include "record.h"

/* Handshakes succeed only with a certificate of one of these CAs (PEM) that is not
 * in its CA's CRL (PEM, NULL: there are none).  An expired CA is left out, and one
 * whose CRL has expired, as it could not be told who was revoked.  0, or -1 after an
 * error was logged: what is no PEM, or no CA left. */
int client_cert_require(SSL_CTX *ctx, const char *ca_pem, const char *crl_pem);

/* What the peer's certificate says, as the cert- fields of mm-stream(5), in a record
 * without a message that the caller frees; NULL when there is none. */
struct record *client_cert_fields(SSL *ssl);

#endif
