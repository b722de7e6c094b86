#include "http.h"
#include "s3.h"
#include "tap.h"

static void
url(const char *endpoint, int path_style, const char *key, const char *expected)
{
	struct s3 s = {.bucket = (char *)"mail",
		.endpoint = (char *)endpoint,
		.path_style = path_style};
	struct buf out = {0};
	s3_url(&s, str_of(key), &out);
	is_strn(out.p, out.n, expected, key);
	buf_release(&out);
}

static void
error(const char *document, const char *expected)
{
	struct buf out = {0};
	s3_error(str_of(document), &out);
	is_strn(out.p ? out.p : "", out.n, expected, "an error document");
	buf_release(&out);
}

int
main(void)
{
	url("https://s3.eu-west-1.amazonaws.com", 0, "in/m1",
		"https://mail.s3.eu-west-1.amazonaws.com/in/m1");
	url("http://127.0.0.1:9000", 1, "a b+c=d:é/../x",
		"http://127.0.0.1:9000/mail/a%20b%2Bc%3Dd%3A%C3%A9/../x");
	error("<Error><Code>NoSuchBucket</Code><Message>gone</Message></Error>",
		"NoSuchBucket: gone");
	error("<Error><Code>X", "");
	error("", "");
	error("<Code></Code><Message>m</Message>", "m");
	return done();
}
