#include <stdlib.h>

#include "downgrade.h"
#include "mem.h"
#include "smtp_transaction.h"

#define BODY_CHUNK 65536

/* Steps of a transaction: what is to be sent next. */
enum { STEP_RSET, STEP_MAIL, STEP_RCPT, STEP_DATA, STEP_WAIT };

static void
decide_all(struct smtp_transaction *t, bool only_accepted, enum status s, struct str reply)
{
	for (size_t i = 0; i < t->nrcpts; i++)
		if (!only_accepted || t->rcpts[i].accepted)
			smtp_decide(&t->rcpts[i], s, reply);
}

static void
end_transaction(struct smtp_client *c, bool need_rset)
{
	c->transaction = NULL;
	buf_release(&c->converted);
	c->need_rset = need_rset;
	c->dot_sent = false;
	if (c->phase != SMTP_FAILED)
		c->phase = SMTP_READY;
}

/* No recipient can get the message any more, and no reply is outstanding. */
static void
give_up(struct smtp_client *c)
{
	end_transaction(c, true);
}

static bool
has_undecided(const struct smtp_transaction *t)
{
	for (size_t i = 0; i < t->nrcpts; i++)
		if (t->rcpts[i].status == STATUS_NONE)
			return true;
	return false;
}

static void
send_mail(struct smtp_client *c)
{
	const struct smtp_transaction *t = c->transaction;
	buf_addf(&c->out, "MAIL FROM:%.*s", STR_ARG(t->mail_from));
	if (c->ext_size)
		buf_addf(&c->out, " SIZE=%zu", c->message.n);
	if (t->binary)
		buf_addstr(&c->out, " BODY=BINARYMIME");
	else if (t->eight_bit && c->ext_8bitmime)
		buf_addstr(&c->out, " BODY=8BITMIME");
	if (c->ext_utf8 && t->utf8)
		buf_addstr(&c->out, " SMTPUTF8");
	if (t->requiretls)
		buf_addstr(&c->out, " REQUIRETLS");
	if (c->ext_dsn && t->mail_params.n)
		buf_addf(&c->out, " %.*s", STR_ARG(t->mail_params));
	buf_addstr(&c->out, "\r\n");
	smtp_expect(c, CMD_MAIL, 0);
}

static void
send_rcpt(struct smtp_client *c, size_t i)
{
	const struct smtp_rcpt *r = &c->transaction->rcpts[i];
	buf_addf(&c->out, "RCPT TO:%.*s", STR_ARG(r->path));
	if (c->ext_dsn && r->params.n)
		buf_addf(&c->out, " %.*s", STR_ARG(r->params));
	buf_addstr(&c->out, "\r\n");
	smtp_expect(c, CMD_RCPT, i);
}

static void
send_data(struct smtp_client *c)
{
	buf_addstr(&c->out, "DATA\r\n");
	smtp_expect(c, CMD_DATA, 0);
	c->step = STEP_WAIT;
}

/* RFC 3030 section 2: the octets follow the command, whatever the server will say. */
static void
send_bdat(struct smtp_client *c)
{
	buf_addf(&c->out, "BDAT %zu LAST\r\n", c->message.n);
	wire_start(&c->wire, c->message);
	c->wire.raw = true;
	c->body_going = true;
	c->step = STEP_WAIT;
}

/* Sends what may be sent now: everything up to DATA when the server takes
 * pipelined commands, else one command after each reply. */
static void
advance(struct smtp_client *c)
{
	while (c->step != STEP_WAIT && (c->expect_n == 0 || c->ext_pipelining)) {
		struct smtp_transaction *t = c->transaction;
		switch (c->step) {
		case STEP_RSET:
			buf_addstr(&c->out, "RSET\r\n");
			smtp_expect(c, CMD_RSET, 0);
			c->step = STEP_MAIL;
			break;
		case STEP_MAIL:
			send_mail(c);
			c->step = STEP_RCPT;
			break;
		case STEP_RCPT:
			while (c->next_rcpt < t->nrcpts &&
				t->rcpts[c->next_rcpt].status != STATUS_NONE)
				c->next_rcpt++;
			if (c->next_rcpt < t->nrcpts &&
				!(c->rcpt_max && c->tried >= c->rcpt_max)) {
				c->tried++;
				send_rcpt(c, c->next_rcpt++);
			} else
				c->step = STEP_DATA;
			break;
		default:
			if (c->bdat && c->expect_n > 0)
				return; /* the octets are worth waiting for a recipient */
			if (c->bdat && c->accepted > 0)
				send_bdat(c);
			else if (!c->bdat && (c->expect_n > 0 || c->accepted > 0))
				send_data(c);
			else
				give_up(c);
			if (!c->transaction)
				return;
			break;
		}
	}
}

/* RFC 8689 section 4.2.1: the server must have shown who it is. */
static bool
may_have_requiretls(const struct smtp_client *c)
{
	return c->tls_on && c->settings->tls >= SMTP_TLS_VERIFY && c->settings->vouched &&
	       c->ext_requiretls;
}

/* RFC 6152 section 3: to a server that takes seven bits nothing else may go. */
static void
make_fit(struct smtp_client *c)
{
	struct smtp_transaction *t = c->transaction;
	c->message = t->message;
	buf_release(&c->converted);
	if (!t->eight_bit || c->ext_8bitmime || t->binary || !wire_traits(t->message).body_8bit)
		return;
	const char *wrong = downgrade(t->message, &c->converted);
	if (!wrong) {
		c->message = buf_str(&c->converted);
		return;
	}
	char *reply = xasprintf("554 5.6.3 the server does not offer 8BITMIME, and the message "
				"cannot be converted: %s",
		wrong);
	decide_all(t, false, STATUS_PERMFAIL, str_of(reply));
	free(reply);
}

/* RFC 6531 section 3.2, RFC 1870 section 6.1: what the server cannot take is not
 * offered to it. */
static void
refuse_unfit(struct smtp_client *c)
{
	struct smtp_transaction *t = c->transaction;
	make_fit(c);
	if (c->size_limit && c->message.n > c->size_limit)
		decide_all(t, false, STATUS_PERMFAIL,
			STR("552 5.3.4 the message is larger than the server accepts"));
	if (t->binary && !(c->ext_chunking && c->ext_binarymime))
		decide_all(t, false, STATUS_PERMFAIL,
			STR("554 5.6.3 the message is binary, and the server takes text only"));
	if (t->requiretls && !may_have_requiretls(c))
		decide_all(t, false, STATUS_PERMFAIL,
			STR("550 5.7.30 REQUIRETLS support required, with a verified server"));
	for (size_t i = 0; i < t->nrcpts && !c->ext_utf8; i++)
		if (t->utf8 || t->rcpts[i].utf8)
			smtp_decide(&t->rcpts[i], STATUS_PERMFAIL,
				STR("553 5.6.7 SMTPUTF8 is needed, and the server does not "
				    "offer "
				    "it"));
	for (size_t i = 0; i < t->nrcpts && c->ext_utf8; i++)
		t->utf8 |= t->rcpts[i].utf8;
}

void
smtp_begin(struct smtp_client *c, struct smtp_transaction *t)
{
	c->transaction = t;
	c->phase = SMTP_BUSY;
	c->next_rcpt = c->accepted = c->tried = 0;
	c->mail_refused = c->body_going = c->dot_sent = false;
	c->bdat = t->binary || (c->settings->chunking && c->ext_chunking && t->text);
	c->step = c->need_rset ? STEP_RSET : STEP_MAIL;
	for (size_t i = 0; i < t->nrcpts; i++)
		t->rcpts[i].accepted = false;
	refuse_unfit(c);
	if (has_undecided(t))
		advance(c);
	else
		end_transaction(c, c->need_rset);
}

static void
expect_dots(struct smtp_client *c)
{
	const struct smtp_transaction *t = c->transaction;
	if (!c->settings->lmtp)
		smtp_expect(c, CMD_DOT, 0);
	for (size_t i = 0; i < t->nrcpts && c->settings->lmtp; i++)
		if (t->rcpts[i].accepted)
			smtp_expect(c, CMD_DOT, i);
}

void
smtp_fill(struct smtp_client *c)
{
	if (!c->body_going || wire_more(&c->wire, &c->out, BODY_CHUNK))
		return;
	c->body_going = false;
	c->dot_sent = true;
	expect_dots(c);
}

static void
on_mail(struct smtp_client *c, struct str line)
{
	if (c->reply.code / 100 == 2)
		return;
	c->mail_refused = true;
	decide_all(c->transaction, false, smtp_reply_status(&c->reply), line);
}

/* RFC 5321 section 4.5.3.1.10: who is one too many goes in another transaction, as long
 * as somebody goes in this one.  452 has other meanings too, which its enhanced code
 * tells. */
static bool
too_many(const struct smtp_client *c, struct str line)
{
	return c->reply.code == 452 && c->accepted > 0 &&
	       (str_starts(line, STR("452 4.5.3")) || str_starts(line, STR("452 4.0.0")));
}

static void
on_rcpt(struct smtp_client *c, size_t i, struct str line)
{
	struct smtp_rcpt *r = &c->transaction->rcpts[i];
	if (c->mail_refused)
		return;
	if (c->reply.code / 100 == 2) {
		r->accepted = true;
		c->accepted++;
	} else if (!too_many(c, line)) {
		smtp_decide(r, smtp_reply_status(&c->reply), line);
	}
}

static void
on_data(struct smtp_client *c, struct str line)
{
	if (c->reply.code == 354 && c->accepted == 0) {
		/* RFC 2920 section 3.1: the DATA that went ahead was taken although no
		 * recipient was; an empty message ends it. */
		buf_addstr(&c->out, ".\r\n");
		smtp_expect(c, CMD_DOT, 0);
	} else if (c->reply.code == 354) {
		c->body_going = true;
		wire_start(&c->wire, c->message);
		smtp_fill(c);
	} else {
		decide_all(c->transaction, true, smtp_reply_status(&c->reply), line);
		give_up(c);
	}
}

static void
on_dot(struct smtp_client *c, size_t rcpt, struct str line)
{
	struct smtp_transaction *t = c->transaction;
	enum status s = smtp_reply_status(&c->reply);
	if (c->accepted > 0 && c->settings->lmtp)
		smtp_decide(&t->rcpts[rcpt], s, line);
	else if (c->accepted > 0)
		decide_all(t, true, s, line);
	if (c->expect_n == 0)
		end_transaction(c, false);
}

/* A reply that the command cannot have: the server and we have lost step. */
static bool
out_of_step(enum smtp_command command, int code)
{
	if (command == CMD_DATA)
		return code < 400 && code != 354;
	if (command == CMD_RSET) /* else MAIL is nested, and refused for that alone */
		return code / 100 != 2;
	return code / 100 == 3;
}

void
smtp_transaction_reply(struct smtp_client *c, enum smtp_command command, size_t rcpt)
{
	struct buf line = {0};
	smtp_reply_line(&c->reply, &line);
	if (c->reply.code == 421 && command != CMD_DOT) {
		smtp_fail(c, STATUS_TEMPFAIL, "%.*s", STR_ARG(buf_str(&line)));
		buf_release(&line);
		return;
	}
	if (out_of_step(command, c->reply.code)) {
		smtp_fail(c, STATUS_TEMPFAIL, "451 4.5.0 unexpected reply: %.*s",
			STR_ARG(buf_str(&line)));
		buf_release(&line);
		return;
	}
	switch (command) {
	case CMD_MAIL:
		on_mail(c, buf_str(&line));
		break;
	case CMD_RCPT:
		on_rcpt(c, rcpt, buf_str(&line));
		break;
	case CMD_DATA:
		on_data(c, buf_str(&line));
		break;
	case CMD_DOT:
		on_dot(c, rcpt, buf_str(&line));
		break;
	default:
		break;
	}
	buf_release(&line);
	if (!c->transaction || c->phase == SMTP_FAILED || c->step == STEP_WAIT)
		return;
	if (c->mail_refused && c->expect_n == 0)
		give_up(c);
	else
		advance(c);
}
