#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "certificates.h"
#include "client_cert.h"
#include "log.h"
#include "mem.h"
#include "tickets.h"
#include "tls.h"

/* Belongs to the first context, as handshakes may outlive a reload. */
struct choice {
	SSL_CTX **ctx; /* [0] is the owner, without a reference */
	size_t n;
};

static void
free_choice(void *owner, void *p, CRYPTO_EX_DATA *ad, int index, long argl, void *argp)
{
	struct choice *c = p;
	(void)owner, (void)ad, (void)index, (void)argl, (void)argp;
	for (size_t i = 1; c && i < c->n; i++)
		SSL_CTX_free(c->ctx[i]);
	if (c)
		free(c->ctx);
	free(c);
}

static int
choice_index(void)
{
	static int index = -1;
	if (index < 0)
		index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_choice);
	return index;
}

static int
on_server_name(SSL *ssl, int *alert, void *arg)
{
	const struct choice *c = arg;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	(void)alert;
	for (size_t i = 0; name && i < c->n; i++) {
		X509 *cert = SSL_CTX_get0_certificate(c->ctx[i]);
		if (X509_check_host(cert, name, 0, 0, NULL) == 1)
			return SSL_set_SSL_CTX(ssl, c->ctx[i]) ? SSL_TLSEXT_ERR_OK
							       : SSL_TLSEXT_ERR_ALERT_FATAL;
	}
	return SSL_TLSEXT_ERR_NOACK;
}

static int
restrict_algorithms(SSL_CTX *ctx)
{
	if (SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:!aNULL") == 1 &&
		SSL_CTX_set_ciphersuites(
			ctx, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256") == 1 &&
		SSL_CTX_set1_groups_list(ctx, "P-256:P-384:P-521") == 1)
		return 0;
	log_error("cannot restrict TLS to approved algorithms");
	return -1;
}

static SSL_CTX *
load_one(const struct certificate_file *f, const struct ingress *in)
{
	SSL_CTX *ctx = tls_server_context(f->cert, f->key);
	if (!ctx)
		return NULL;
	if ((in->tls == INGRESS_TLS_FIPS && restrict_algorithms(ctx) < 0) ||
		(in->type == INGRESS_MTLS && client_cert_require(ctx, in->ca, in->crl) < 0)) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

static void
hash_text(EVP_MD_CTX *md, const char *text)
{
	EVP_DigestUpdate(md, text ? "1" : "0", 1);
	if (text)
		EVP_DigestUpdate(md, text, strlen(text) + 1);
}

/* What tickets_use() wants to know. */
static int
terms_of(unsigned char terms[TICKETS_DIGEST_SIZE], const struct choice *c,
	const struct ingress *in)
{
	int kind[] = {(int)in->type, (int)in->tls};
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool good = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;
	for (size_t i = 0; good && i < c->n; i++) {
		X509 *cert = SSL_CTX_get0_certificate(c->ctx[i]);
		good = X509_digest(cert, EVP_sha256(), digest, &n) == 1 &&
		       EVP_DigestUpdate(md, digest, n) == 1;
	}
	if (good) {
		EVP_DigestUpdate(md, kind, sizeof(kind));
		hash_text(md, in->ca);
		hash_text(md, in->crl);
		good = EVP_DigestFinal_ex(md, terms, &n) == 1;
	}
	EVP_MD_CTX_free(md);
	if (!good)
		log_error("cannot hash the certificates");
	return good ? 0 : -1;
}

/* A session is resumed with the first context's keys, whatever name it was for; the
 * others have the same ones, and the same session id context. */
static int
set_tickets(const struct choice *c, const struct ingress *in)
{
	unsigned char terms[TICKETS_DIGEST_SIZE];
	if (terms_of(terms, c, in) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++)
		if (tickets_use(c->ctx[i], terms) < 0)
			return -1;
	return 0;
}

static int
fill(struct choice *c, const struct config *cfg)
{
	for (; c->n < cfg->certificates.n; c->n++) {
		SSL_CTX *ctx = load_one(&cfg->certificates.v[c->n], &cfg->ingress);
		if (!ctx)
			return -1;
		c->ctx[c->n] = ctx;
	}
	return set_tickets(c, &cfg->ingress);
}

int
certificates_load(SSL_CTX **out, const struct config *cfg)
{
	*out = NULL;
	if (cfg->certificates.n == 0)
		return 0;
	struct choice *c = xcalloc(1, sizeof(*c));
	c->ctx = xcalloc(cfg->certificates.n, sizeof(SSL_CTX *));
	bool filled = fill(c, cfg) == 0;
	SSL_CTX *first = c->ctx[0];
	if (!filled || SSL_CTX_set_ex_data(first, choice_index(), c) != 1) {
		free_choice(NULL, c, NULL, 0, 0, NULL);
		SSL_CTX_free(first);
		return -1;
	}
	SSL_CTX_set_tlsext_servername_callback(first, on_server_name);
	SSL_CTX_set_tlsext_servername_arg(first, c);
	*out = first;
	return 0;
}
