#include <stdlib.h>

#include "mem.h"
#include "num.h"
#include "smtp_auth.h"
#include "smtp_client.h"
#include "smtp_transaction.h"

#include <openssl/crypto.h>

#define MINUTE_MS INT64_C(60000)

void
smtp_init(struct smtp_client *c, const struct smtp_settings *settings, bool tls_on)
{
	*c = (struct smtp_client){.settings = settings, .tls_on = tls_on};
	smtp_expect(c, CMD_GREETING, 0);
}

void
smtp_release(struct smtp_client *c)
{
	if (c->out.p)
		OPENSSL_cleanse(c->out.p, c->out.cap);
	buf_release(&c->out);
	buf_release(&c->failure);
	buf_release(&c->converted);
	buf_release(&c->auth_error);
	scram_client_release(&c->scram);
	smtp_reply_release(&c->reply);
}

void
smtp_expect(struct smtp_client *c, enum smtp_command command, size_t rcpt)
{
	size_t cap = sizeof(c->expect) / sizeof(*c->expect);
	c->expect[(c->expect_at + c->expect_n++) % cap] = (struct smtp_expect){command, rcpt};
}

void
smtp_fail(struct smtp_client *c, enum status s, const char *fmt, ...)
{
	va_list ap;
	if (c->phase == SMTP_FAILED)
		return;
	c->phase = SMTP_FAILED;
	c->failure_status = s;
	c->expect_n = 0;
	c->body_going = false;
	va_start(ap, fmt);
	buf_vaddf(&c->failure, fmt, ap);
	va_end(ap);
}

static void
fail_by_reply(struct smtp_client *c)
{
	struct buf line = {0};
	smtp_reply_line(&c->reply, &line);
	if (c->reply.code < 400)
		smtp_fail(c, STATUS_TEMPFAIL, "451 4.5.0 unexpected reply: %.*s",
			STR_ARG(buf_str(&line)));
	else
		smtp_fail(c, smtp_reply_status(&c->reply), "%.*s", STR_ARG(buf_str(&line)));
	buf_release(&line);
}

static void
hello(struct smtp_client *c, enum smtp_command command)
{
	const char *verb = command == CMD_HELO ? "HELO" : c->settings->lmtp ? "LHLO" : "EHLO";
	buf_addf(&c->out, "%s %s\r\n", verb, c->settings->hello);
	smtp_expect(c, command, 0);
}

static void
forget_extensions(struct smtp_client *c)
{
	c->ext_starttls = c->ext_pipelining = c->ext_8bitmime = false;
	c->ext_size = c->ext_utf8 = c->ext_dsn = c->ext_requiretls = false;
	c->ext_chunking = c->ext_binarymime = false;
	c->auth_offered = 0;
	c->size_limit = c->rcpt_max = c->mail_max = 0;
}

static void
read_auth(struct smtp_client *c, struct str rest)
{
	for (struct str word = str_word(&rest); word.n; word = str_word(&rest))
		smtp_auth_offered(c, word);
}

/* RFC 9422 section 4: what is malformed or not known does not count. */
static void
read_limits(struct smtp_client *c, struct str rest)
{
	for (struct str value = str_word(&rest); value.n; value = str_word(&rest)) {
		struct str name = str_cut(&value, '=');
		uint64_t *limit = str_ieq(name, STR("RCPTMAX"))   ? &c->rcpt_max
				  : str_ieq(name, STR("MAILMAX")) ? &c->mail_max
								  : NULL;
		if (limit && value.p)
			(void)num_u64(value, 1, 999999, limit);
	}
}

static void
read_extension(struct smtp_client *c, struct str line)
{
	struct str rest = line, word = str_word(&rest);
	if (str_ieq(word, STR("STARTTLS")))
		c->ext_starttls = true;
	else if (str_ieq(word, STR("PIPELINING")))
		c->ext_pipelining = true;
	else if (str_ieq(word, STR("8BITMIME")))
		c->ext_8bitmime = true;
	else if (str_ieq(word, STR("SMTPUTF8")))
		c->ext_utf8 = true;
	else if (str_ieq(word, STR("DSN")))
		c->ext_dsn = true;
	else if (str_ieq(word, STR("REQUIRETLS")))
		c->ext_requiretls = true;
	else if (str_ieq(word, STR("LIMITS")))
		read_limits(c, rest);
	else if (str_ieq(word, STR("CHUNKING")))
		c->ext_chunking = true;
	else if (str_ieq(word, STR("BINARYMIME")))
		c->ext_binarymime = true;
	else if (str_ieq(word, STR("AUTH")))
		read_auth(c, rest);
	else if (str_istarts(word, STR("AUTH="))) /* before RFC 2554 */
		read_auth(c, str_skip(line, 5));
	else if (str_ieq(word, STR("SIZE"))) {
		c->ext_size = true;
		(void)num_u64(str_trim(rest), 0, INT64_MAX, &c->size_limit);
	}
}

static void
read_extensions(struct smtp_client *c)
{
	struct str rest = buf_str(&c->reply.text);
	forget_extensions(c);
	(void)str_cut(&rest, '\n'); /* the server's name */
	while (rest.n)
		read_extension(c, str_cut(&rest, '\n'));
}

static void
after_hello(struct smtp_client *c)
{
	enum smtp_tls tls = c->settings->tls;
	if (!c->tls_on && tls != SMTP_TLS_NONE && c->ext_starttls) {
		buf_addstr(&c->out, "STARTTLS\r\n");
		smtp_expect(c, CMD_STARTTLS, 0);
	} else if (!c->tls_on && tls >= SMTP_TLS_ENCRYPT) {
		c->no_tls = true;
		smtp_fail(c, STATUS_TEMPFAIL,
			"451 4.7.4 TLS is required, and the server does not offer it");
	} else {
		smtp_auth_start(c);
	}
}

static void
on_hello(struct smtp_client *c, enum smtp_command command)
{
	if (c->reply.code / 100 == 2) {
		if (command == CMD_HELO)
			forget_extensions(c);
		else
			read_extensions(c);
		after_hello(c);
	} else if (c->reply.code >= 500 && command == CMD_EHLO && !c->settings->lmtp) {
		hello(c, CMD_HELO); /* RFC 5321 section 3.2 */
	} else {
		fail_by_reply(c);
	}
}

static void
on_starttls(struct smtp_client *c)
{
	if (c->reply.code == 220) {
		c->phase = SMTP_START_TLS;
	} else if (c->settings->tls >= SMTP_TLS_ENCRYPT) {
		struct buf line = {0};
		smtp_reply_line(&c->reply, &line);
		smtp_fail(c, STATUS_TEMPFAIL,
			"451 4.7.4 TLS is required; the server said: %.*s",
			STR_ARG(buf_str(&line)));
		buf_release(&line);
	} else {
		smtp_auth_start(c);
	}
}

void
smtp_tls_started(struct smtp_client *c)
{
	c->tls_on = true;
	c->phase = SMTP_BUSY;
	hello(c, CMD_EHLO); /* what was offered in clear counts no more: RFC 3207 section 4.2 */
}

static void
on_reply(struct smtp_client *c)
{
	c->replies++;
	if (c->expect_n == 0) {
		fail_by_reply(c); /* 421 as a farewell, or nonsense */
		return;
	}
	struct smtp_expect e = c->expect[c->expect_at];
	c->expect_at = (c->expect_at + 1) % (sizeof(c->expect) / sizeof(*c->expect));
	c->expect_n--;
	switch ((enum smtp_command)e.command) {
	case CMD_GREETING:
		if (c->reply.code / 100 == 2)
			hello(c, CMD_EHLO);
		else
			fail_by_reply(c);
		break;
	case CMD_EHLO:
	case CMD_HELO:
		on_hello(c, (enum smtp_command)e.command);
		break;
	case CMD_STARTTLS:
		on_starttls(c);
		break;
	case CMD_AUTH:
	case CMD_AUTH_USER:
	case CMD_AUTH_PASSWORD:
	case CMD_AUTH_SCRAM:
	case CMD_AUTH_SCRAM_FINAL:
	case CMD_AUTH_TOKEN:
		smtp_auth_reply(c, (enum smtp_command)e.command);
		break;
	case CMD_QUIT:
		break;
	default:
		smtp_transaction_reply(c, (enum smtp_command)e.command, e.rcpt);
		break;
	}
}

void
smtp_receive(struct smtp_client *c, struct str in)
{
	while (in.n && c->phase != SMTP_FAILED) {
		size_t used;
		if (c->phase == SMTP_START_TLS) {
			/* Sent in clear by whoever is on the path: CVE-2011-0411, turned round.
			 */
			smtp_fail(c, STATUS_TEMPFAIL,
				"451 4.7.0 the server sent data between STARTTLS and the "
				"handshake");
			return;
		}
		int rc = smtp_reply_feed(&c->reply, in, &used);
		in = str_skip(in, used);
		if (rc < 0)
			smtp_fail(c, STATUS_TEMPFAIL,
				"451 4.5.0 what the server sends is not SMTP");
		else if (rc > 0)
			on_reply(c);
	}
}

void
smtp_unreachable(struct smtp_client *c, const char *why)
{
	smtp_fail(c, STATUS_TEMPFAIL, "451 4.4.1 cannot connect: %s", why);
}

void
smtp_lost(struct smtp_client *c, const char *why)
{
	if (c->out.n > 0)
		c->dot_sent = false; /* the dot is the last thing in there */
	if (c->dot_sent)
		smtp_fail(c, STATUS_TEMPFAIL,
			"451 4.4.2 %s after the message was sent; it may have been delivered",
			why);
	else
		smtp_fail(c, STATUS_TEMPFAIL, "451 4.4.2 %s while waiting for %s", why,
			smtp_waiting_for(c));
}

bool
smtp_spent(const struct smtp_client *c, size_t done)
{
	return c->mail_max && done >= c->mail_max;
}

void
smtp_quit(struct smtp_client *c)
{
	buf_addstr(&c->out, "QUIT\r\n");
	smtp_expect(c, CMD_QUIT, 0);
}

const char *
smtp_waiting_for(const struct smtp_client *c)
{
	static const char *const names[] = {[CMD_GREETING] = "the greeting",
		[CMD_EHLO] = "the reply to EHLO",
		[CMD_HELO] = "the reply to HELO",
		[CMD_STARTTLS] = "the reply to STARTTLS",
		[CMD_AUTH] = "the reply to AUTH",
		[CMD_AUTH_USER] = "the reply to AUTH",
		[CMD_AUTH_PASSWORD] = "the reply to AUTH",
		[CMD_AUTH_SCRAM] = "the reply to AUTH",
		[CMD_AUTH_SCRAM_FINAL] = "the reply to AUTH",
		[CMD_AUTH_TOKEN] = "the reply to AUTH",
		[CMD_RSET] = "the reply to RSET",
		[CMD_MAIL] = "the reply to MAIL",
		[CMD_RCPT] = "the reply to RCPT",
		[CMD_DATA] = "the reply to DATA",
		[CMD_DOT] = "the reply to the message",
		[CMD_QUIT] = "the reply to QUIT"};
	if (c->phase == SMTP_START_TLS)
		return "the TLS handshake";
	if (c->body_going)
		return "the server to take the message";
	if (c->expect_n && c->expect[c->expect_at].command == CMD_EHLO && c->settings->lmtp)
		return "the reply to LHLO";
	return c->expect_n ? names[c->expect[c->expect_at].command] : "nothing";
}

int64_t
smtp_patience_ms(const struct smtp_client *c)
{
	if (c->dot_sent)
		return 10 * MINUTE_MS;
	bool data = c->expect_n && c->expect[c->expect_at].command == CMD_DATA;
	return (data ? 2 : 5) * MINUTE_MS;
}

void
smtp_decide(struct smtp_rcpt *r, enum status s, struct str reply)
{
	if (r->status != STATUS_NONE)
		return;
	r->status = s;
	r->reply = str_dup(reply);
}
