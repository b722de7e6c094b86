#include "mta_sts_policy.h"
#include "tap.h"

static void
wrong(const char *text, const char *expected)
{
	struct sts_policy p;
	is_str(sts_policy_read(&p, str_of(text)), expected, expected);
	is_int((long long)p.n, 0, "and nothing is left");
}

static void
test_policy(void)
{
	struct sts_policy p;
	ok(!sts_policy_read(&p, STR("version: STSv1\r\nmode:enforce\r\nmx: mail.example.com\r\n"
				    "mx: *.example.net\nnew-field: x: y\n\nmax_age: 604800")),
		"a policy with both line ends and an unknown field");
	is_int(p.mode, STS_ENFORCE, "its mode");
	is_int(p.max_age_s, 604800, "its age");
	ok(sts_policy_allows(&p, "MAIL.example.com"), "a name, in any case");
	ok(sts_policy_allows(&p, "a.example.net"), "an asterisk is one label");
	ok(!sts_policy_allows(&p, "a.b.example.net"), "not two");
	ok(!sts_policy_allows(&p, "example.net"), "nor none");
	ok(!sts_policy_allows(&p, ".example.net"), "nor an empty one");
	ok(!sts_policy_allows(&p, "x.mail.example.com"), "a name is no suffix");
	sts_policy_release(&p);
	ok(!sts_policy_read(&p, STR("mode: none\nmode: enforce\nmax_age: 99999999\nversion: "
				    "STSv1\n")),
		"none needs no mx; the first of a key counts");
	is_int(p.mode, STS_NONE, "which is none");
	is_int(p.max_age_s, STS_MAX_AGE_S, "a year at most");
	sts_policy_release(&p);
	wrong("mode: none\nmax_age: 1\n", "no version, mode or max_age");
	wrong("version: STSv2\nmode: none\nmax_age: 1\n", "an unknown version");
	wrong("version: STSv1\nmx: a.b\nmode: Enforce\nmax_age: 1\n", "an unknown mode");
	wrong("version: STSv1\nmx: a.b\nmode: enforce\nmax_age: -1\n",
		"a max_age that is no number");
	wrong("version: STSv1\nmode: testing\nmax_age: 1\n", "no mx");
	wrong("version: STSv1\nmx: a.b\nmx: *.*.c\n", "an mx that is no pattern");
	wrong("version: STSv1\nmx: a..b\n", "an mx that is no pattern");
	wrong("version: STSv1\nhello\n", "a line without a colon");
}

static void
test_record(void)
{
	char id[STS_ID_SIZE];
	ok(sts_record_is(STR("v=STSv1; id=1;")), "a record");
	ok(!sts_record_is(STR("v=STSv1")), "without a semicolon it is none");
	ok(!sts_record_is(STR("v=STSv10; id=1")), "nor of another version");
	is_int(sts_record_id(STR("v=STSv1; x=y; id = 20160831085700Z ;"), id), 0, "an id");
	is_str(id, "20160831085700Z", "that is it");
	is_int(sts_record_id(STR("v=STSv1; x=y"), id), -1, "none");
	is_int(sts_record_id(STR("v=STSv1; id=a-b"), id), -1, "letters and digits only");
	is_int(sts_record_id(STR("v=STSv1; id=123456789012345678901234567890123"), id), -1,
		"32 at most");
}

int
main(void)
{
	test_policy();
	test_record();
	return done();
}
