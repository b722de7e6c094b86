#include <stdlib.h>

#include "srs.h"
#include "maildir.h"
#include "tap.h"

static void
forwards(const struct srs *s, const char *from, const char *to)
{
	struct buf out = {0};
	srs_forward(s, str_of(from), 1000000000000, &out);
	is_strn(out.p, out.n, to, from);
	buf_release(&out);
}

static void
reverses(
	const struct srs *s, const char *from, int days, enum srs_result result, const char *to)
{
	struct buf out = {0};
	is_int(srs_reverse(s, str_of(from), 1000000000000 + days * 86400000LL, &out), result,
		from);
	is_strn(out.p ? out.p : "", out.n, to, "and to whom");
	buf_release(&out);
}

static void
path(const char *address, const char *expected)
{
	struct path p;
	struct buf out = {0};
	bool good = path_parse(str_of(address), &p) == 0 &&
		    maildir_path("/m/{domain}/{local}/x", &p, &out) == 0;
	ok(good == (expected != NULL), "%s", address);
	if (good && expected)
		is_strn(out.p, out.n, expected, address);
	buf_release(&out);
}

int
main(void)
{
	struct srs s = {(char *)"tnsCrypt", (char *)"fwd.example.net"};
	/* As Mail::SRS 0.31 makes them of the same secret and day. */
	forwards(&s, "alice@example.org", "SRS0=N32b=JW=example.org=alice@fwd.example.net");
	forwards(&s, "A.b+c@Example.ORG", "SRS0=Iv1R=JW=Example.ORG=A.b+c@fwd.example.net");
	forwards(&s, "local@fwd.example.net", "local@fwd.example.net");
	forwards(&s, "SRS0=aaaa=bb=example.org=alice@other.example",
		"SRS1=eB/a=other.example==aaaa=bb=example.org=alice@fwd.example.net");
	forwards(&s, "SRS1=zzzz=other.example==aaaa=bb=example.org=alice@third.example",
		"SRS1=eB/a=other.example==aaaa=bb=example.org=alice@fwd.example.net");
	forwards(&s, "\"a b\"@example.org", "\"SRS0=W8vj=JW=example.org=a b\"@fwd.example.net");
	forwards(&s, "\"SRS0=aaaa=bb=example.org=a b\"@other.example",
		"\"SRS1=tQO4=other.example==aaaa=bb=example.org=a b\"@fwd.example.net");
	reverses(&s, "SRS0=N32b=JW=example.org=alice@fwd.example.net", 0, SRS_REVERSED,
		"alice@example.org");
	reverses(&s, "srs0=n32B=jw=example.org=Alice@FWD.example.net", 21, SRS_REVERSED,
		"Alice@example.org");
	reverses(&s, "SRS0=N32b=JW=example.org=alice@fwd.example.net", 22, SRS_EXPIRED, "");
	reverses(&s, "SRS0=N32b=JW=example.org=alice@fwd.example.net", -1, SRS_EXPIRED, "");
	reverses(&s, "SRS0=N32c=JW=example.org=alice@fwd.example.net", 0, SRS_FORGED, "");
	reverses(&s, "SRS0=N32b=JW=example.org=bob@fwd.example.net", 0, SRS_FORGED, "");
	reverses(&s, "SRS0=N32b=JW@fwd.example.net", 0, SRS_FORGED, "");
	reverses(&s, "SRS0==@fwd.example.net", 0, SRS_FORGED, "");
	reverses(&s, "SRS0=N32b=JW=example.org=alice@other.example", 0, SRS_OTHER, "");
	reverses(&s, "alice@fwd.example.net", 0, SRS_OTHER, "");
	reverses(&s, "SRS1=eB/a=other.example==aaaa=bb=example.org=alice@fwd.example.net", 99,
		SRS_REVERSED, "SRS0=aaaa=bb=example.org=alice@other.example");
	reverses(&s, "SRS1=eB/b=other.example==aaaa=bb=example.org=alice@fwd.example.net", 0,
		SRS_FORGED, "");
	reverses(&s, "\"SRS0=W8vj=JW=example.org=a b\"@fwd.example.net", 0, SRS_REVERSED,
		"\"a b\"@example.org");
	path("<Bob@Example.ORG>", "/m/example.org/bob/x");
	path("<\"a/b\"@example.org>", NULL);
	path("<\"..\"@example.org>", "/m/example.org/\"..\"/x");
	path("<a+b@example.org>", "/m/example.org/a+b/x");
	path("<postmaster>", NULL);
	return done();
}
