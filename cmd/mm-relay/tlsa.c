#include <openssl/x509.h>
#include <stdlib.h>

#include "mem.h"
#include "tlsa.h"

enum { SELECT_CERTIFICATE, SELECT_KEY };
enum { MATCH_WHOLE, MATCH_SHA256, MATCH_SHA512 };

static bool
is_certificate(struct str data)
{
	const unsigned char *p = (const unsigned char *)data.p;
	X509 *cert = d2i_X509(NULL, &p, (long)data.n);
	bool whole = cert && p == (const unsigned char *)data.p + data.n;
	X509_free(cert);
	return whole;
}

static bool
is_key(struct str data)
{
	const unsigned char *p = (const unsigned char *)data.p;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)data.n);
	bool whole = key && p == (const unsigned char *)data.p + data.n;
	EVP_PKEY_free(key);
	return whole;
}

static bool
data_fits(uint8_t selector, uint8_t matching, struct str data)
{
	switch (matching) {
	case MATCH_WHOLE:
		return selector == SELECT_KEY ? is_key(data) : is_certificate(data);
	case MATCH_SHA256:
		return data.n == 32;
	case MATCH_SHA512:
		return data.n == 64;
	default:
		return false;
	}
}

bool
tlsa_read(struct tlsa *t, struct str rdata)
{
	*t = (struct tlsa){0};
	if (rdata.n < 4 || rdata.n > TLSA_MAX_DATA)
		return false;
	uint8_t usage = (uint8_t)rdata.p[0], selector = (uint8_t)rdata.p[1];
	uint8_t matching = (uint8_t)rdata.p[2];
	struct str data = str_skip(rdata, 3);
	/* RFC 7672 section 3.1.3: PKIX-TA(0) and PKIX-EE(1) are not for SMTP. */
	if ((usage != TLSA_DANE_TA && usage != TLSA_DANE_EE) || selector > SELECT_KEY ||
		!data_fits(selector, matching, data))
		return false;
	*t = (struct tlsa){usage, selector, matching, xmalloc(data.n), data.n};
	memcpy(t->data, data.p, data.n);
	return true;
}

void
tlsa_release(struct tlsa *t)
{
	free(t->data);
	*t = (struct tlsa){0};
}
