#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "envelope.h"
#include "log.h"
#include "mem.h"
#include "session.h"
#include "verbs.h"

void
session_init(struct session *s, const struct config *cfg, const struct session_ops *ops,
	void *owner, const struct peer *peer)
{
	*s = (struct session){.cfg = cfg, .ops = ops, .owner = owner, .peer = peer};
	(void)ulid_new(clock_now_ms(), s->id);
}

void
session_wrap(struct session *s)
{
	s->tls_wrapped = true;
	s->phase = SESSION_STARTTLS;
}

static void
forget_client(struct session *s)
{
	free(s->helo);
	free(s->auth_user);
	free(s->sasl_user);
	s->helo = s->auth_user = s->sasl_user = NULL;
	s->auth_method = NULL;
	s->esmtp = false;
	transaction_reset(&s->tx);
}

void
session_release(struct session *s)
{
	forget_client(s);
	free(s->tls);
	free(s->tls_cipher);
	record_free(s->cert);
	body_abandon(&s->body);
	buf_release(&s->out);
}

void
session_reply(struct session *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&s->out, fmt, ap);
	va_end(ap);
	buf_add(&s->out, "\r\n", 2);
}

void
session_end(struct session *s, const char *why, const char *reply)
{
	if (s->phase == SESSION_END)
		return;
	if (reply)
		session_reply(s, "%s", reply);
	s->phase = SESSION_END;
	s->end = why;
}

void
session_fault(struct session *s, const char *why, const char *reply)
{
	s->at_fault = true;
	body_abandon(&s->body);
	session_end(s, why, reply);
}

void
session_error(struct session *s, const char *reply)
{
	session_reply(s, "%s", reply);
	if (++s->errors - s->errors_forgiven >= s->cfg->max_errors)
		session_fault(s, "errors", "421 4.7.0 too many errors");
}

void
session_greet(struct session *s)
{
	session_reply(s, "220 %s ESMTP mm-smtpd", s->cfg->hostname);
}

/* Between messages is the moment to obey a stop. */
static void
back_to_commands(struct session *s)
{
	if (s->phase == SESSION_END)
		return;
	s->phase = SESSION_COMMAND;
	if (s->stopping)
		session_end(s, "stopped", "421 4.3.2 service is stopping, try again later");
}

void
session_stop(struct session *s)
{
	s->stopping = true;
	if (s->phase == SESSION_COMMAND || s->phase == SESSION_SASL)
		back_to_commands(s);
}

bool
session_wants_input(const struct session *s)
{
	return !s->blocked && (s->phase == SESSION_COMMAND || s->phase == SESSION_SASL ||
				      s->phase == SESSION_DATA);
}

/* Mail data */

static void
send_message(struct session *s, struct blob *body)
{
	struct record *r = envelope_record(s);
	for (size_t i = 0; i < s->tx.nrcpts; i++)
		if (s->tx.rcpts[i].state == RCPT_TAKEN)
			record_add(r, "rcpt-to", str_of(s->tx.rcpts[i].path));
	record_set_body(r, body);
	s->phase = SESSION_WAIT;
	s->ops->deliver(s, r);
}

static void
finish_message(struct session *s, const char *reply)
{
	session_reply(s, "%s", reply);
	body_abandon(&s->body);
	transaction_reset(&s->tx);
	s->idle_commands = 0;
	back_to_commands(s);
}

static void
refuse_message(struct session *s, const char *reply)
{
	s->ops->refused(s, NULL, reply);
	finish_message(s, reply);
}

static void
end_of_data(struct session *s)
{
	struct blob *body;
	if (body_over(&s->body)) {
		refuse_message(s, "552 5.3.4 message is too big");
	} else if (s->decoder.longest > s->cfg->max_line) {
		refuse_message(s, "554 5.6.0 message has a line that is too long");
	} else if (body_finish(&s->body, &body) < 0) {
		log_error("id=%s: cannot spool the message: %s", s->tx.id, strerror(errno));
		refuse_message(s, "452 4.3.1 no room for the message, try again later");
	} else if (envelope_hops(str_n(body->p, body->n)) > s->cfg->max_hops) {
		blob_unref(body);
		refuse_message(s, "554 5.4.6 too many hops, this message is going in circles");
	} else {
		send_message(s, body);
	}
}

/* A client that has been told the limit and sends twice as much does not look for
 * the answer at the end either. */
static void
cut_off_message(struct session *s, const char *reply)
{
	s->ops->refused(s, NULL, reply);
	session_fault(s, "too-big", reply);
}

static size_t
take_data(struct session *s, struct str in)
{
	size_t used = in.n;
	switch (data_decode(&s->decoder, in, &used, body_add, &s->body)) {
	case DATA_MORE:
		if (s->body.octets / 2 > s->cfg->max_size)
			cut_off_message(s, "552 5.3.4 message is far too big");
		break;
	case DATA_END:
		end_of_data(s);
		break;
	case DATA_BARE_LF:
		session_fault(
			s, "bare-lf", "554 5.6.0 bare LF in the message, lines end in CRLF");
		break;
	case DATA_BARE_CR:
		session_fault(
			s, "bare-cr", "554 5.6.0 bare CR in the message, lines end in CRLF");
		break;
	case DATA_NUL:
		session_fault(s, "nul", "554 5.6.0 NUL in the message");
		break;
	}
	return used;
}

void
session_delivered(struct session *s, enum status status, const char *reply)
{
	if (status == STATUS_OK) {
		s->messages++;
		s->errors_forgiven = s->errors;
		s->refusals_forgiven = s->refusals;
	}
	finish_message(s, reply);
}

/* Command lines */

static bool
line_acceptable(struct session *s, struct str line)
{
	if (line.n < 2 || line.p[line.n - 2] != '\r')
		session_fault(s, "bare-lf", "500 5.5.2 commands end in CRLF");
	else if (memchr(line.p, '\r', line.n - 2))
		session_fault(s, "bare-cr", "500 5.5.2 bare CR in a command");
	else if (memchr(line.p, '\0', line.n))
		session_fault(s, "nul", "500 5.5.2 NUL in a command");
	return s->phase != SESSION_END;
}

static bool
too_many_unanswered(const struct session *s)
{
	return s->tx.nrcpts - s->tx.answered >= s->cfg->max_recipients;
}

static size_t
take_line(struct session *s, struct str in)
{
	size_t limit = s->phase == SESSION_SASL ? SESSION_MAX_SASL_LINE : SESSION_MAX_COMMAND;
	const char *lf = memchr(in.p, '\n', in.n < limit ? in.n : limit);
	if (!lf) {
		if (in.n >= limit)
			session_fault(s, "long-line", "554 5.5.2 line is too long");
		return 0;
	}
	struct str line = str_n(in.p, (size_t)(lf - in.p) + 1);
	if (!line_acceptable(s, line))
		return 0;
	line.n -= 2;
	if (s->phase == SESSION_SASL) {
		verbs_sasl_line(s, line);
	} else if (s->probes && (!verbs_may_overtake(line) || too_many_unanswered(s))) {
		s->blocked = true;
		return 0;
	} else {
		verbs_dispatch(s, line, in.n > line.n + 2);
	}
	return line.n + 2;
}

size_t
session_input(struct session *s, struct str in)
{
	size_t used = 0;
	while (used < in.n && session_wants_input(s)) {
		struct str rest = str_skip(in, used);
		size_t n = s->phase == SESSION_DATA ? take_data(s, rest) : take_line(s, rest);
		if (n == 0)
			break;
		used += n;
	}
	return used;
}

/* What came back */

void
session_answer(struct session *s)
{
	struct transaction *t = &s->tx;
	while (t->answered < t->nrcpts && t->rcpts[t->answered].reply &&
		s->phase != SESSION_END)
		verbs_answer_rcpt(s, &t->rcpts[t->answered++]);
}

void
session_probed(struct session *s, size_t index, const struct record *answer)
{
	struct rcpt *r = &s->tx.rcpts[index];
	s->probes--;
	verbs_judge_rcpt(s, r, answer);
	session_answer(s);
	if (!s->probes)
		s->blocked = false;
}

void
session_authenticated(struct session *s, enum auth_result result)
{
	verbs_authenticated(s, result);
	if (s->phase == SESSION_WAIT)
		back_to_commands(s);
}

void
session_secured(struct session *s, const char *version, const char *cipher, struct record *cert)
{
	forget_client(s); /* RFC 3207 section 4.2 */
	s->tls = xstrdup(version);
	s->tls_cipher = xstrdup(cipher);
	s->cert = cert;
	back_to_commands(s);
}
