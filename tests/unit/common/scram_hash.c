/* The exchange of RFC 7677 section 3, which is that of RFC 5802 section 5 with SHA-256. */
#include "base64.h"
#include "buf.h"
#include "scram_hash.h"
#include "tap.h"

static const char password[] = "pencil";
static const char salt_text[] = "W22ZaJ0SNY7soEsUEjb6gQ==";
static const char auth[] = "n=user,r=rOprNGfwEbeRWgbNEkqO,"
			   "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
			   "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
			   "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

static void
is_base64(const unsigned char octets[SCRAM_KEY_SIZE], const char *expected, const char *name)
{
	struct buf text = {0};
	base64_encode(str_n((const char *)octets, SCRAM_KEY_SIZE), &text);
	is_str(buf_cstr(&text), expected, name);
	buf_release(&text);
}

static void
vector(void)
{
	struct scram_derived d, wrong;
	unsigned char signature[SCRAM_KEY_SIZE], proof[SCRAM_KEY_SIZE];
	struct buf salt = {0};
	ok(base64_decode(str_of(salt_text), &salt) == 0 &&
			scram_derive(&d, str_of(password), buf_str(&salt), 4096) == 0,
		"derived");
	ok(scram_sign(d.stored, str_of(auth), proof), "signed");
	scram_xor(proof, d.client);
	is_base64(proof, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "ClientProof");
	ok(scram_sign(d.server, str_of(auth), signature), "signed by the server");
	is_base64(signature, "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "ServerSignature");
	ok(scram_derive(&wrong, STR("pencil "), buf_str(&salt), 4096) == 0 &&
			memcmp(wrong.stored, d.stored, SCRAM_KEY_SIZE) != 0,
		"another password has other keys");
	ok(scram_derive(&wrong, str_of(password), buf_str(&salt), 4097) == 0 &&
			memcmp(wrong.stored, d.stored, SCRAM_KEY_SIZE) != 0,
		"so have other iterations");
	buf_release(&salt);
}

static void
edges(void)
{
	struct scram_derived d;
	ok(scram_derive(&d, STR("x"), STR("salt"), 0) < 0, "no iterations");
	ok(scram_derive(&d, STR_NONE, STR("salt"), 1) == 0, "no password");
	ok(scram_derive(&d, STR("x"), STR(""), 1) == 0, "no salt");
}

int
main(void)
{
	vector();
	edges();
	return done();
}
