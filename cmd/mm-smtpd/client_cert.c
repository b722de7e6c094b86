#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client_cert.h"
#include "clock.h"
#include "log.h"
#include "tls.h"
#include "trust_dates.h"
#include "x509_text.h"

static STACK_OF(X509_INFO) * read_pem(const char *pem, const char *what)
{
	char why[256];
	BIO *in = BIO_new_mem_buf(pem, -1);
	STACK_OF(X509_INFO) *list = in ? PEM_X509_INFO_read_bio(in, NULL, NULL, NULL) : NULL;
	BIO_free(in);
	if (list && sk_X509_INFO_num(list) > 0)
		return list;
	sk_X509_INFO_pop_free(list, X509_INFO_free);
	log_error(
		"cannot read the %s of the trust store: %s", what, tls_error(why, sizeof(why)));
	return NULL;
}

static bool
valid_now(const ASN1_TIME *from, const ASN1_TIME *until)
{
	return X509_cmp_current_time(from) < 0 && (!until || X509_cmp_current_time(until) > 0);
}

/* Has the CA a CRL, and has every one that it has expired? */
static bool
crl_expired(X509 *ca, STACK_OF(X509_INFO) * crls)
{
	bool expired = false;
	for (int i = 0; crls && i < sk_X509_INFO_num(crls); i++) {
		X509_CRL *crl = sk_X509_INFO_value(crls, i)->crl;
		if (!crl ||
			X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(ca)) != 0)
			continue;
		if (valid_now(X509_CRL_get0_lastUpdate(crl), X509_CRL_get0_nextUpdate(crl)))
			return false;
		expired = true;
	}
	return expired;
}

static void
warn_left_out(X509 *ca, const char *why)
{
	char name[256];
	struct logline l;
	(void)X509_NAME_oneline(X509_get_subject_name(ca), name, sizeof(name));
	log_begin(&l, LOG_WARN, "a CA of the trust store is left out");
	log_cstr(&l, "ca", name);
	log_cstr(&l, "why", why);
	log_end(&l);
}

static int
add_authorities(SSL_CTX *ctx, STACK_OF(X509_INFO) * cas, STACK_OF(X509_INFO) * crls)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	int added = 0;
	for (int i = 0; i < sk_X509_INFO_num(cas); i++) {
		X509 *ca = sk_X509_INFO_value(cas, i)->x509;
		if (!ca)
			continue;
		if (!valid_now(X509_get0_notBefore(ca), X509_get0_notAfter(ca)))
			warn_left_out(ca, "expired");
		else if (crl_expired(ca, crls))
			warn_left_out(ca, "its CRL has expired");
		else if (X509_STORE_add_cert(store, ca) == 1 &&
			 SSL_CTX_add_client_CA(ctx, ca) == 1)
			added++;
	}
	return added;
}

static void
add_crls(X509_STORE *store, STACK_OF(X509_INFO) * crls)
{
	for (int i = 0; crls && i < sk_X509_INFO_num(crls); i++)
		if (sk_X509_INFO_value(crls, i)->crl)
			(void)X509_STORE_add_crl(store, sk_X509_INFO_value(crls, i)->crl);
	if (crls)
		X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

/* A CA need not have a CRL. */
static int
on_verify(int good, X509_STORE_CTX *ctx)
{
	if (!good && X509_STORE_CTX_get_error(ctx) == X509_V_ERR_UNABLE_TO_GET_CRL) {
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	return good;
}

int
client_cert_require(SSL_CTX *ctx, const char *ca_pem, const char *crl_pem)
{
	STACK_OF(X509_INFO) *cas = read_pem(ca_pem, "CAContent"), *crls = NULL;
	struct trust_dates dates = {0};
	int added = 0;
	if (cas && (!crl_pem || (crls = read_pem(crl_pem, "CrlContent")))) {
		added = add_authorities(ctx, cas, crls);
		if (!added)
			log_error("the trust store has no valid CA");
		add_crls(SSL_CTX_get_cert_store(ctx), crls);
		trust_dates_add(&dates, cas);
		trust_dates_add(&dates, crls);
		if (trust_dates_attach(ctx, &dates) < 0)
			log_warn("no memory for the dates of the trust store");
	}
	sk_X509_INFO_pop_free(cas, X509_INFO_free);
	sk_X509_INFO_pop_free(crls, X509_INFO_free);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, on_verify);
	/* A resumed session would not be checked against a new CRL. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	(void)SSL_CTX_set_num_tickets(ctx, 0);
	ERR_clear_error();
	return added ? 0 : -1;
}

static void
add_string(struct record *r, const char *field, const ASN1_STRING *s)
{
	unsigned char *utf8 = NULL;
	int n = ASN1_STRING_to_UTF8(&utf8, s);
	if (n > 0)
		record_add(r, field, str_n((const char *)utf8, (size_t)n));
	OPENSSL_free(utf8);
}

static void
add_common_names(struct record *r, X509 *cert)
{
	const X509_NAME *name = X509_get_subject_name(cert);
	int at = -1;
	while ((at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0)
		add_string(
			r, "cert-cn", X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
}

static void
add_ip(struct record *r, const ASN1_OCTET_STRING *ip)
{
	char text[INET6_ADDRSTRLEN];
	int n = ASN1_STRING_length(ip), family = n == 4 ? AF_INET : AF_INET6;
	if ((n == 4 || n == 16) &&
		inet_ntop(family, ASN1_STRING_get0_data(ip), text, sizeof(text)))
		record_add(r, "cert-san-ip", str_of(text));
}

static void
add_name(struct record *r, const char *field, const X509_NAME *name)
{
	char *text = x509_name_text(name);
	if (text && *text)
		record_add(r, field, str_of(text));
	free(text);
}

static void
add_alternative(struct record *r, const GENERAL_NAME *name)
{
	char oid[128];
	switch (name->type) {
	case GEN_DNS:
		add_string(r, "cert-san-dns", name->d.dNSName);
		break;
	case GEN_EMAIL:
		add_string(r, "cert-san-email", name->d.rfc822Name);
		break;
	case GEN_URI:
		add_string(r, "cert-san-uri", name->d.uniformResourceIdentifier);
		break;
	case GEN_IPADD:
		add_ip(r, name->d.iPAddress);
		break;
	case GEN_DIRNAME:
		add_name(r, "cert-san-dir", name->d.directoryName);
		break;
	case GEN_RID:
		if (OBJ_obj2txt(oid, sizeof(oid), name->d.registeredID, 1) > 0)
			record_add(r, "cert-san-rid", str_of(oid));
		break;
	}
}

static void
add_serial(struct record *r, X509 *cert)
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *hex = n ? BN_bn2hex(n) : NULL;
	if (hex)
		record_add(r, "cert-serial", str_of(hex));
	OPENSSL_free(hex);
	BN_free(n);
}

static void
add_time(struct record *r, const char *field, const ASN1_TIME *t)
{
	char text[CLOCK_RFC3339_SIZE];
	int64_t ms = x509_time_ms(t, -1);
	if (ms >= 0)
		record_add(r, field, str_of(clock_rfc3339(ms, text)));
}

struct record *
client_cert_fields(SSL *ssl)
{
	X509 *cert = SSL_get0_peer_certificate(ssl);
	if (!cert)
		return NULL;
	struct record *r = record_new();
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	add_common_names(r, cert);
	for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++)
		add_alternative(r, sk_GENERAL_NAME_value(names, i));
	GENERAL_NAMES_free(names);
	add_serial(r, cert);
	add_name(r, "cert-issuer", X509_get_issuer_name(cert));
	add_time(r, "cert-not-before", X509_get0_notBefore(cert));
	add_time(r, "cert-not-after", X509_get0_notAfter(cert));
	return r;
}
