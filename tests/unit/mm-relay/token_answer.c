#include "tap.h"
#include "token_answer.h"

#define TOKEN "{\"access_token\":\"e\",\"token_type\":\"Bearer\","

static void
good(const char *body, const char *token, const char *refresh, int64_t lifetime_s,
	const char *name)
{
	struct token_answer a;
	is_int(token_answer_read(&a, 200, str_of(body)), 0, name);
	is_str(a.access_token, token, "its token");
	is_str(a.refresh_token ? a.refresh_token : "", refresh, "its refresh token");
	is_int(a.lifetime_s, lifetime_s, "its lifetime");
	token_answer_release(&a);
	ok(!a.access_token && !a.refresh_token, "it is released");
}

static void
bad(long status, struct str body, const char *expected)
{
	struct token_answer a;
	is_int(token_answer_read(&a, status, body), -1, "no answer to go by");
	char text[TOKEN_ERROR_MAX + 1];
	token_error_text(text, a.error);
	is_str(text, expected, expected);
	ok(!a.access_token && !a.refresh_token, "nothing is left");
	token_answer_release(&a);
}

static void
wrong(const char *body, const char *expected)
{
	bad(200, str_of(body), expected);
}

static void
test_good(void)
{
	good("{\"access_token\":\"ya29.A-_~+/=\",\"token_type\":\"Bearer\",\"expires_in\":3599,"
	     "\"scope\":\"x\",\"id_token\":[{}]}",
		"ya29.A-_~+/=", "", 3599, "as Google has it");
	good("{\"access_token\":\"e\",\"token_type\":\"bearer\",\"expires_in\":\"60\","
	     "\"refresh_token\":\"1//x y\"}",
		"e", "1//x y", 60, "a lifetime in a string, a new refresh token");
	good("{\"access_token\":\"e\",\"token_type\":\"BEARER\"}", "e", "",
		TOKEN_LIFETIME_UNSAID, "no lifetime");
	good("{\"access_token\":\"e\",\"token_type\":\"Bearer\",\"expires_in\":1e300}", "e", "",
		TOKEN_LIFETIME_MAX, "one without end");
	good("{\"access_token\":\"e\",\"token_type\":\"Bearer\",\"expires_in\":99999999999}",
		"e", "", TOKEN_LIFETIME_MAX, "a long one");
	good("{\"access_token\":\"e\",\"token_type\":\"Bearer\",\"expires_in\":59.9}", "e", "",
		59, "a fraction");
	good(TOKEN "\"expires_in\":null}", "e", "", TOKEN_LIFETIME_UNSAID, "null");
	good(TOKEN "\"expires_in\":0}", "e", "", TOKEN_LIFETIME_UNSAID, "nothing");
	good(TOKEN "\"expires_in\":0.5}", "e", "", TOKEN_LIFETIME_UNSAID, "less than 1");
	good(TOKEN "\"expires_in\":-5}", "e", "", TOKEN_LIFETIME_UNSAID, "less than nothing");
	good(TOKEN "\"expires_in\":\"3600.0\"}", "e", "", TOKEN_LIFETIME_UNSAID,
		"a fraction in a string");
	good(TOKEN "\"expires_in\":\"1h\"}", "e", "", TOKEN_LIFETIME_UNSAID, "no number");
	good(TOKEN "\"expires_in\":[60]}", "e", "", TOKEN_LIFETIME_UNSAID, "a list");
}

static void
test_wrong(void)
{
	static const char none[] = "the token endpoint's answer is not a JSON object";
	wrong("", none);
	wrong("token", none);
	wrong("[\"access_token\"]", none);
	wrong("{\"access_token\":\"a\"", none);
	wrong(TOKEN "\"access_token\":\"b\"}", none);
	wrong(TOKEN "\"a\":\"\\u0000\"}", none);
	wrong(TOKEN "\"a\":\"\xff\"}", none);
	wrong("{}", "the token endpoint's answer has no access_token");
	wrong("{\"access_token\":7,\"token_type\":\"Bearer\"}",
		"the token endpoint's answer has no access_token");
	wrong("{\"access_token\":\"\",\"token_type\":\"Bearer\"}",
		"the token endpoint's access_token is no bearer token");
	wrong("{\"access_token\":\"a\\u0001\",\"token_type\":\"Bearer\"}",
		"the token endpoint's access_token is no bearer token");
	wrong("{\"access_token\":\"a\"}", "the token endpoint's token_type is not Bearer");
	wrong("{\"access_token\":\"a\",\"token_type\":\"mac\"}",
		"the token endpoint's token_type is not Bearer");
	wrong(TOKEN "\"refresh_token\":\"\"}", "the token endpoint's refresh_token is none");
	wrong(TOKEN "\"refresh_token\":\"a\\nb\"}",
		"the token endpoint's refresh_token is none");
}

static void
test_limits(void)
{
	struct buf b = {0};
	buf_addstr(&b, "{\"access_token\":\"");
	for (int i = 0; i < 8193; i++)
		buf_addc(&b, 'a');
	buf_addstr(&b, "\",\"token_type\":\"Bearer\"}");
	bad(200, buf_str(&b), "the token endpoint's access_token is no bearer token");
	buf_reset(&b);
	buf_addstr(&b, TOKEN "\"a\":\"[[[[[[[[[[[[[[[[[[[[[[\\\"[\",\"b\":[[[[[[[[[[[[[[[");
	buf_addstr(&b, "]]]]]]]]]]]]]]]}");
	good(buf_cstr(&b), "e", "", TOKEN_LIFETIME_UNSAID, "brackets in strings count not");
	buf_reset(&b);
	buf_addstr(&b, TOKEN "\"b\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}");
	bad(200, buf_str(&b), "the token endpoint's answer is not a JSON object");
	buf_reset(&b);
	buf_addstr(&b, TOKEN "\"b\":1}");
	while (b.n <= TOKEN_ANSWER_MAX)
		buf_addc(&b, ' ');
	bad(200, buf_str(&b), "the token endpoint's answer is not a JSON object");
	buf_release(&b);
}

static void
test_errors(void)
{
	struct buf b = {0}, expected = {0};
	bad(500, STR("<html>"), "the token endpoint answers 500");
	bad(201, STR(TOKEN "\"a\":1}"), "the token endpoint answers 201");
	bad(400, STR("{\"error\":\"invalid_grant\"}"),
		"the token endpoint answers 400: invalid_grant");
	bad(400, STR("{\"error\":\"invalid_grant\",\"error_description\":\"a\\r\\n\xc3\xa4\"}"),
		"the token endpoint answers 400: invalid_grant: a????");
	bad(400, STR("{\"error_description\":\"a\"}"), "the token endpoint answers 400: a");
	bad(403, STR("{\"error\":{\"message\":\"denied\"}}"),
		"the token endpoint answers 403: denied");
	bad(400, STR("{\"error\":[],\"error_description\":{}}"),
		"the token endpoint answers 400");
	buf_addstr(&b, "{\"error\":\"");
	buf_addstr(&expected, "the token endpoint answers 400: ");
	for (int i = 0; i < 1000; i++)
		buf_addc(&b, 'x');
	while (expected.n < TOKEN_ERROR_MAX)
		buf_addc(&expected, 'x');
	buf_addstr(&b, "\"}");
	bad(400, buf_str(&b), buf_cstr(&expected));
	buf_release(&b);
	buf_release(&expected);
}

int
main(void)
{
	test_good();
	test_wrong();
	test_limits();
	test_errors();
	return done();
}
