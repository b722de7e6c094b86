#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "cidr.h"
#include "peer_check.h"
#include "tls.h"

static int
verify_names(SSL *ssl, const struct peer_policy *p, const char *host)
{
	if (tls_verify_peer(ssl, p->nnames ? p->names[0] : host) < 0)
		return -1;
	for (size_t i = 1; i < p->nnames; i++)
		if (SSL_add1_host(ssl, p->names[i]) != 1)
			return -1;
	return 0;
}

/* RFC 7672 section 3.1.1: for DANE-EE(3) neither the name nor the dates count. */
static int
verify_dane(SSL *ssl, const struct peer_policy *p)
{
	if (SSL_dane_enable(ssl, p->names[0]) <= 0)
		return -1;
	(void)SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	for (size_t i = 0; i < p->ntlsa; i++) {
		const struct tlsa *t = &p->tlsa[i];
		if (SSL_dane_tlsa_add(ssl, t->usage, t->selector, t->matching, t->data, t->n) <
			0)
			return -1;
	}
	for (size_t i = 1; i < p->nnames; i++)
		if (SSL_add1_host(ssl, p->names[i]) != 1)
			return -1;
	SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	return 0;
}

/* An address instead of a name is not sent as SNI (RFC 6066 section 3). */
int
peer_check_prepare(SSL *ssl, const struct peer_policy *p, const char *host)
{
	struct ip ip;
	const char *name = p->level == SMTP_TLS_DANE ? p->names[0] : host;
	bool address = ip_parse(str_of(host), &ip) == 0 || host[0] == '/';
	if (!address && SSL_set_tlsext_host_name(ssl, name) != 1)
		return -1;
	if (p->level == SMTP_TLS_DANE)
		return verify_dane(ssl, p);
	if (p->observe)
		return SSL_set1_host(ssl, host) == 1 ? 0 : -1;
	return p->level == SMTP_TLS_VERIFY ? verify_names(ssl, p, host) : 0;
}

static bool
listed(const struct peer_policy *p, const unsigned char *digest)
{
	for (size_t i = 0; i < p->nfingerprints; i++)
		if (memcmp(p->fingerprints[i].octets, digest, FINGERPRINT_SIZE) == 0)
			return true;
	return false;
}

static bool
has_fingerprint(const struct peer_policy *p, X509 *cert)
{
	unsigned char digest[EVP_MAX_MD_SIZE], *key = NULL;
	unsigned n = 0;
	if (X509_digest(cert, EVP_sha256(), digest, &n) == 1 && listed(p, digest))
		return true;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &key);
	bool found = len > 0 && SHA256(key, (size_t)len, digest) && listed(p, digest);
	OPENSSL_free(key);
	return found;
}

const char *
peer_check_result(SSL *ssl, const struct peer_policy *p)
{
	if (p->level != SMTP_TLS_FINGERPRINT)
		return NULL;
	X509 *cert = SSL_get0_peer_certificate(ssl);
	return cert && has_fingerprint(p, cert) ? NULL : "its fingerprint is another";
}

const char *
peer_check_refused(SSL *ssl, const struct peer_policy *p)
{
	long result = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
	if (p->level < SMTP_TLS_VERIFY || result == X509_V_OK)
		return NULL;
	return X509_verify_cert_error_string(result);
}

const char *
peer_check_problem(SSL *ssl, const struct peer_policy *p)
{
	if (!ssl || (p->level < SMTP_TLS_VERIFY && !p->observe))
		return NULL;
	switch (SSL_get_verify_result(ssl)) {
	case X509_V_OK:
		return NULL;
	case X509_V_ERR_HOSTNAME_MISMATCH:
		return "certificate-host-mismatch";
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "certificate-expired";
	case X509_V_ERR_DANE_NO_MATCH:
		return "tlsa-invalid";
	default:
		return "certificate-not-trusted";
	}
}

const char *
peer_check_means(const struct peer_policy *p)
{
	return p->level == SMTP_TLS_VERIFY        ? "pkix"
	       : p->level == SMTP_TLS_FINGERPRINT ? "fingerprint"
	       : p->level == SMTP_TLS_DANE        ? "dane"
						  : NULL;
}
