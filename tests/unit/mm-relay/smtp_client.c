#include <stdlib.h>

#include "smtp_client.h"
#include "tap.h"

static const char message[] = "A: b\r\n\r\n.dot\r\n";

struct session {
	struct smtp_settings settings;
	struct smtp_client c;
	struct smtp_rcpt rcpts[3];
	struct smtp_transaction t;
};

static void
say(struct session *s, const char *text)
{
	smtp_receive(&s->c, str_of(text));
}

/* What the client has to send now, taken from it. */
static const char *
sent(struct session *s)
{
	static char text[4096];
	if (s->c.out.n == 0)
		smtp_fill(&s->c);
	(void)str_copy(buf_str(&s->c.out), text, sizeof(text));
	buf_reset(&s->c.out);
	return text;
}

static void
open_session(struct session *s, const char *ehlo, bool lmtp)
{
	static const char *const paths[] = {"<a@x>", "<b@x>", "<c@x>"};
	*s = (struct session){.settings = {.hello = "me", .tls = SMTP_TLS_MAY, .lmtp = lmtp}};
	for (int i = 0; i < 3; i++)
		s->rcpts[i] = (struct smtp_rcpt){.path = str_of(paths[i]), .params = STR("")};
	s->t = (struct smtp_transaction){.mail_from = STR("<s@x>"),
		.mail_params = STR(""),
		.message = str_of(message),
		.rcpts = s->rcpts,
		.nrcpts = 3};
	smtp_init(&s->c, &s->settings, false);
	say(s, "220 server\r\n");
	(void)sent(s);
	say(s, ehlo);
}

static void
close_session(struct session *s)
{
	for (int i = 0; i < 3; i++)
		free(s->rcpts[i].reply);
	smtp_release(&s->c);
}

static const char pipelining[] = "250-server\r\n250-PIPELINING\r\n250 8BITMIME\r\n";

static void
test_pipelined(void)
{
	struct session s;
	open_session(&s, pipelining, false);
	is_int(s.c.phase, SMTP_READY, "ready after EHLO");
	smtp_begin(&s.c, &s.t);
	is_str(sent(&s),
		"MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\n"
		"DATA\r\n",
		"everything up to DATA in one go");
	say(&s, "250 ok\r\n250 ok\r\n550 5.1.1 who\r\n25");
	say(&s, "0 ok\r\n354 go\r\n");
	is_str(sent(&s), "A: b\r\n\r\n..dot\r\n.\r\n", "the message, stuffed");
	ok(s.c.dot_sent, "the dot is out");
	say(&s, "250-2.0.0 queued\r\n250 2.0.0 as 17\r\n");
	ok(!s.c.transaction && s.c.phase == SMTP_READY, "over, and ready again");
	is_str(s.rcpts[0].reply, "250 2.0.0 queued as 17", "the reply of several lines");
	is_str(s.rcpts[1].reply, "550 5.1.1 who", "the refused one has its own");
	is_int(s.rcpts[1].status, STATUS_PERMFAIL, "and its own status");
	smtp_begin(&s.c, &s.t);
	ok(!s.c.transaction, "nobody left: nothing to do");
	close_session(&s);
}

/* 3xx where none can be, 2xx where 354 is due: nothing was promised. */
static void
test_out_of_step(const char *replies, bool body)
{
	struct session s;
	open_session(&s, pipelining, false);
	smtp_begin(&s.c, &s.t);
	(void)sent(&s);
	if (body) {
		say(&s, "250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n");
		(void)sent(&s);
	}
	say(&s, replies);
	is_int(s.c.phase, SMTP_FAILED, replies);
	is_int(s.c.failure_status, STATUS_TEMPFAIL, "fails for now");
	is_int(s.rcpts[0].status, STATUS_NONE, "and nobody has got it");
	is_int(s.c.dot_sent, body, "may it have been delivered?");
	close_session(&s);
}

static void
test_nobody_accepted(void)
{
	struct session s;
	open_session(&s, pipelining, false);
	smtp_begin(&s.c, &s.t);
	(void)sent(&s);
	say(&s, "250 ok\r\n550 no\r\n550 no\r\n450 no\r\n354 go\r\n");
	is_str(sent(&s), ".\r\n", "DATA was taken although no recipient was: an empty message");
	say(&s, "554 no recipients\r\n");
	ok(!s.c.transaction && s.c.phase == SMTP_READY, "over");
	is_str(s.rcpts[2].reply, "450 4.0.0 no", "the reply to RCPT stays");
	for (int i = 0; i < 3; i++) {
		free(s.rcpts[i].reply);
		s.rcpts[i].reply = NULL;
		s.rcpts[i].status = STATUS_NONE;
	}
	smtp_begin(&s.c, &s.t);
	ok(strncmp(sent(&s), "MAIL", 4) == 0, "a message was ended: no RSET");
	say(&s, "451 4.3.0 later\r\n503 x\r\n503 x\r\n503 x\r\n503 x\r\n");
	ok(!s.c.transaction, "MAIL refused ends it");
	is_str(s.rcpts[1].reply, "451 4.3.0 later", "by the reply to MAIL");
	s.t.nrcpts = 1;
	free(s.rcpts[0].reply);
	s.rcpts[0].reply = NULL;
	s.rcpts[0].status = STATUS_NONE;
	smtp_begin(&s.c, &s.t);
	ok(strncmp(sent(&s), "RSET\r\nMAIL", 10) == 0, "after which RSET comes first");
	say(&s, "500 5.3.0 no\r\n503 nested MAIL\r\n");
	is_int(s.c.phase, SMTP_FAILED, "RSET refused ends the session");
	is_int(s.rcpts[0].status, STATUS_NONE, "and nothing is said of the message");
	close_session(&s);
}

static void
test_one_by_one(void)
{
	struct session s;
	open_session(&s, "250 server\r\n", false);
	smtp_begin(&s.c, &s.t);
	is_str(sent(&s), "MAIL FROM:<s@x>\r\n", "one command at a time");
	say(&s, "250 ok\r\n");
	is_str(sent(&s), "RCPT TO:<a@x>\r\n", "the first recipient");
	say(&s, "550 no\r\n");
	is_str(sent(&s), "RCPT TO:<b@x>\r\n", "the second");
	say(&s, "421 4.3.2 bye\r\n");
	is_int(s.c.phase, SMTP_FAILED, "421 ends the session");
	is_int(s.rcpts[1].status, STATUS_NONE, "and leaves the rest undecided");
	is_int(s.c.failure_status, STATUS_TEMPFAIL, "for now");
	close_session(&s);
}

static void
test_lmtp(void)
{
	struct session s;
	open_session(&s, pipelining, true);
	smtp_begin(&s.c, &s.t);
	(void)sent(&s);
	say(&s, "250 ok\r\n250 ok\r\n550 no\r\n250 ok\r\n354 go\r\n");
	(void)sent(&s);
	say(&s, "250 2.0.0 a\r\n");
	ok(s.c.transaction, "one reply is not enough");
	say(&s, "452 4.2.2 c\r\n");
	ok(!s.c.transaction, "two are");
	is_str(s.rcpts[0].reply, "250 2.0.0 a", "the first");
	is_str(s.rcpts[2].reply, "452 4.2.2 c", "the third");
	close_session(&s);
}

static void
test_lost(void)
{
	struct session s;
	open_session(&s, pipelining, false);
	smtp_begin(&s.c, &s.t);
	(void)sent(&s);
	say(&s, "250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n");
	smtp_lost(&s.c, "connection lost");
	ok(!s.c.dot_sent, "lost with the dot still here: nothing can have been delivered");
	close_session(&s);
	open_session(&s, pipelining, false);
	smtp_begin(&s.c, &s.t);
	(void)sent(&s);
	say(&s, "250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n");
	(void)sent(&s);
	smtp_lost(&s.c, "connection lost");
	ok(s.c.dot_sent, "lost after the dot: it may have been (RFC 1047)");
	is_strn(s.c.failure.p, s.c.failure.n,
		"451 4.4.2 connection lost after the message was sent; it may have been "
		"delivered",
		"and says so");
	close_session(&s);
}

static void
test_unexpected(void)
{
	static const char *const bad[] = {"250 ok\r\n", "hello\r\n", "199 x\r\n", "600 x\r\n",
		"250-a\r\n251 b\r\n", "\r\n", "25\r\n", "2500 x\r\n"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct session s;
		open_session(&s, pipelining, false);
		say(&s, bad[i]);
		ok(s.c.phase == SMTP_FAILED, "nothing was asked, and the server said: %.5s",
			bad[i]);
		close_session(&s);
	}
	struct session s;
	open_session(&s, pipelining, false);
	for (int i = 0; i < 20000; i++)
		say(&s, "250-endless\r\n");
	is_int(s.c.phase, SMTP_FAILED, "a reply without end");
	close_session(&s);
	open_session(&s, pipelining, false);
	for (int i = 0; i < 5000; i++)
		say(&s, "x");
	is_int(s.c.phase, SMTP_FAILED, "a line without end");
	close_session(&s);
}

static void
test_wire(void)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"", ".\r\n"},
		{"a", "a\r\n.\r\n"},
		{"a\r\n", "a\r\n.\r\n"},
		{".\r\n", "..\r\n.\r\n"},
		{"..\r\n.a\r\n", "...\r\n..a\r\n.\r\n"},
		{"a\n.\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"},
		{"a\r.\r\n", "a .\r\n.\r\n"},
		{"\r", " \r\n.\r\n"},
		{"\r\n\r\n", "\r\n\r\n.\r\n"},
		{"a\r\r\n", "a \r\n.\r\n"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct wire w;
		struct buf out = {0};
		wire_start(&w, str_of(cases[i].in));
		while (wire_more(&w, &out, 1))
			;
		is_strn(out.p, out.n, cases[i].out, "on the wire");
		buf_release(&out);
	}
	char *line = malloc(20003), *expected = malloc(20010);
	memset(line, '.', 20003);
	memcpy(line + 20000, "\r\n", 3);
	(void)snprintf(expected, 20010, ".%s.\r\n", line);
	for (size_t cut = 8185; cut < 8200; cut++) {
		struct wire w;
		struct buf out = {0};
		line[cut] = '\r';
		expected[cut + 1] = ' ';
		wire_start(&w, str_of(line));
		while (wire_more(&w, &out, 100))
			;
		ok(out.n == strlen(expected) && memcmp(out.p, expected, out.n) == 0,
			"a long line with a CR at %zu", cut);
		line[cut] = expected[cut + 1] = '.';
		buf_release(&out);
	}
	free(line);
	free(expected);
}

static void
test_farewell(void)
{
	struct session s;
	open_session(&s, pipelining, false);
	s.t.nrcpts = 1;
	smtp_begin(&s.c, &s.t);
	(void)sent(&s);
	say(&s, "451 4.3.0 later\r\n503 x\r\n503 x\r\n");
	free(s.rcpts[0].reply);
	s.rcpts[0].reply = NULL;
	s.rcpts[0].status = STATUS_NONE;
	smtp_begin(&s.c, &s.t);
	ok(strncmp(sent(&s), "RSET\r\n", 6) == 0, "RSET comes first");
	say(&s, "421 4.3.2 closing\r\n");
	is_int(s.c.phase, SMTP_FAILED, "the server has no more time");
	is_str(buf_cstr(&s.c.failure), "421 4.3.2 closing", "and that is what is told");
	close_session(&s);
}

/* What a session with a token, and perhaps a password, says after EHLO; or why it ends. */
static const char *
with_token(enum smtp_tls tls, bool loopback, const char *password)
{
	static char failure[256];
	struct session s;
	s = (struct session){.settings = {.hello = "me",
				     .user = "u",
				     .token = "T",
				     .password = password,
				     .server = "h",
				     .tls = tls}};
	smtp_init(&s.c, &s.settings, true);
	s.c.clear_auth = loopback;
	say(&s, "220 server\r\n");
	(void)sent(&s);
	say(&s, "250-server\r\n250 AUTH XOAUTH2 PLAIN\r\n");
	const char *text = s.c.phase == SMTP_FAILED ? failure : sent(&s);
	(void)str_copy(buf_str(&s.c.failure), failure, sizeof(failure));
	smtp_release(&s.c);
	return text;
}

static void
test_token(void)
{
	static const char token[] = "AUTH XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIFQBAQ==\r\n";
	static const char kept[] =
		"451 4.7.0 an access token is sent only to a server that shows who it is; set "
		"TlsPolicy of the relay to VERIFY, or --tls verify";
	is_str(with_token(SMTP_TLS_VERIFY, false, NULL), token, "to a server that is verified");
	is_str(with_token(SMTP_TLS_FINGERPRINT, false, NULL), token, "by its fingerprint");
	is_str(with_token(SMTP_TLS_DANE, false, NULL), token, "by DANE");
	is_str(with_token(SMTP_TLS_MAY, true, NULL), token, "to this host");
	is_str(with_token(SMTP_TLS_MAY, false, NULL), kept, "to no other");
	is_str(with_token(SMTP_TLS_ENCRYPT, false, NULL), kept, "encrypted or not");
	is_str(with_token(SMTP_TLS_ENCRYPT, false, "p"), "AUTH PLAIN AHUAcA==\r\n",
		"where there is a password too");
}

int
main(void)
{
	test_pipelined();
	test_out_of_step("354 go\r\n", false);
	test_out_of_step("250 ok\r\n354 go\r\n", false);
	test_out_of_step("250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n", false);
	test_out_of_step("354 go\r\n", true);
	test_nobody_accepted();
	test_one_by_one();
	test_lmtp();
	test_lost();
	test_unexpected();
	test_wire();
	test_farewell();
	test_token();
	return done();
}
