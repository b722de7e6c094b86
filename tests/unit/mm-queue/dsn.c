#include "../../../cmd/mm-queue/dsn.h"
#include "tap.h"

#include <stdlib.h>

#define NOW 1800000000000

static struct record *
message(const char *mail_from)
{
	static const char text[] = "Subject: one\r\nX-Eight: k\xc3\xa4se\r\n\r\nthe body\r\n";
	struct record *r = record_new();
	record_add(r, "id", STR("a1"));
	record_add(r, "mail-from", str_of(mail_from));
	record_set_body(r, blob_copy(text, sizeof(text) - 1));
	return r;
}

static enum dsn_answer
make(const char *mail_from, const char *rcpt_to, const char *reply, struct record **out)
{
	struct record *of = message(mail_from);
	struct dsn_recipient rcpt = {str_of(rcpt_to), str_of(reply), false};
	struct dsn d = {"gw.example", of, NOW - 1000, NOW, &rcpt, 1};
	enum dsn_answer answer = dsn_make(&d, out);
	record_free(of);
	return answer;
}

static bool
contains(const struct record *r, const char *part)
{
	return memmem(r->body->p, r->body->n, part, strlen(part)) != NULL;
}

static void
whether(void)
{
	struct record *r = NULL;
	ok(make("<>", "<b@x.example>", "550 5.1.1 no", &r) == DSN_NO_SENDER, "null sender");
	ok(make("rubbish", "<b@x.example>", "550 5.1.1 no", &r) == DSN_NO_SENDER, "no path");
	ok(make("<a@x>", "<b@x.example> NOTIFY=NEVER", "550 5.1.1 no", &r) == DSN_NOT_WANTED,
		"NOTIFY=NEVER");
	ok(make("<a@x>", "<b@x.example> NOTIFY=SUCCESS,DELAY", "550 no", &r) == DSN_NOT_WANTED,
		"NOTIFY without FAILURE");
	ok(make("<a@x>", "<b@x.example> NOTIFY=DELAY,failure", "550 no", &r) == DSN_MADE,
		"NOTIFY with FAILURE");
	ok(contains(r, "Status: 5.0.0\r\n"), "a reply without enhanced code");
	record_free(r);
}

static void
contents(void)
{
	struct record *r = NULL;
	make("<a@x.example> RET=FULL ENVID=x+0D+0Ay+3D BODY=8BITMIME",
		"<b@x.example> ORCPT=rfc822;q+2Bb@x", "550 5.1.1 \xc3\xa4", &r);
	ok(contains(r, "\r\nFinal-Recipient: rfc822; b@x.example\r\n"), "final recipient");
	ok(contains(r, "\r\nOriginal-Recipient: rfc822; q+b@x\r\n"), "original recipient");
	ok(contains(r, "\r\nOriginal-Envelope-Id: x??y=\r\n"),
		"line ends in xtext are harmless");
	ok(contains(r, "\r\nDiagnostic-Code: smtp; 550 5.1.1 ??\r\n"), "ASCII only");
	ok(contains(r, "message/rfc822") && contains(r, "the body"), "RET=FULL");
	ok(str_eq(record_get(r, "mail-from"), STR("<> BODY=8BITMIME")), "eight bits are told");
	ok(str_eq(record_get(r, "rcpt-to"), STR("<a@x.example>")), "to the sender");
	ok(str_eq(record_get(r, "dsn-for"), STR("a1")), "about the message");
	record_free(r);
	make("<a@x.example>", "<b@x.example>", "550 5.1.1 no", &r);
	ok(contains(r, "text/rfc822-headers") && !contains(r, "the body"),
		"else the header only");
	record_free(r);
	make("<a@x.example>", "<\xc3\xa4@x.example>", "550 5.1.1 no", &r);
	ok(contains(r, "message/global-delivery-status") &&
			contains(r, "\r\nFinal-Recipient: utf-8; \xc3\xa4@x.example\r\n"),
		"RFC 6533 for UTF-8");
	ok(str_eq(record_get(r, "mail-from"), STR("<> BODY=8BITMIME SMTPUTF8")),
		"and SMTPUTF8");
	record_free(r);
}

int
main(void)
{
	whether();
	contents();
	return done();
}
