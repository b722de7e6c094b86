/* certificates.h: the TLS contexts of a server with one certificate or several. */
#ifndef SMTPD_CERTIFICATES_H
#define SMTPD_CERTIFICATES_H

#include <openssl/ssl.h>

#include "config.h"

/* Reads every certificate of cfg->certificates, with the algorithms and the client
 * certificates that the ingress point asks for.  *out is the first one's context: a
 * handshake begun with it goes on with the first certificate that is for the name the
 * client says (RFC 6066 section 3), else with its own.  It keeps the others, and is
 * NULL when there is no certificate.  0, or -1 after an error was logged. */
int certificates_load(SSL_CTX **out, const struct config *cfg);

#endif
