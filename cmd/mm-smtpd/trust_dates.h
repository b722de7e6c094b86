/* trust_dates.h: until when the CAs and CRLs of a trust store are good. */
#ifndef SMTPD_TRUST_DATES_H
#define SMTPD_TRUST_DATES_H

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

#define TRUST_NEAR_MS (INT64_C(90) * 24 * 3600 * 1000)

struct trust_date {
	char *name;                /* of the CA, RFC 2253; NULL: not known */
	bool crl;                  /* of its CRL, not of its certificate */
	int64_t from_ms, until_ms; /* since 1970; without an end: INT64_MAX */
};

struct trust_dates {
	struct trust_date *list;
	size_t n;
};

/* Adds what a PEM file held: certificates, CRLs.  NULL: nothing. */
void trust_dates_add(struct trust_dates *t, const STACK_OF(X509_INFO) * parsed);
void trust_dates_release(struct trust_dates *t);

/* Is it not valid at that time, or not for TRUST_NEAR_MS more? */
bool trust_date_doubtful(const struct trust_date *d, int64_t now_ms);

/* Lets a context carry the dates of its trust store; takes them over.  0, or -1 when
 * there is no memory, and then they are released. */
int trust_dates_attach(SSL_CTX *ctx, struct trust_dates *t);
/* NULL where ctx is, or carries none.  Valid as long as ctx is. */
const struct trust_dates *trust_dates_of(const SSL_CTX *ctx);

#endif
