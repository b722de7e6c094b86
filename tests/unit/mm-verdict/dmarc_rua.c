/* Where aggregate reports go: rua= of a record. */
#include <stdio.h>

#include "buf.h"
#include "dmarc_rua.h"
#include "tap.h"

static void
rua(const char *value, const char *expected)
{
	struct dmarc_rua r;
	struct buf b = {0};
	dmarc_rua_parse(&r, str_of(value));
	for (size_t i = 0; i < r.n; i++)
		buf_addf(&b, "%s%s@%s/%llu", i ? " " : "", r.list[i].address, r.list[i].host,
			(unsigned long long)r.list[i].limit);
	is_str(buf_cstr(&b), expected, value);
	dmarc_rua_release(&r);
	buf_release(&b);
}

int
main(void)
{
	rua("mailto:a@example.org", "a@example.org@example.org/0");
	rua("MAILTO:a@Example.ORG , mailto:b@x.example", "a@Example.ORG@example.org/0 "
							 "b@x.example@x.example/0");
	rua("mailto:a@x.example!10m", "a@x.example@x.example/10485760");
	rua("mailto:a@x.example!5K,mailto:b@x.example!7",
		"a@x.example@x.example/5120 b@x.example@x.example/7");
	rua("mailto:a@x.example!1t", "a@x.example@x.example/1099511627776");
	rua("mailto:a@x.example!10x,mailto:a@x.example!m,mailto:a@x.example!,mailto:a@x."
	    "example!0",
		"");
	rua("mailto:a@x.example,mailto:a@x.example", "a@x.example@x.example/0");
	rua("mailto:a%2bb@x.example?subject=x", "a+b@x.example@x.example/0");
	rua("mailto:a%0d%0aRCPT@x.example,mailto:a%00@x.example,mailto:a@x%zz.example", "");
	rua("https://x.example/,ftp:x,a@x.example,mailto:,mailto:@x,mailto:a@", "");
	rua("mailto:a@[192.0.2.1],mailto:a@x..example", "");
	rua("", "");
	rua("mailto:1@x.y,mailto:2@x.y,mailto:3@x.y,mailto:4@x.y,mailto:5@x.y,mailto:6@x.y,"
	    "mailto:7@x.y,mailto:8@x.y,mailto:9@x.y,mailto:10@x.y,mailto:11@x.y",
		"1@x.y@x.y/0 2@x.y@x.y/0 3@x.y@x.y/0 4@x.y@x.y/0 5@x.y@x.y/0 6@x.y@x.y/0 "
		"7@x.y@x.y/0 8@x.y@x.y/0 9@x.y@x.y/0 10@x.y@x.y/0");
	return done();
}
