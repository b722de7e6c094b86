#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base64.h"
#include "num.h"
#include "sasl.h"
#include "scram_client.h"

#define MIN_ITERATIONS 4096 /* RFC 7677 section 4 */
#define MAX_MESSAGE 4096

int
scram_client_nonce(char nonce[SCRAM_CLIENT_NONCE_SIZE])
{
	unsigned char octets[(SCRAM_CLIENT_NONCE_SIZE - 1) / 4 * 3];
	if (RAND_bytes(octets, sizeof(octets)) != 1)
		return -1;
	(void)EVP_EncodeBlock((unsigned char *)nonce, octets, sizeof(octets));
	return 0;
}

void
scram_client_start(struct scram_client *x, const char *user, const char *nonce,
	enum scram_binding_use use, struct str channel, struct buf *out)
{
	static const char *const headers[] = {[SCRAM_CANNOT_BIND] = "n,,",
		[SCRAM_NOT_OFFERED] = "y,,",
		[SCRAM_BIND_EXPORTER] = "p=tls-exporter,,"};
	(void)str_copy(str_of(nonce), x->nonce, sizeof(x->nonce));
	buf_addstr(&x->header, headers[use]);
	buf_addstr(&x->auth, "n=");
	sasl_name(&x->auth, user);
	buf_addf(&x->auth, ",r=%s", x->nonce);
	buf_adds(out, buf_str(&x->header));
	buf_adds(out, buf_str(&x->auth));
	if (use == SCRAM_BIND_EXPORTER)
		buf_adds(&x->header, channel);
}

struct server_first {
	struct str nonce;
	struct buf salt;
	int iterations;
};

static struct str
take(struct str *rest, const char *prefix)
{
	struct str field = rest->p ? str_cut(rest, ',') : STR_NONE;
	return field.n > 2 && str_starts(field, str_of(prefix)) ? str_skip(field, 2) : STR_NONE;
}

static const char *
parse(struct server_first *f, const struct scram_client *x, struct str message)
{
	struct str rest = message;
	*f = (struct server_first){.nonce = take(&rest, "r=")};
	struct str salt = take(&rest, "s="), count = take(&rest, "i=");
	if (message.n > MAX_MESSAGE || !f->nonce.p || !salt.p || !count.p)
		return "its first message is not that of SCRAM";
	if (!str_starts(f->nonce, str_of(x->nonce)) || f->nonce.n == strlen(x->nonce))
		return "its nonce does not begin with ours";
	if (num_int(count, MIN_ITERATIONS, SCRAM_MAX_ITERATIONS, &f->iterations) < 0)
		return "it wants too few or too many iterations";
	return base64_decode(salt, &f->salt) == 0 ? NULL : "its salt is not base64";
}

static bool
make_proof(struct scram_client *x, const char *password, const struct server_first *f,
	unsigned char proof[SCRAM_KEY_SIZE])
{
	struct scram_derived d = {0};
	struct str auth = buf_str(&x->auth);
	bool good = scram_derive(&d, str_of(password), buf_str(&f->salt),
			    (unsigned)f->iterations) == 0 &&
		    scram_sign(d.stored, auth, proof) &&
		    scram_sign(d.server, auth, x->server_signature);
	scram_xor(proof, d.client);
	OPENSSL_cleanse(&d, sizeof(d));
	return good;
}

const char *
scram_client_prove(
	struct scram_client *x, const char *password, struct str message, struct buf *out)
{
	struct server_first f;
	struct buf final = {0};
	unsigned char proof[SCRAM_KEY_SIZE] = {0};
	const char *wrong = parse(&f, x, message);
	if (!wrong) {
		buf_addstr(&final, "c=");
		base64_encode(buf_str(&x->header), &final);
		buf_addf(&final, ",r=%.*s", STR_ARG(f.nonce));
		buf_addf(&x->auth, ",%.*s,", STR_ARG(message));
		buf_adds(&x->auth, buf_str(&final));
		x->proven = make_proof(x, password, &f, proof);
		wrong = x->proven ? NULL : "OpenSSL fails";
	}
	if (!wrong) {
		buf_adds(out, buf_str(&final));
		buf_addstr(out, ",p=");
		base64_encode(str_n((const char *)proof, sizeof(proof)), out);
	}
	buf_release(&final);
	buf_release(&f.salt);
	return wrong;
}

bool
scram_client_trusts(const struct scram_client *x, struct str message)
{
	struct buf octets = {0};
	struct str signature = take(&message, "v=");
	bool good = x->proven && signature.p && base64_decode(signature, &octets) == 0 &&
		    octets.n == SCRAM_KEY_SIZE &&
		    CRYPTO_memcmp(octets.p, x->server_signature, SCRAM_KEY_SIZE) == 0;
	buf_release(&octets);
	return good;
}

void
scram_client_release(struct scram_client *x)
{
	buf_release(&x->header);
	buf_release(&x->auth);
	OPENSSL_cleanse(x, sizeof(*x));
}
