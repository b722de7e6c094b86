#include "../../../cmd/mm-queue/sender.h"
#include "tap.h"

static void
verified(bool expected, const char *mail_from, const char *name, const char *value)
{
	struct record *stored = record_new(), *answer = record_new();
	record_add(stored, "client-ip", STR("192.0.2.7"));
	record_add(stored, "mail-from", str_of(mail_from));
	record_add(answer, name, str_of(value));
	ok(sender_verified(stored, answer) == expected, "%s", value);
	record_add(stored, name, str_of(value));
	struct record *nothing = record_new();
	ok(sender_verified(stored, nothing) == expected, "known before");
	record_free(nothing);
	record_free(stored);
	record_free(answer);
}

int
main(void)
{
	struct record *r = record_new();
	record_add(r, "mail-from", STR("<a@x.example>"));
	ok(sender_verified(r, r), "no connection: local");
	record_add(r, "client-ip", STR("192.0.2.7"));
	ok(!sender_verified(r, r), "a stranger");
	record_add(r, "auth-user", STR("alice"));
	ok(sender_verified(r, r), "logged in");
	record_remove(r, "auth-user");
	record_add(r, "cert-issuer", STR("CN=x"));
	ok(sender_verified(r, r), "by certificate");
	record_free(r);
	verified(true, "<a@x.example>", "spf", "pass domain=X.example");
	verified(false, "<a@x.example>", "spf", "fail domain=x.example");
	verified(false, "<a@x.example>", "spf", "softfail reason=\"pass\" domain=x.example");
	verified(false, "<a@x.example>", "spf", "pass domain=y.example");
	verified(false, "<a@x.example>", "spf", "pass");
	verified(true, "<a@bounce.x.example>", "dkim", "pass d=x.example s=mail");
	verified(false, "<a@x.example>", "dkim", "pass d=shop.x.example s=mail");
	verified(false, "<a@notx.example>", "dkim", "pass d=x.example s=mail");
	verified(false, "<a@x.example>", "dkim", "pass d=example s=mail");
	verified(true, "<a@x.example> RET=FULL", "dmarc", "pass d=x.example policy=reject");
	verified(true, "<a@k\xc3\xa4se.example>", "spf", "pass domain=xn--kse-qla.example");
	verified(true, "<a@xn--kse-qla.example>", "spf", "pass domain=k\xc3\xa4se.example");
	verified(false, "<>", "spf", "pass domain=x.example");
	verified(false, "<postmaster>", "spf", "pass domain=x.example");
	return done();
}
