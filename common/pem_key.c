#include <errno.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>

#include "io.h"
#include "pem_key.h"
#include "wipe.h"

#define PEM_MAX (64 << 10)

/* Nobody is there to be asked for it. */
static int
no_passphrase(char *out, int size, int writing, void *arg)
{
	(void)out, (void)size, (void)writing, (void)arg;
	return -1;
}

typedef EVP_PKEY *read_pem(BIO *bio, EVP_PKEY **key, pem_password_cb *ask, void *arg);

static EVP_PKEY *
parse(struct str pem, read_pem *from)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *key = bio ? from(bio, NULL, no_passphrase, NULL) : NULL;
	BIO_free(bio);
	return key;
}

static EVP_PKEY *
read_key(const char *path, read_pem *from, const char **why)
{
	struct buf text = {0};
	EVP_PKEY *key = NULL;
	if (io_read_file(path, &text, PEM_MAX) < 0)
		*why = strerror(errno);
	else
		key = parse(buf_str(&text), from);
	wipe_buf(&text);
	return key;
}

EVP_PKEY *
pem_private_key(const char *path, const char **why)
{
	struct stat st;
	*why = "expected a private key as PEM, without a passphrase";
	if (stat(path, &st) < 0) {
		*why = strerror(errno);
		return NULL;
	}
	if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		*why = "others have access to this key; expected mode 0600";
		return NULL;
	}
	return read_key(path, PEM_read_bio_PrivateKey, why);
}

EVP_PKEY *
pem_public_key(const char *path, const char **why)
{
	*why = "expected a public key as PEM";
	return read_key(path, PEM_read_bio_PUBKEY, why);
}

EVP_PKEY *
pem_private_key_parse(struct str pem)
{
	return parse(pem, PEM_read_bio_PrivateKey);
}
