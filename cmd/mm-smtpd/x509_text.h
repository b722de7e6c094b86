/* x509_text.h: names and times in certificates. */
#ifndef SMTPD_X509_TEXT_H
#define SMTPD_X509_TEXT_H

#include <openssl/x509.h>
#include <stdint.h>

/* "CN=mx,O=Example" (RFC 2253, UTF-8); the caller frees it.  NULL: no memory. */
char *x509_name_text(const X509_NAME *name);

/* Milliseconds since 1970; `otherwise` for what is absent or no time. */
int64_t x509_time_ms(const ASN1_TIME *t, int64_t otherwise);

#endif
