#include <stdlib.h>

#include "mem.h"
#include "tap.h"
#include "tls_report_post.h"

static void
uri(const char *text, bool expected)
{
	ok(tls_report_postable(str_of(text)) == expected, "\"%.60s\"", text);
}

int
main(void)
{
	uri("https://a.example/tls?x=1", true);
	uri("HTTPS://a.example:8443", true);
	uri("http://a.example/", false);
	uri("https://", false);
	uri("https:///x", false);
	uri("https://user:pw@a.example/", false);
	uri("https://a.example/@x", true);
	uri("https://a.example/ x", false);
	uri("https://a.example/\tHost", false);
	uri("https://a.example/\xc3\xa4", false);
	uri("mailto:a@b.example", false);
	uri("file:///etc/passwd", false);
	uri("", false);
	char *longest = xmalloc(4096);
	memset(longest, 'a', 4095);
	memcpy(longest, "https://", 8);
	longest[4095] = '\0';
	uri(longest, false);
	free(longest);
	return done();
}
