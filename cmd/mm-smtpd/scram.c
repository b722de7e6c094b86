#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "base64.h"
#include "mem.h"
#include "scram.h"

#define USER_MAX 255

struct scram {
	struct scram_channel channel;
	bool plus;
	char *user;
	struct buf binding;  /* what c= must be: the GS2 header and the channel's octets */
	struct buf nonce;    /* the client's, then ours behind it */
	struct buf messages; /* AuthMessage, as far as it has come */
	struct scram_secret secret;
};

bool
scram_can_bind(const struct scram_channel *ch)
{
	return ch->exporter.n || ch->end_point.n;
}

struct scram *
scram_new(const struct scram_channel *ch, bool plus)
{
	struct scram *x = xcalloc(1, sizeof(*x));
	x->channel = *ch;
	x->plus = plus;
	return x;
}

void
scram_free(struct scram *x)
{
	if (!x)
		return;
	free(x->user);
	buf_release(&x->binding);
	buf_release(&x->nonce);
	buf_release(&x->messages);
	OPENSSL_cleanse(x, sizeof(*x));
	free(x);
}

const char *
scram_user(const struct scram *x)
{
	return x->user;
}

int
scram_nonce(char nonce[SCRAM_NONCE_SIZE])
{
	unsigned char octets[(SCRAM_NONCE_SIZE - 1) / 4 * 3];
	if (RAND_bytes(octets, sizeof(octets)) != 1)
		return -1;
	(void)EVP_EncodeBlock((unsigned char *)nonce, octets, sizeof(octets));
	return 0;
}

/* Parsing */

static bool
message_fine(struct str message)
{
	return message.n <= SCRAM_MESSAGE_MAX && scram_text_fine(message);
}

/* The next attribute if it is that one; absent when it is another. */
static struct str
take_attribute(struct str *rest, char name)
{
	if (!rest->p || rest->n < 2 || rest->p[0] != name || rest->p[1] != '=')
		return STR_NONE;
	return str_skip(str_cut(rest, ','), 2);
}

/* What follows may be anything that we need not know; m= means that we must. */
static bool
extensions_fine(struct str rest)
{
	while (rest.p) {
		struct str e = str_cut(&rest, ',');
		char letter = e.n ? ascii_lower(e.p[0]) : '\0';
		if (e.n < 3 || letter < 'a' || letter > 'z' || e.p[0] == 'm' || e.p[1] != '=')
			return false;
	}
	return true;
}

static bool
nonce_fine(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '!' || s.p[i] > '~')
			return false;
	return s.n > 0 && s.n <= SCRAM_NONCE_MAX;
}

/* A saslname, RFC 5802 section 5.1: commas and equals signs are =2C and =3D.  NULL
 * when it is none. */
static char *
decode_name(struct str s)
{
	struct buf name = {0};
	char *copy = NULL;
	for (; s.n; s = str_skip(s, 1)) {
		if (*s.p != '=') {
			buf_addc(&name, *s.p);
			continue;
		}
		bool comma = str_starts(s, STR("=2C"));
		if (!comma && !str_starts(s, STR("=3D")))
			break;
		buf_addc(&name, comma ? ',' : '=');
		s = str_skip(s, 2);
	}
	if (s.n == 0 && name.n > 0 && name.n <= USER_MAX)
		copy = str_dup(buf_str(&name));
	buf_release(&name);
	return copy;
}

static const struct scram_binding *
find_binding(const struct scram_channel *ch, struct str name)
{
	if (str_eq(name, STR("tls-exporter")) && ch->exporter.n)
		return &ch->exporter;
	if (str_eq(name, STR("tls-server-end-point")) && ch->end_point.n)
		return &ch->end_point;
	return NULL;
}

static bool
binding_name_fine(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = ascii_lower(name.p[i]);
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '.' && c != '-')
			return false;
	}
	return name.n > 0;
}

/* A client that could bind and believes that we cannot has been lied to by somebody
 * in between, RFC 5802 section 6. */
static enum scram_result
take_flag(struct scram *x, struct str flag)
{
	if (x->plus != str_starts(flag, STR("p=")))
		return SCRAM_MALFORMED;
	if (!x->plus && str_eq(flag, STR("y")))
		return scram_can_bind(&x->channel) ? SCRAM_REFUSED : SCRAM_OK;
	if (!x->plus)
		return str_eq(flag, STR("n")) ? SCRAM_OK : SCRAM_MALFORMED;
	struct str name = str_skip(flag, 2);
	if (!binding_name_fine(name))
		return SCRAM_MALFORMED;
	const struct scram_binding *b = find_binding(&x->channel, name);
	if (!b)
		return SCRAM_REFUSED;
	buf_add(&x->binding, b->p, b->n);
	return SCRAM_OK;
}

/* a=authzid or nothing; nobody may act for somebody else. */
static enum scram_result
take_authzid(const struct scram *x, struct str field)
{
	if (field.n == 0 || str_eq(field, STR("a=")))
		return SCRAM_OK;
	if (!str_starts(field, STR("a=")))
		return SCRAM_MALFORMED;
	char *name = decode_name(str_skip(field, 2));
	enum scram_result result = SCRAM_MALFORMED;
	if (name)
		result = strcmp(name, x->user) == 0 ? SCRAM_OK : SCRAM_REFUSED;
	free(name);
	return result;
}

static enum scram_result
take_bare(struct scram *x, struct str bare)
{
	struct str rest = bare, user = take_attribute(&rest, 'n');
	struct str nonce = take_attribute(&rest, 'r');
	if (!nonce_fine(nonce) || !extensions_fine(rest))
		return SCRAM_MALFORMED;
	x->user = decode_name(user);
	if (!x->user)
		return SCRAM_MALFORMED;
	buf_adds(&x->nonce, nonce);
	buf_adds(&x->messages, bare);
	return SCRAM_OK;
}

enum scram_result
scram_client_first(struct scram *x, struct str message)
{
	struct str bare = message, flag = str_cut(&bare, ',');
	struct str authzid = bare.p ? str_cut(&bare, ',') : STR_NONE;
	if (!message_fine(message) || !bare.p || take_bare(x, bare) == SCRAM_MALFORMED)
		return SCRAM_MALFORMED;
	buf_add(&x->binding, message.p, (size_t)(bare.p - message.p));
	enum scram_result by_flag = take_flag(x, flag), by_name = take_authzid(x, authzid);
	if (by_flag == SCRAM_MALFORMED || by_name == SCRAM_MALFORMED)
		return SCRAM_MALFORMED;
	return by_flag == SCRAM_OK ? by_name : by_flag;
}

void
scram_server_first(
	struct scram *x, const struct scram_secret *keys, const char *nonce, struct buf *out)
{
	const struct scram_keys *k = &keys->keys[0];
	struct buf message = {0};
	x->secret = *keys;
	buf_addstr(&x->nonce, nonce);
	buf_addstr(&message, "r=");
	buf_adds(&message, buf_str(&x->nonce));
	buf_addstr(&message, ",s=");
	base64_encode(str_n((const char *)k->salt, k->salt_len), &message);
	buf_addf(&message, ",i=%u", k->iterations);
	buf_adds(out, buf_str(&message));
	buf_addc(&x->messages, ',');
	buf_adds(&x->messages, buf_str(&message));
	buf_release(&message);
}

/* The verdict */

static bool
proves(const struct scram *x, const struct scram_keys *k, struct str proof)
{
	unsigned char client[SCRAM_KEY_SIZE], stored[SCRAM_KEY_SIZE];
	bool good = scram_sign(k->stored, buf_str(&x->messages), client);
	scram_xor(client, (const unsigned char *)proof.p);
	good = good && SHA256(client, sizeof(client), stored) &&
	       CRYPTO_memcmp(stored, k->stored, sizeof(stored)) == 0;
	OPENSSL_cleanse(client, sizeof(client));
	return good;
}

/* Which of the keys it was does not show in the time. */
static const struct scram_keys *
find_proven(const struct scram *x, struct str proof)
{
	const struct scram_keys *found = NULL;
	for (size_t i = 0; i < x->secret.n; i++)
		if (proves(x, &x->secret.keys[i], proof))
			found = &x->secret.keys[i];
	return x->secret.decoy ? NULL : found;
}

static enum scram_result
judge(struct scram *x, struct str proof, struct buf *out)
{
	unsigned char signature[SCRAM_KEY_SIZE];
	const struct scram_keys *k = find_proven(x, proof);
	if (!k || !scram_sign(k->server, buf_str(&x->messages), signature))
		return SCRAM_REFUSED;
	buf_addstr(out, "v=");
	base64_encode(str_n((const char *)signature, sizeof(signature)), out);
	return SCRAM_OK;
}

struct final {
	struct str binding, nonce, proof; /* in base64, as it is, in base64 */
	struct str without_proof;
};

static bool
parse_final(struct final *f, struct str message)
{
	struct str rest = message;
	f->binding = take_attribute(&rest, 'c');
	f->nonce = take_attribute(&rest, 'r');
	if (!message_fine(message) || !f->binding.p || !f->nonce.p || !rest.p)
		return false;
	const char *comma = memrchr(rest.p, ',', rest.n);
	struct str extensions = comma ? str_n(rest.p, (size_t)(comma - rest.p)) : STR_NONE;
	struct str last = comma ? str_skip(rest, extensions.n + 1) : rest;
	f->without_proof = str_n(message.p, (size_t)(last.p - message.p) - 1);
	f->proof = take_attribute(&last, 'p');
	return f->proof.p && extensions_fine(extensions);
}

enum scram_result
scram_client_final(struct scram *x, struct str message, struct buf *out)
{
	struct final f;
	struct buf binding = {0}, proof = {0};
	enum scram_result result = SCRAM_MALFORMED;
	if (parse_final(&f, message) && base64_decode(f.binding, &binding) == 0 &&
		base64_decode(f.proof, &proof) == 0 && proof.n == SCRAM_KEY_SIZE) {
		bool ours = str_eq(buf_str(&binding), buf_str(&x->binding)) &&
			    str_eq(f.nonce, buf_str(&x->nonce));
		buf_addc(&x->messages, ',');
		buf_adds(&x->messages, f.without_proof);
		result = ours ? judge(x, buf_str(&proof), out) : SCRAM_REFUSED;
	}
	buf_release(&binding);
	buf_release(&proof);
	return result;
}
