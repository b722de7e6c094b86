/* The syntax of what senders publish and sign: SPF, tag lists, keys, signatures. */
#include <stdio.h>
#include <stdlib.h>

#include "dkim_signature.h"
#include "mem.h"
#include "spf_limits.h"
#include "spf_record.h"
#include "tags.h"
#include "tap.h"

static void
spf(const char *text, const char *error)
{
	struct spf_record *r = xcalloc(1, sizeof(*r));
	const char *got;
	spf_record_parse(r, str_of(text), &got);
	is_str(got ? got : "", error, text);
	free(r);
}

static void
spf_records(void)
{
	static const char *const good[] = {"v=spf1", "v=spf1 ", "v=spf1 +all", "V=SPF1 ?ALL",
		"v=spf1 a a:x.example a/24 a//64 a/24//64 a:x.example/0//0",
		"v=spf1 mx:%{d}/24 ptr ptr:x.example exists:%{ir}.%{l1r-}.x.example",
		"v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ip6:::1 -all",
		"v=spf1 ip6:::ffff:192.0.2.1 -all",
		"v=spf1 include:_spf.x.example redirect=%{d2}.y",
		"v=spf1 exp=why.%{d} unknown=%{s} x-y.z_1= -all", "v=spf1 a:x.example.",
		"v=spf1 a:x.%{d} a:%%x.example a:x.ex-ample1", "v=spf1   -all   "};
	static const char *const bad[] = {"v=spf1 al", "v=spf1 all:x", "v=spf1 all/8",
		"v=spf1 include", "v=spf1 include:", "v=spf1 a:", "v=spf1 a/33",
		"v=spf1 a//129", "v=spf1 a/024", "v=spf1 a/", "v=spf1 a//64/24",
		"v=spf1 a:1.2.3.4", "v=spf1 a:x", "v=spf1 a:x.example:80", "v=spf1 ip4",
		"v=spf1 ip4:1.2.3", "v=spf1 ip4:1.2.3.4/33", "v=spf1 ip4:::1",
		"v=spf1 ip6:1.2.3.4", "v=spf1 ip6:::1/129", "v=spf1 exists",
		"v=spf1 exists:x.example/24", "v=spf1 ptr/24", "v=spf1 a:%{x}.example",
		"v=spf1 a:%{d0}.example", "v=spf1 a:%{d.example", "v=spf1 a:%(d).example",
		"v=spf1 a:%{t}.example", "v=spf1 +", "v=spf1 a:x.-y", "v=spf1 a:x\x80.example"};
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		spf(good[i], "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		spf(bad[i], "invalid mechanism");
	spf("v=spf1 redirect=a.b redirect=c.d", "redirect= given twice");
	spf("v=spf1 exp=a.b exp=c.d", "exp= given twice");
	spf("v=spf1 redirect=", "invalid domain in a modifier");
	spf("v=spf1 x=%{", "invalid modifier");
	ok(spf_is_record(STR("v=spf1")) && !spf_is_record(STR("v=spf10")) &&
			!spf_is_record(STR("v=spf1\t-all")),
		"what is a record");
}

static void
limits(void)
{
	static const char mx_data[] = "\0\1\2mx\7example\0";
	struct str mx[1] = {str_n(mx_data, sizeof(mx_data) - 1)};
	struct answer hosts = {.status = DNS_FOUND, .n = 1, .rdata = mx};
	struct answer found = {.status = DNS_FOUND}, none = {.status = DNS_NXDOMAIN};
	struct spf_limits l = {0};
	spf_limits_question(&l, "a.example", DNS_MX, &hosts);
	spf_limits_question(&l, "MX.example", DNS_A, &found);
	is_int(l.terms, 1, "the hosts of an MX count with it");
	spf_limits_question(&l, "mx.example", DNS_A, &found);
	is_int(l.terms, 2, "another question for one of them does not");
	spf_limits_record(&l);
	is_int(l.terms, 3, "an include counts");
	spf_limits_question(&l, "x.example", DNS_A, &none);
	spf_limits_question(&l, "y.example", DNS_A, &none);
	ok(!l.exceeded, "two empty answers");
	spf_limits_question(&l, "z.example", DNS_A, &none);
	is_str(l.exceeded, "more than 2 DNS lookups without an answer", "a third");
	l = (struct spf_limits){0};
	for (int i = 0; i < 10; i++)
		spf_limits_question(&l, "x.example", DNS_A, &found);
	ok(!l.exceeded, "ten lookups");
	spf_limits_record(&l);
	is_str(l.exceeded, "more than 10 DNS lookups", "the eleventh");
}

static void
tag_lists_of(const char *text, int rc, const char *a)
{
	struct tags t;
	is_int(tags_parse(&t, str_of(text)), rc, text);
	struct str value = tags_get(&t, "a");
	if (rc == 0)
		is_strn(value.p, value.n, a, text);
}

static void
keys(const char *text, const char *error)
{
	struct dkim_key k;
	const char *got = dkim_key_parse(&k, str_of(text));
	is_str(got ? got : "", error, text);
	dkim_key_release(&k);
}

static void
signature(const char *change, const char *to, enum auth_result result, const char *reason)
{
	static const char whole[] =
		"v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; i=a@example.org; "
		"t=1000; x=3000; l=5; q=dns/txt; h=From : To; bh=MTIz\r\n NDU2; "
		"b=YWJj\r\n\tZGVm;";
	struct dkim_signature s;
	struct header_field f = {.name = STR("DKIM-Signature")};
	struct buf text = {0};
	const char *at = strstr(whole, change);
	buf_add(&text, whole, (size_t)(at - whole));
	buf_addstr(&text, to);
	buf_addstr(&text, at + strlen(change));
	f.value = buf_str(&text);
	dkim_signature_parse(&s, DKIM_SIGNATURE, &f, 2000);
	is_str(s.reason, reason, *to ? to : change);
	if (*reason)
		is_int(s.result, result, "its result");
	else
		ok(!s.decided && s.well_formed && strcmp(s.mark, "YWJjZGVm") == 0,
			"left to the engine");
	ok(!s.well_formed || result != AUTH_NEUTRAL || !*reason,
		"no library sees what is malformed");
	dkim_signature_release(&s);
	buf_release(&text);
}

static void
signatures(void)
{
	signature("v=1", "v=1", AUTH_NONE, "");
	signature(" i=a@example.org;", "", AUTH_NONE, "");
	signature("a@example.org", "@sub.Example.org", AUTH_NONE, "");
	signature("a@example.org", "=41@example.org", AUTH_NONE, "");
	signature("relaxed/simple", "relaxed", AUTH_NONE, "");
	signature("v=1; ", "", AUTH_NEUTRAL, "no v= tag");
	signature("v=1", "v=2", AUTH_NEUTRAL, "unknown version");
	signature("v=1", "v=1; v=1", AUTH_NEUTRAL, "not a list of tags");
	signature("rsa-sha256", "rsa-md5", AUTH_NEUTRAL, "unknown algorithm");
	signature("rsa-sha256", "rsa-sha1", AUTH_PERMERROR, "rsa-sha1 is obsolete");
	signature("relaxed/simple", "relaxed/odd", AUTH_NEUTRAL, "unknown canonicalization");
	signature("d=example.org", "d=exa mple", AUTH_NEUTRAL, "invalid d= tag");
	signature("s=sel", "s=", AUTH_NEUTRAL, "invalid s= tag");
	signature("a@example.org", "a@evil.example", AUTH_NEUTRAL, "i= is not within d=");
	signature("a@example.org", "a@badexample.org", AUTH_NEUTRAL, "i= is not within d=");
	signature("a@example.org", "example.org", AUTH_NEUTRAL, "invalid i= tag");
	signature("a@example.org", "a=@example.org", AUTH_NEUTRAL, "invalid i= tag");
	signature("From : To", "To", AUTH_NEUTRAL, "From is not signed");
	signature("From : To", "From::To", AUTH_NEUTRAL, "invalid h= tag");
	signature("x=3000", "x=1500", AUTH_FAIL, "signature expired");
	signature("x=3000", "x=500", AUTH_NEUTRAL, "x= is not after t=");
	signature("t=1000; x=3000", "t=2400", AUTH_FAIL, "signed in the future");
	signature("l=5", "l=-5", AUTH_NEUTRAL, "invalid t=, x= or l= tag");
	signature("dns/txt", "http", AUTH_NEUTRAL, "unknown query method");
	signature("MTIz", "MT*z", AUTH_NEUTRAL, "invalid bh= tag");
	signature("YWJj", "YWJ", AUTH_NEUTRAL, "invalid b= tag");
}

int
main(void)
{
	spf_records();
	limits();
	tag_lists_of("a=1", 0, "1");
	tag_lists_of(" a = 1 2 ; b= ; ", 0, "1 2");
	tag_lists_of("b=x=y; a==", 0, "=");
	tag_lists_of("", -1, "");
	tag_lists_of(";", -1, "");
	tag_lists_of("a", -1, "");
	tag_lists_of("a=1;;b=2", -1, "");
	tag_lists_of("a=1;a=2", -1, "");
	tag_lists_of("1a=1", -1, "");
	tag_lists_of("a=\x01", -1, "");
	keys("p=QUJD", "");
	keys("v=DKIM1; k=ed25519; h=sha1:sha256; s=email; t=y:s; n=x; p=QU JD", "");
	keys("v=DKIM1; p=", "key revoked");
	keys("v=DKIM1", "key record without p=");
	keys("v=DKIM2; p=QUJD", "unknown version of the key record");
	keys("p=QUJD; v=DKIM1", "unknown version of the key record");
	keys("k=dsa; p=QUJD", "unknown key type");
	keys("h=sha1; p=QUJD", "key not for sha256");
	keys("s=other; p=QUJD", "key not for mail");
	keys("nonsense", "malformed key record");
	signatures();
	return done();
}
