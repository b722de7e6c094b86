#include <openssl/bio.h>
#include <time.h>

#include "mem.h"
#include "x509_text.h"

char *
x509_name_text(const X509_NAME *name)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *text = NULL, *copy = NULL;
	if (out && X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >=
			   0) {
		long n = BIO_get_mem_data(out, &text);
		copy = xmemdup0(text ? text : "", (size_t)n);
	}
	BIO_free(out);
	return copy;
}

int64_t
x509_time_ms(const ASN1_TIME *t, int64_t otherwise)
{
	struct tm tm;
	return t && ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : otherwise;
}
