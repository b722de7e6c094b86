/* x509_name.h: names in certificates, as text. */
#ifndef SMTPD_X509_NAME_H
#define SMTPD_X509_NAME_H

#include <openssl/x509.h>

/* "CN=mx,O=Example" (RFC 2253, UTF-8); the caller frees it.  NULL: no memory. */
char *x509_name_text(const X509_NAME *name);

#endif
