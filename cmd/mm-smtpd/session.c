#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"
#include "outcome.h"
#include "receive.h"
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
	scram_free(s->scram);
	s->scram = NULL;
	s->helo = s->auth_user = s->sasl_user = NULL;
	s->auth_method = NULL;
	s->esmtp = false;
	receive_abandon(s);
}

void
session_release(struct session *s)
{
	forget_client(s);
	free(s->tls);
	free(s->tls_cipher);
	record_free(s->cert);
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
	session_reply(
		s, "220 %s %s mm-smtpd", s->cfg->hostname, s->cfg->lmtp ? "LMTP" : "ESMTP");
}

void
session_refuse_command(struct session *s, const char *reply)
{
	if (reply[0] == '4')
		session_reply(s, "%s", reply);
	else
		session_error(s, reply);
}

void
session_obey_stop(struct session *s)
{
	if (s->stopping && s->phase == SESSION_COMMAND)
		session_end(s, "stopped", "421 4.3.2 service is stopping, try again later");
}

static void
back_to_commands(struct session *s)
{
	if (s->phase == SESSION_END)
		return;
	s->phase = SESSION_COMMAND;
	session_obey_stop(s);
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
				      session_in_message(s));
}

bool
session_in_message(const struct session *s)
{
	return s->phase == SESSION_DATA || s->phase == SESSION_CHUNK;
}

void
session_restart(struct session *s)
{
	forget_client(s);
	session_greet(s);
}

/* RFC 2033 section 4.2: as many replies as recipients were taken; section 4.3 of a
 * BDAT only to the last. */
static size_t
replies_due(const struct session *s)
{
	return s->cfg->lmtp && !(s->tx.chunked && !s->chunk.last) ? s->tx.taken : 1;
}

static void
finish_transaction(struct session *s)
{
	receive_abandon(s);
	s->idle_commands = 0;
	back_to_commands(s);
}

void
session_finish_message(struct session *s, const char *reply)
{
	for (size_t due = replies_due(s); due; due--)
		session_reply(s, "%s", reply);
	finish_transaction(s);
}

/* Who has no outcome of his own has that of the message. */
static bool
answer_each(
	struct session *s, enum status status, const char *reply, const struct record *answer)
{
	bool any = false;
	for (size_t i = 0; i < s->tx.nrcpts; i++) {
		const struct rcpt *r = &s->tx.rcpts[i];
		char *own;
		if (r->state != RCPT_TAKEN)
			continue;
		enum status one = outcome_of_recipient(answer, str_of(r->path), &own);
		session_reply(s, "%s", own ? own : reply);
		any = any || (own ? one : status) == STATUS_OK;
		free(own);
	}
	finish_transaction(s);
	return any;
}

void
session_delivered(
	struct session *s, enum status status, const char *reply, const struct record *answer)
{
	bool good = status == STATUS_OK;
	if (s->cfg->lmtp)
		good = answer_each(s, status, reply, answer);
	else
		session_finish_message(s, reply);
	if (!good)
		return;
	s->messages++;
	s->errors_forgiven = s->errors;
	s->refusals_forgiven = s->refusals;
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
		size_t n = s->phase == SESSION_DATA    ? receive_data(s, rest)
			   : s->phase == SESSION_CHUNK ? receive_chunk(s, rest)
						       : take_line(s, rest);
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
