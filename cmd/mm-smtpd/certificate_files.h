/* certificate_files.h: where certificates and keys are, as options and site say. */
#ifndef SMTPD_CERTIFICATE_FILES_H
#define SMTPD_CERTIFICATE_FILES_H

#include <stddef.h>

struct certificate_file {
	char *cert, *key; /* PEM; key NULL: in the same file */
};

/* {0} is empty.  The first is for clients that name no host that another is for. */
struct certificate_files {
	struct certificate_file *v;
	size_t n;
};

void certificate_files_add(struct certificate_files *f, const char *cert);

/* The key of the one added last.  0, or -1 when there is none or it has a key. */
int certificate_files_key(struct certificate_files *f, const char *key);

/* SITE/tls/cert.pem and then each SITE/tls/NAME/cert.pem by name, with key.pem beside
 * it if that is there.  key: what to take for the first instead, or NULL. */
void certificate_files_find(struct certificate_files *f, const char *site, const char *key);

void certificate_files_release(struct certificate_files *f);

#endif
