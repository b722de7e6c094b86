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
tell(enum dsn_action action, struct record *of, const char *rcpt_to, const char *reply,
	struct record **out)
{
	struct dsn_recipient rcpt = {.rcpt_to = str_of(rcpt_to),
		.reply = str_of(reply),
		.host = STR("mx.x.example"),
		.action = action};
	struct dsn d = {.hostname = "gw.example",
		.of = of,
		.queued = NOW - 1000,
		.now = NOW,
		.until = NOW + 1000,
		.recipients = &rcpt,
		.n = 1};
	enum dsn_answer answer = dsn_make(&d, out);
	record_free(of);
	return answer;
}

static enum dsn_answer
make(const char *mail_from, const char *rcpt_to, const char *reply, struct record **out)
{
	return tell(DSN_FAILED, message(mail_from), rcpt_to, reply, out);
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
	ok(contains(r, "\r\nRemote-MTA: dns; mx.x.example\r\n"), "who said it");
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

static void
wanted(void)
{
	static const struct {
		const char *rcpt_to, *actions; /* failed, delayed, relayed, delivered */
	} cases[] = {{"<b@x>", "fd  "}, {"<b@x> NOTIFY=NEVER", "    "},
		{"<b@x> NOTIFY=DELAY", " d  "}, {"<b@x> NOTIFY=success", "  rd"},
		{"<b@x> NOTIFY=FAILURE,SUCCESS", "f rd"}, {"<b@x> NOTIFY=DELAYED", "    "},
		{"rubbish", "    "}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char got[] = "fdrd";
		for (int a = DSN_FAILED; a <= DSN_DELIVERED; a++)
			if (!dsn_wanted(str_of(cases[i].rcpt_to), (enum dsn_action)a))
				got[a] = ' ';
		is_str(got, cases[i].actions, cases[i].rcpt_to);
	}
}

static void
other_actions(void)
{
	struct record *r = NULL;
	tell(DSN_DELAYED, message("<a@x.example> RET=FULL"), "<b@x.example>", "451 4.7.1 later",
		&r);
	ok(contains(r, "\r\nAction: delayed\r\nStatus: 4.7.1\r\n") &&
			contains(r, "\r\nWill-Retry-Until: ") &&
			contains(r, "Subject: Your message is not yet delivered\r\n"),
		"delayed");
	ok(contains(r, "text/rfc822-headers") && !contains(r, "the body"),
		"RET=FULL is for failures");
	record_free(r);
	ok(tell(DSN_RELAYED, message("<a@x.example>"), "<b@x.example>", "250 ok", &r) ==
			DSN_NOT_WANTED,
		"success is told when it is asked for");
	tell(DSN_RELAYED, message("<a@x.example>"), "<b@x.example> NOTIFY=SUCCESS", "250 ok",
		&r);
	ok(contains(r, "\r\nAction: relayed\r\nStatus: 2.0.0\r\n"), "relayed");
	record_free(r);
	tell(DSN_DELIVERED, message("<a@x.example>"), "<b@x.example> NOTIFY=SUCCESS",
		"250 2.1.5 ok", &r);
	ok(contains(r, "\r\nAction: delivered\r\nStatus: 2.1.5\r\n"), "delivered");
	record_free(r);
}

/* RFC 6533 section 3. */
static void
original_recipient(void)
{
	static const struct {
		const char *rcpt_to, *expected;
	} cases[] = {
		{"<b@x> ORCPT=utf-8;k\\x{E4}se@x", "utf-8; k\\x{E4}se@x"},
		{"<\xc3\xa4@x> ORCPT=utf-8;k\\x{E4}se@x", "utf-8; k\xc3\xa4se@x"},
		{"<b@x> ORCPT=utf-8;k\xc3\xa4se@x", "utf-8; k\xc3\xa4se@x"},
		{"<\xc3\xa4@x> ORCPT=utf-8;a\\x{D}\\x{85}\\x{D800}\\x{2B}b", "utf-8; a???+b"},
		{"<\xc3\xa4@x> ORCPT=utf-8;a\\x{}\\x{41\\x{1234567}",
			"utf-8; a\\x{}\\x{41\\x{1234567}"},
		{"<\xc3\xa4@x> ORCPT=rfc822;q+2Bb\\x{41}", "rfc822; q+b\\x{41}"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct record *r = NULL;
		char line[128];
		make("<a@x.example>", cases[i].rcpt_to, "550 5.1.1 no", &r);
		(void)snprintf(line, sizeof(line), "\r\nOriginal-Recipient: %s\r\n",
			cases[i].expected);
		ok(contains(r, line), "%s", cases[i].expected);
		record_free(r);
	}
}

static void
original_message(const char *name, struct str text, const char *mail_from, const char *expected)
{
	struct record *of = message(mail_from), *r = NULL;
	record_set_body(of, blob_copy(text.p, text.n));
	tell(DSN_FAILED, of, "<b@x.example>", "550 5.1.1 no", &r);
	ok(contains(r, expected), "%s", name);
	ok(memchr(r->body->p, 0, r->body->n) == NULL, "no NUL");
	record_free(r);
}

static void
binary(void)
{
	char line[3000];
	memset(line, 'x', sizeof(line));
	memcpy(line, "X: ", 3);
	memcpy(line + sizeof(line) - 2, "\r\n", 2);
	original_message("binary: the header only", STR("A: b\r\n\r\nx\0y"),
		"<a@x> RET=FULL BODY=BINARYMIME",
		"rfc822-headers\r\nContent-Transfer-Encoding: "
		"8bit\r\n\r\nA: b\r\n\r\n--");
	original_message("bare LF: likewise", STR("A: b\r\n\r\nx\ny"), "<a@x> RET=FULL",
		"rfc822-headers");
	original_message("the longest line", str_n(line + 3000 - 1000, 1000), "<a@x> RET=FULL",
		"message/rfc822");
	original_message("a longer one", str_n(line + 3000 - 1001, 1001), "<a@x> RET=FULL",
		"rfc822-headers");
	original_message("a line end is made whole, NUL and CR are shown",
		STR("A: b\r\nB: c\rd\0\n e\nC: last"), "<a@x>",
		"\r\n\r\nA: b\r\nB: c?d?\r\n e\r\nC: last\r\n\r\n--");
	line[998] = '!';
	original_message(
		"a long line is cut", str_n(line, sizeof(line)), "<a@x>", "xxxx\r\n\r\n--");
	original_message("what is no UTF-8 is not called that", STR("A: k\xe4se \xc3\xa4\r\n"),
		"<\xc3\xa4@x>", "A: k?se \xc3\xa4\r\n");
	original_message("else it is as it was", STR("A: k\xe4se\r\n"), "<a@x>", "k\xe4se\r\n");
}

int
main(void)
{
	wanted();
	whether();
	contents();
	other_actions();
	original_recipient();
	binary();
	return done();
}
