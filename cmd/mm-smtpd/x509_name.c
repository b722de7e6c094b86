#include <openssl/bio.h>

#include "mem.h"
#include "x509_name.h"

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
