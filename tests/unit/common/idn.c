#include <stdlib.h>

#include "idn.h"
#include "tap.h"

static void
ascii(const char *name, const char *expected)
{
	char *got = idn_ascii(str_of(name));
	is_str(got ? got : "none", expected, name);
	free(got);
}

int
main(void)
{
	ascii("Mail.Example.ORG", "mail.example.org");
	ascii("M\xc3\xbcller.example", "xn--mller-kva.example");
	ascii("ma\xc3\x9f.example", "xn--ma-hia.example");
	ascii("a\xe3\x80\x82"
	      "example",
		"a.example");
	ascii("_dmarc.\xc3\xbc.example", "_dmarc.xn--tda.example");
	ascii("a.example\xe3\x80\x80pass.z", "none"); /* U+3000, a wide space */
	ascii("a\xef\xbc\x9d"
	      "b.example",
		"none"); /* U+FF1D, a wide = */
	ascii("\xff.example", "none");
	return done();
}
