#include <stdlib.h>

#include "authres.h"
#include "tap.h"

/* For the name of a test; static memory. */
static const char *
one_line(const char *text)
{
	static char out[512];
	(void)str_copy(str_of(text), out, sizeof(out));
	for (char *p = out; *p; p++)
		if (*p == '\r' || *p == '\n' || *p == '\t')
			*p = ' ';
	return out;
}

static void
claims(const char *value, bool expected)
{
	ok(authres_claims(str_of(value), STR("mx.example.org")) == expected, "%s: %s",
		one_line(value), expected ? "ours" : "not ours");
}

static void
dmarc_pass(const char *value, bool expected)
{
	ok(authres_says_dmarc_pass(str_of(value), STR("example.org")) == expected,
		"%s: DMARC %s", one_line(value), expected ? "passed" : "did not pass");
}

static void
applied(const char *text, const char *expected)
{
	struct blob *out = NULL;
	is_int(authres_apply(str_of(text), STR("New: x\r\n"), STR("mx.example.org"), &out), 0,
		"applied");
	is_strn(out->p, out->n, expected, one_line(text));
	blob_unref(out);
}

static void
formatted(const struct verdict *v, const char *mail_from, const char *expected)
{
	struct record *r = record_new();
	struct buf out = {0};
	record_add(r, "mail-from", str_of(mail_from));
	authres_format(&out, v, r, "mx.example.org");
	is_strn(out.p, out.n, expected, mail_from);
	buf_release(&out);
	record_free(r);
}

static void
many_fields(void)
{
	struct buf in = {0}, expected = {0};
	struct blob *out = NULL;
	buf_addstr(&expected, "New: x\r\n");
	for (int i = 0; i < MESSAGE_MAX_FIELDS; i++) {
		buf_addstr(&in, "A:\r\n");
		buf_addstr(&expected, "A:\r\n");
	}
	buf_addstr(&in, "Authentication-Results: mx.example.org; dkim=pass\r\n");
	is_int(authres_apply(buf_str(&in), STR("New: x\r\n"), STR("mx.example.org"), &out), 0,
		"applied");
	ok(str_eq(str_n(out->p, out->n), buf_str(&expected)),
		"a claim behind any number of fields");
	blob_unref(out);
	buf_release(&in);
	buf_release(&expected);
}

static void
format(void)
{
	char domain[] = "example.org", hostile[] = "a\"b\r\nX: y\\", long_name[100];
	struct verdict v = {.spf_known = true, .spf = AUTH_PASS, .spf_domain = domain};
	formatted(&v, "<a@example.org>",
		"Authentication-Results: mx.example.org;\r\n"
		"\tspf=pass smtp.mailfrom=a@example.org\r\n");
	formatted(&v, "<\"a b\"@example.org>",
		"Authentication-Results: mx.example.org;\r\n"
		"\tspf=pass smtp.mailfrom=example.org\r\n");
	v.spf_helo = true;
	v.spf_reason = hostile;
	formatted(&v, "<>",
		"Authentication-Results: mx.example.org;\r\n"
		"\tspf=pass smtp.helo=example.org\r\n");
	v.spf = AUTH_FAIL;
	formatted(&v, "<>",
		"Authentication-Results: mx.example.org;\r\n"
		"\tspf=fail reason=\"a\\\"b??X: y\\\\\" smtp.helo=example.org\r\n");
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	v = (struct verdict){.dmarc_known = true,
		.dmarc = AUTH_FAIL,
		.dmarc_domain = long_name,
		.dmarc_policy = DMARC_REJECT,
		.dmarc_disposition = DMARC_REJECT};
	struct record *r = record_new();
	struct buf out = {0};
	authres_format(&out, &v, r, "mx.example.org");
	ok(strstr(buf_cstr(&out), "(p=reject dis=reject)\r\n\theader.from=aaa") != NULL,
		"a long name has a line of its own");
	buf_release(&out);
	record_free(r);
	v = (struct verdict){0};
	formatted(&v, "<>", "Authentication-Results: mx.example.org; none\r\n");
}

int
main(void)
{
	claims(" mx.example.org; spf=pass", true);
	claims("MX.Example.ORG 1; none", true);
	claims("\r\n\t(a (nested\\)) comment) mx.example.org (b); none", true);
	claims("\"mx.example.org\"; none", true);
	claims("\"mx.ex\\ample.org\"; none", true);
	claims("mx.example.org/2;", true);
	claims("mx.example.org", true);
	claims("mx.example.org.; none", true);
	claims("(unclosed mx.example.org; none", true);
	claims("(unclosed; mx.example.org; none", true);
	claims("mx.example.org\v; none", true);
	claims("\"mx.example.\xef\xbd\x8frg\"; none", true);
	claims("; mx.example.org", false);
	claims("=mx.example.org;", true);
	claims("", false);
	claims("example.org; none", false);
	claims("mx.example.org.evil.example; none", false);
	claims("other; x=mx.example.org", false);
	claims("(mx.example.org) other; none", false);
	dmarc_pass(
		" mx; spf=pass smtp.mailfrom=a@b.example; dmarc=pass header.from=example.org",
		true);
	dmarc_pass("mx 1; DMARC/1 = PASS (p=none; dis=none) reason=\"x;y\" "
		   "header.from=EXAMPLE.org;",
		true);
	dmarc_pass(
		"mx; dkim=pass header.i=@example.org header.b=\"a/b=\"; dmarc=\"pass\"", true);
	dmarc_pass("mx; dmarc=pass header.from=other.example", false);
	dmarc_pass("mx; dmarc=fail header.from=example.org", false);
	dmarc_pass("mx; spf=fail reason=\"; dmarc=pass\"", false);
	dmarc_pass("mx; spf=fail (; dmarc=pass)", false);
	dmarc_pass("mx; spf=fail (; dmarc=pass", false);
	dmarc_pass("mx; xdmarc=pass", false);
	dmarc_pass("mx; none", false);
	dmarc_pass("dmarc=pass", false);
	dmarc_pass("", false);
	applied("A: 1\r\n\r\nbody", "New: x\r\nA: 1\r\n\r\nbody");
	applied("Authentication-Results: mx.example.org; none\r\n\r\nbody",
		"New: x\r\n\r\nbody");
	applied("A: 1\r\nAuthentication-Results: mx.example.org;\r\n x\r\nB: 2\r\n"
		"AUTHENTICATION-RESULTS : mx.example.org\r\n\r\n"
		"Authentication-Results: mx.example.org\r\n",
		"New: x\r\nA: 1\r\nB: 2\r\n\r\nAuthentication-Results: mx.example.org\r\n");
	applied(" folded\r\n", "New: x\r\n\r\n folded\r\n");
	applied("From x\r\nA: 1\r\n\r\nbody", "From x\r\nNew: x\r\nA: 1\r\n\r\nbody");
	applied("From x", "New: x\r\n\r\nFrom x");
	many_fields();
	applied("\r\nbody", "New: x\r\n\r\nbody");
	format();
	return done();
}
