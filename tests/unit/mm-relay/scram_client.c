#include "scram_client.h"
#include "tap.h"

#define NONCE "rOprNGfwEbeRWgbNEkqO"
#define FIRST "r=" NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"

static void
start(struct scram_client *x, enum scram_binding_use use, const char *expected)
{
	struct buf out = {0};
	*x = (struct scram_client){0};
	scram_client_start(x, "user", NONCE, use, STR("channel"), &out);
	is_strn(out.p, out.n, expected, expected);
	buf_release(&out);
}

static void
refuses(const char *message, const char *expected)
{
	struct scram_client x;
	struct buf out = {0};
	start(&x, SCRAM_CANNOT_BIND, "n,,n=user,r=" NONCE);
	is_str(scram_client_prove(&x, "pencil", str_of(message), &out), expected, expected);
	is_int((long long)out.n, 0, "and nothing is said");
	ok(!scram_client_trusts(&x, STR("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")),
		"nor believed");
	scram_client_release(&x);
	buf_release(&out);
}

int
main(void)
{
	struct scram_client x;
	struct buf out = {0};
	/* RFC 7677 section 3 */
	start(&x, SCRAM_CANNOT_BIND, "n,,n=user,r=" NONCE);
	ok(!scram_client_prove(&x, "pencil", STR(FIRST), &out), "the example");
	is_strn(out.p, out.n,
		"c=biws,r=" NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
		"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
		"its proof");
	ok(scram_client_trusts(&x, STR("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")),
		"its server");
	ok(!scram_client_trusts(&x, STR("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")),
		"not another");
	ok(!scram_client_trusts(&x, STR("e=invalid-proof")), "nor one that says no");
	scram_client_release(&x);
	buf_reset(&out);
	start(&x, SCRAM_NOT_OFFERED, "y,,n=user,r=" NONCE);
	scram_client_release(&x);
	start(&x, SCRAM_BIND_EXPORTER, "p=tls-exporter,,n=user,r=" NONCE);
	ok(!scram_client_prove(&x, "pencil", STR(FIRST), &out), "with a binding");
	ok(strncmp(buf_cstr(&out), "c=cD10bHMtZXhwb3J0ZXIsLGNoYW5uZWw=,r=", 37) == 0,
		"which is said");
	scram_client_release(&x);
	buf_reset(&out);
	scram_client_start(&x, "a,b=c", "n", SCRAM_CANNOT_BIND, STR_NONE, &out);
	is_strn(out.p, out.n, "n,,n=a=2Cb=3Dc,r=n", "a name with a comma");
	scram_client_release(&x);
	buf_release(&out);
	refuses("r=" NONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
		"its nonce does not begin with ours");
	refuses("r=x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "its nonce does not begin with ours");
	refuses("r=" NONCE "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095",
		"it wants too few or too many iterations");
	refuses("r=" NONCE "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999",
		"it wants too few or too many iterations");
	refuses("r=" NONCE "x,s=!,i=4096", "its salt is not base64");
	refuses("m=x,r=" NONCE "x,s=W22Z,i=4096", "its first message is not that of SCRAM");
	return done();
}
