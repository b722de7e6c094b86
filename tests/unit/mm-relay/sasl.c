#include <stdlib.h>

#include "mem.h"
#include "sasl.h"
#include "tap.h"

static void
bearer(const char *user, int port, const char *expected, const char *name)
{
	struct buf out = {0};
	sasl_oauthbearer(&out, user,
		"vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==", "server.example.com", port);
	is_str(buf_cstr(&out), expected, name);
	buf_release(&out);
}

static void
messages(void)
{
	struct buf out = {0};
	bearer("user@example.com", 143,
		"bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dG"
		"g9"
		"QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB",
		"the example of RFC 7628, section 4.1");
	bearer("a,b=c", 0,
		"bixhPWE9MkNiPTNEYywBaG9zdD1zZXJ2ZXIuZXhhbXBsZS5jb20BYXV0aD1CZWFyZXIgdkY5ZGZ0NH"
		"Ft"
		"VGMyTnZiM1JsY2tCaGJIUmhkbWx6ZEdFdVkyOXRDZz09AQE=",
		"a name with a comma and an equals sign, no port");
	sasl_xoauth2(
		&out, "someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
	is_str(buf_cstr(&out),
		"dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52Yj"
		"NS"
		"bGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==",
		"XOAUTH2");
	buf_release(&out);
	sasl_plain(&out, "tim", "tanstaaftanstaaf");
	is_str(buf_cstr(&out), "AHRpbQB0YW5zdGFhZnRhbnN0YWFm", "PLAIN: RFC 4616, section 4");
	buf_release(&out);
}

static void
tokens(void)
{
	ok(sasl_token_fine(STR("mF_9.B5f-4.1JqM~+/==")), "a token");
	ok(!sasl_token_fine(STR("")), "nothing");
	ok(!sasl_token_fine(STR("a b")), "a space");
	ok(!sasl_token_fine(STR("a\001b")), "what parts the fields");
	ok(!sasl_token_fine(STR("a\r\nMAIL")), "a line end");
	ok(!sasl_token_fine(STR("a\0b")), "NUL");
	ok(!sasl_token_fine(STR("\xc3\xa4")), "UTF-8");
	char *longest = xmalloc(SASL_TOKEN_MAX + 1);
	memset(longest, 'a', SASL_TOKEN_MAX + 1);
	ok(sasl_token_fine(str_n(longest, SASL_TOKEN_MAX)), "the longest");
	ok(!sasl_token_fine(str_n(longest, SASL_TOKEN_MAX + 1)), "one longer");
	free(longest);
}

int
main(void)
{
	messages();
	tokens();
	return done();
}
