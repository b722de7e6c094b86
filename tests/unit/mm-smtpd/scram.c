#include "scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "base64.h"
#include "mem.h"
#include "tap.h"

#define FIRST "n,,n=user,r=abc"
#define NONCE "server"

static const struct scram_channel no_channel,
	both = {.exporter = {.p = "exporter", .n = 8}, .end_point = {.p = "end-point", .n = 9}};

static struct scram_keys
keys_of(const char *password)
{
	struct scram_keys k = {
		.iterations = SCRAM_ITERATIONS_MIN, .salt_len = 4, .salt = "salt"};
	ok(scram_keys_derive(&k, str_of(password)) == 0, "keys of %s", password);
	return k;
}

/* The example of RFC 7677, section 3 */

static void
example(void)
{
	struct scram_keys k = {.iterations = 4096};
	struct buf salt = {0}, out = {0};
	struct scram *x = scram_new(&no_channel, false);
	ok(base64_decode(STR("W22ZaJ0SNY7soEsUEjb6gQ=="), &salt) == 0, "RFC 7677");
	k.salt_len = salt.n;
	memcpy(k.salt, salt.p, salt.n);
	ok(scram_keys_derive(&k, STR("pencil")) == 0, "its keys");
	is_int(scram_client_first(x, STR("n,,n=user,r=rOprNGfwEbeRWgbNEkqO")), SCRAM_OK,
		"client-first");
	is_str(scram_user(x), "user", "the user");
	struct scram_secret secret = {.keys = {k}, .n = 1};
	scram_server_first(x, &secret, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", &out);
	is_str(buf_cstr(&out),
		"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
		"s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
		"server-first");
	buf_reset(&out);
	is_int(scram_client_final(x,
		       STR("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
			   "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="),
		       &out),
		SCRAM_OK, "client-final");
	is_str(buf_cstr(&out),
		"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "server-final");
	buf_release(&salt);
	buf_release(&out);
	scram_free(x);
}

/* The client's side */

static void
hmac(const unsigned char *key, const char *text, unsigned char out[32])
{
	HMAC(EVP_sha256(), key, 32, (const unsigned char *)text, strlen(text), out, NULL);
}

static void
add_proof(struct buf *final, const char *first_bare, const char *server_first,
	const char *password)
{
	unsigned char salted[32], client[32], stored[32], signature[32];
	char *message = xasprintf("%s,%s,%s", first_bare, server_first, buf_cstr(final));
	PKCS5_PBKDF2_HMAC(password, (int)strlen(password), (const unsigned char *)"salt", 4,
		SCRAM_ITERATIONS_MIN, EVP_sha256(), 32, salted);
	hmac(salted, "Client Key", client);
	SHA256(client, 32, stored);
	hmac(stored, message, signature);
	for (int i = 0; i < 32; i++)
		client[i] ^= signature[i];
	buf_addstr(final, ",p=");
	base64_encode(str_n((const char *)client, 32), final);
	free(message);
}

struct attempt {
	const char *first;   /* with the GS2 header */
	const char *binding; /* behind it, in c= */
	const char *password;
	const char *extensions; /* of client-final, with their comma */
	const char *nonce;      /* NULL: the right one */
};

static enum scram_result
attempt(const struct scram_channel *ch, bool plus, const struct scram_secret *secret,
	const struct attempt *a)
{
	struct buf server = {0}, final = {0}, out = {0};
	struct scram *x = scram_new(ch, plus);
	const char *bare = strchr(strchr(a->first, ',') + 1, ',') + 1;
	char *c = xasprintf(
		"%.*s%s", (int)(bare - a->first), a->first, a->binding ? a->binding : "");
	enum scram_result result = scram_client_first(x, str_of(a->first));
	if (result == SCRAM_OK) {
		scram_server_first(x, secret, NONCE, &server);
		buf_addstr(&final, "c=");
		base64_encode(str_of(c), &final);
		buf_addf(&final, ",r=%s%s", a->nonce ? a->nonce : "abc" NONCE,
			a->extensions ? a->extensions : "");
		add_proof(&final, bare, buf_cstr(&server), a->password);
		result = scram_client_final(x, buf_str(&final), &out);
		ok((result == SCRAM_OK) == (out.n > 0), "a server-final only with success");
	}
	free(c);
	buf_release(&server);
	buf_release(&final);
	buf_release(&out);
	scram_free(x);
	return result;
}

static void
verdicts(void)
{
	struct scram_secret one = {.keys = {keys_of("right")}, .n = 1}, two = one, decoy = one;
	two.keys[two.n++] = keys_of("left");
	decoy.decoy = true;
	static const char exporter[] = "p=tls-exporter,,n=user,r=abc";
	static const char end_point[] = "p=tls-server-end-point,,n=user,r=abc";
	const struct {
		const char *name;
		const struct scram_channel *channel;
		bool plus;
		const struct scram_secret *secret;
		struct attempt a;
		enum scram_result result;
	} cases[] = {
		{"the password", &no_channel, false, &one, {FIRST, NULL, "right"}, SCRAM_OK},
		{"another", &no_channel, false, &one, {FIRST, NULL, "wrong"}, SCRAM_REFUSED},
		{"the first of two", &both, false, &two, {FIRST, NULL, "right"}, SCRAM_OK},
		{"the second of two", &both, false, &two, {FIRST, NULL, "left"}, SCRAM_OK},
		{"none of two", &both, false, &two, {FIRST, NULL, "wrong"}, SCRAM_REFUSED},
		{"a decoy", &both, false, &decoy, {FIRST, NULL, "right"}, SCRAM_REFUSED},
		{"an extension", &both, false, &one, {FIRST ",x=1", NULL, "right", ",y=a=b"},
			SCRAM_OK},
		{"a mandatory one at the end", &both, false, &one,
			{FIRST, NULL, "right", ",m=1"}, SCRAM_MALFORMED},
		{"an empty one", &both, false, &one, {FIRST, NULL, "right", ","},
			SCRAM_MALFORMED},
		{"another nonce", &both, false, &one, {FIRST, NULL, "right", NULL, "abcserves"},
			SCRAM_REFUSED},
		{"half of the nonce", &both, false, &one, {FIRST, NULL, "right", NULL, "abc"},
			SCRAM_REFUSED},
		{"octets behind n", &both, false, &one, {FIRST, "exporter", "right"},
			SCRAM_REFUSED},
		{"y without bindings", &no_channel, false, &one,
			{"y,,n=user,r=abc", NULL, "right"}, SCRAM_OK},
		{"y with them", &both, false, &one, {"y,,n=user,r=abc", NULL, "right"},
			SCRAM_REFUSED},
		{"acting for oneself", &both, false, &one,
			{"n,a=user,n=user,r=abc", NULL, "right"}, SCRAM_OK},
		{"acting for nobody", &both, false, &one, {"n,a=,n=user,r=abc", NULL, "right"},
			SCRAM_OK},
		{"acting for another", &both, false, &one,
			{"n,a=root,n=user,r=abc", NULL, "right"}, SCRAM_REFUSED},
		{"tls-exporter", &both, true, &one, {exporter, "exporter", "right"}, SCRAM_OK},
		{"tls-server-end-point", &both, true, &one, {end_point, "end-point", "right"},
			SCRAM_OK},
		{"the octets of the other", &both, true, &one, {exporter, "end-point", "right"},
			SCRAM_REFUSED},
		{"no octets", &both, true, &one, {exporter, NULL, "right"}, SCRAM_REFUSED},
		{"too many", &both, true, &one, {exporter, "exporters", "right"},
			SCRAM_REFUSED},
		{"a binding that is not there", &no_channel, true, &one,
			{exporter, NULL, "right"}, SCRAM_REFUSED},
		{"a binding nobody knows", &both, true, &one,
			{"p=tls-unique,,n=user,r=abc", "exporter", "right"}, SCRAM_REFUSED},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		is_int(attempt(cases[i].channel, cases[i].plus, cases[i].secret, &cases[i].a),
			cases[i].result, cases[i].name);
}

/* Bad input */

static enum scram_result
first(struct str message, bool plus)
{
	struct scram *x = scram_new(&both, plus);
	enum scram_result result = scram_client_first(x, message);
	scram_free(x);
	return result;
}

static void
bad_first(void)
{
	static const struct str messages[] = {STR(""), STR(","), STR(",,"), STR("n"), STR("n,"),
		STR("n,,"), STR("n,,n=user"), STR("n,,r=abc"), STR("n,,n=user,r="),
		STR("n,,n=,r=abc"), STR("n,,r=abc,n=user"), STR("n,,m=1,n=user,r=abc"),
		STR("n,,n=user,r=abc,m=1"), STR("n,,n=user,r=abc,"), STR("n,,n=user,r=abc,x"),
		STR("n,,n=user,r=abc,x="), STR("n,,n=user,r=abc,1=a"), STR("n,,n=us=er,r=abc"),
		STR("n,,n=user=2,r=abc"), STR("n,,n=user=2c,r=abc"), STR("n,,n=us\0er,r=abc"),
		STR("n,,n=us\ner,r=abc"), STR("n,,n=us\x7f,r=abc"),
		STR("n,,n=us\xc2\x85,r=abc"), STR("n,,n=us\xff,r=abc"), STR("n,,n=user,r=a c"),
		STR("n,,n=user,r=a\xc3\xa4"), STR("n,b=user,n=user,r=abc"),
		STR("n,a==,n=user,r=abc"), STR("N,,n=user,r=abc"), STR("nn,,n=user,r=abc"),
		STR("yy,,n=user,r=abc"), STR("x,,n=user,r=abc"),
		STR("p=tls-exporter,,n=user,r=abc")};
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++)
		ok(first(messages[i], false) == SCRAM_MALFORMED, "%zu: %s", i, messages[i].p);
	ok(first(STR(FIRST), true) == SCRAM_MALFORMED, "-PLUS without a binding");
	ok(first(STR("y,,n=user,r=abc"), true) == SCRAM_MALFORMED, "nor with y");
	ok(first(STR("p=,,n=user,r=abc"), true) == SCRAM_MALFORMED, "a binding without a name");
	ok(first(STR("p=a b,,n=user,r=abc"), true) == SCRAM_MALFORMED, "with a wrong one");
}

static void
limits(void)
{
	struct buf b = {0};
	buf_addstr(&b, "n,,n=user,r=");
	for (int i = 0; i < SCRAM_NONCE_MAX; i++)
		buf_addc(&b, '~');
	ok(first(buf_str(&b), false) == SCRAM_OK, "the longest nonce");
	buf_addc(&b, '~');
	ok(first(buf_str(&b), false) == SCRAM_MALFORMED, "a longer one");
	buf_reset(&b);
	buf_addstr(&b, FIRST ",x=");
	while (b.n < SCRAM_MESSAGE_MAX)
		buf_addc(&b, 'x');
	ok(first(buf_str(&b), false) == SCRAM_OK, "the longest message");
	buf_addc(&b, 'x');
	ok(first(buf_str(&b), false) == SCRAM_MALFORMED, "a longer one");
	buf_reset(&b);
	buf_addstr(&b, "n,,n=");
	for (int i = 0; i < 256; i++)
		buf_addc(&b, 'u');
	buf_addstr(&b, ",r=abc");
	ok(first(buf_str(&b), false) == SCRAM_MALFORMED, "a long user");
	buf_release(&b);
}

static void
names(void)
{
	struct scram *x = scram_new(&both, false);
	ok(scram_client_first(x, STR("n,a=a=3Db=2Cc,n=a=3Db=2Cc,r=abc")) == SCRAM_OK,
		"commas and equals signs");
	is_str(scram_user(x), "a=b,c", "are those of the name");
	scram_free(x);
	x = scram_new(&both, false);
	ok(scram_client_first(x, STR("n,,n=j\xc3\xb6rg,r=abc")) == SCRAM_OK, "UTF-8");
	is_str(scram_user(x), "j\xc3\xb6rg", "stays as it is");
	scram_free(x);
}

static void
bad_final(void)
{
	static const char *const messages[] = {"", ",", "c=", "c=biws", "c=biws,",
		"c=biws,r=abcserver", "c=biws,r=abcserver,",
		"c=biws,r=abcserver,p=", "c=biws,r=abcserver,p=AAAA",
		"c=biws,r=abcserver,p=!!!!", "c=!!!!,r=abcserver,p=AAAA",
		"r=abcserver,c=biws,p=AAAA", "c=biws,p=AAAA", "c=biws,r=abcserver,x,p=AAAA",
		"p=AAAA",
		"c=biws,r=abcserver,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,x=1",
		"c=biws,r=abcserver,m=1,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"c=biws,r=abc\nserver,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
	struct scram_secret secret = {.keys = {keys_of("right")}, .n = 1};
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		struct buf out = {0};
		struct scram *x = scram_new(&both, false);
		ok(scram_client_first(x, STR(FIRST)) == SCRAM_OK, "client-first");
		scram_server_first(x, &secret, NONCE, &out);
		ok(scram_client_final(x, str_of(messages[i]), &out) == SCRAM_MALFORMED,
			"%zu: %s", i, messages[i]);
		scram_free(x);
		buf_release(&out);
	}
}

int
main(void)
{
	char a[SCRAM_NONCE_SIZE], b[SCRAM_NONCE_SIZE];
	example();
	verdicts();
	bad_first();
	bad_final();
	limits();
	names();
	ok(scram_nonce(a) == 0 && scram_nonce(b) == 0 && strlen(a) == 24 && strcmp(a, b) != 0,
		"each nonce is another");
	return done();
}
