#include <stdlib.h>

#include "tap.h"
#include "token_grant.h"
#include "token_request.h"

static int
read_secret(struct token_grant *g, const char *text)
{
	struct problems ps = {0};
	struct json_doc doc;
	if (json_doc_parse(&doc, "s.json", str_of(text), &ps) < 0)
		abort();
	int rc = token_grant_read(g, &doc, &ps);
	if (rc == 0 ? ps.n > 0 : ps.errors == 0)
		abort();
	json_doc_release(&doc);
	problems_release(&ps);
	return rc;
}

static int
read_endpoint(struct token_grant *g, const char *url)
{
	struct buf text = {0};
	buf_addf(&text,
		"{\"token-endpoint\":\"%s\",\"client-id\":\"i\",\"client-secret\":\"s\"}", url);
	int rc = read_secret(g, buf_cstr(&text));
	buf_release(&text);
	return rc;
}

static void
at(const char *url, const char *host, int port)
{
	struct token_grant g;
	is_int(read_endpoint(&g, url), 0, url);
	is_str(g.host, host, "its host");
	is_int(g.port, port, "its port");
	token_grant_release(&g);
}

static void
nowhere(const char *url)
{
	struct token_grant g;
	is_int(read_endpoint(&g, url), -1, url);
	ok(!g.endpoint && !g.client_secret, "nothing is left");
}

static void
test_endpoints(void)
{
	at("https://login.microsoftonline.com/t/oauth2/v2.0/token", "login.microsoftonline.com",
		443);
	at("HTTPS://a.b:8443?x=y", "a.b", 8443);
	at("https://[2001:db8::1]:8443/", "2001:db8::1", 8443);
	at("https://192.0.2.1", "192.0.2.1", 443);
	at("http://127.1.2.3:80/t", "127.1.2.3", 80);
	at("http://[::1]/t", "::1", 80);
	at("http://LocalHost:8080/t", "LocalHost", 8080);
	nowhere("http://example.org/");
	nowhere("http://localhost.example.org/");
	nowhere("http://127.0.0.1.example.org/");
	nowhere("http://[::2]/");
	nowhere("http://[::ffff:192.0.2.1]/");
	nowhere("http://192.0.2.1/");
	nowhere("http://localhost@example.org/");
	nowhere("http://localhost\\\\@example.org/");
	nowhere("http://localhost#@example.org/");
	nowhere("https://u:p@example.org/");
	nowhere("https:///t");
	nowhere("https://:443/t");
	nowhere("https://a:0/");
	nowhere("https://a:65536/");
	nowhere("https://a:/");
	nowhere("https://[::1/");
	nowhere("https://[::1]x/");
	nowhere("https://[a.b]/");
	nowhere("https://a b/");
	nowhere("https://a/\xc3\xa4");
	nowhere("ftp://a/");
	nowhere("a");
}

static void
test_requests(void)
{
	struct token_grant g, copy;
	struct buf b = {0};
	ok(read_secret(&g, "{\"token-endpoint\":\"https://a/\",\"client-id\":\"i d\","
			   "\"refresh-token\":\"1//x&y=\xc3\xa4\"}") == 0 &&
			g.kind == GRANT_REFRESH_TOKEN,
		"a refresh token");
	is_int(token_request_make(&b, &g, 0), 0, "a request");
	is_str(buf_cstr(&b),
		"grant_type=refresh_token&client_id=i%20d&refresh_token=1%2F%2Fx%26y%3D%C3%A4",
		"that is it");
	token_grant_copy(&copy, &g);
	ok(token_grant_equal(&g, &copy), "a copy");
	free(copy.client_id);
	copy.client_id = NULL;
	ok(!token_grant_equal(&g, &copy), "one with less");
	token_grant_release(&copy);
	token_grant_release(&g);
	is_int(read_secret(&g, "{\"token-endpoint\":\"https://a/\",\"issuer\":\"i\"}"), -1,
		"an assertion without a key");
	is_int(read_secret(&g, "{\"token-endpoint\":\"https://a/\",\"issuer\":\"i\","
			       "\"private-key\":\"-----BEGIN PRIVATE KEY-----\"}"),
		-1, "one that is none");
	buf_release(&b);
}

int
main(void)
{
	test_endpoints();
	test_requests();
	return done();
}
