#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "dsn_param.h"
#include "envelope.h"
#include "mem.h"
#include "metrics.h"
#include "num.h"
#include "outcome.h"
#include "receive.h"
#include "verbs.h"

/* MAIL, RCPT, DATA */

#define EXCESS_MAX 1000 /* recipients over the limit that are not held against a client */

/* Behind "FROM:" or "TO:".  Spaces before the path and a path without brackets
 * are what devices send; neither can be misread. */
static char *
path_text(struct str args, struct str keyword)
{
	if (!str_istarts(args, keyword))
		return NULL;
	struct str rest = str_trim(str_skip(args, keyword.n));
	if (rest.n && rest.p[0] == '<')
		return str_dup(rest);
	struct str word = str_word(&rest);
	rest = str_trim(rest);
	return xasprintf("<%.*s>%s%.*s", STR_ARG(word), rest.n ? " " : "", STR_ARG(rest));
}

/* RFC 3461 sections 4.1 to 4.4: each at most once. */
static bool
given_twice(struct str params, struct str key)
{
	size_t times = 0;
	while (params.n) {
		struct str rest = str_word(&params);
		times += str_ieq(str_cut(&rest, '='), key);
	}
	return times > 1;
}

static const char *
bad_mail_param(struct session *s, struct command *c, struct str key, struct str value)
{
	const char *wrong;
	if (str_ieq(key, STR("SIZE"))) {
		if (num_u64(value, 0, UINT64_MAX, &c->size) < 0)
			return "501 5.5.4 expected SIZE=octets";
		return c->size > s->cfg->max_size ? "552 5.3.4 message is too big" : NULL;
	}
	if (str_ieq(key, STR("BODY"))) {
		c->binary = str_ieq(value, STR("BINARYMIME"));
		return c->binary || str_ieq(value, STR("7BIT")) ||
				       str_ieq(value, STR("8BITMIME"))
			       ? NULL
			       : "501 5.5.4 expected BODY=7BIT, 8BITMIME or BINARYMIME";
	}
	if (str_ieq(key, STR("SMTPUTF8"))) {
		c->utf8 = true;
		return value.p ? "501 5.5.4 SMTPUTF8 takes no value" : NULL;
	}
	if (str_ieq(key, STR("REQUIRETLS")) && s->tls) /* RFC 8689 section 3 */
		return value.p ? "501 5.5.4 REQUIRETLS takes no value" : NULL;
	if (dsn_mail_param(key, value, &wrong))
		return wrong || !given_twice(c->path.params, key)
			       ? wrong
			       : "501 5.5.4 RET and ENVID are given once";
	if (str_ieq(key, STR("AUTH")) && s->offers_auth && s->tls)
		return NULL; /* RFC 4954 section 5: also from who has not logged in */
	return "555 5.5.4 unknown parameter";
}

static bool
mail_params_fine(struct session *s, struct command *c)
{
	struct str rest = c->path.params;
	while (rest.n) {
		struct str value = str_word(&rest), key = str_cut(&value, '=');
		const char *wrong =
			s->esmtp ? bad_mail_param(s, c, key, value) : "555 5.5.4 say EHLO";
		if (wrong) {
			session_error(s, wrong);
			return false;
		}
	}
	return true;
}

/* As mm-stream(5) wants it: without source route, parameters behind one space. */
static char *
canonical(const struct path *p)
{
	return xasprintf("<%.*s>%s%.*s", STR_ARG(p->address), p->params.n ? " " : "",
		STR_ARG(p->params));
}

static const char *
bad_sender(const struct command *c)
{
	if (c->path.address.n && !c->path.domain.p)
		return "501 5.1.7 expected a sender with a domain";
	if (c->path.utf8 && !c->utf8)
		return "553 5.6.7 the address needs SMTPUTF8";
	return NULL;
}

bool
mail_check(struct session *s, struct command *c)
{
	const char *wrong;
	if (s->tx.mail_from) {
		session_error(s, "503 5.5.1 a message is under way already");
		return false;
	}
	char *text = path_text(c->args, STR("FROM:"));
	if (!text) {
		session_error(s, "501 5.5.4 expected MAIL FROM:<address>");
	} else if (path_parse(str_of(text), &c->path) < 0) {
		session_error(s, "501 5.1.7 expected a sender such as <alice@example.org>");
	} else if (mail_params_fine(s, c)) {
		wrong = bad_sender(c);
		if (wrong)
			session_error(s, wrong);
		else
			transaction_open(&s->tx, canonical(&c->path));
	}
	free(text);
	return s->tx.mail_from != NULL;
}

void
mail_proceed(struct session *s, struct command *c)
{
	s->tx.size = c->size;
	s->tx.utf8 = c->utf8;
	s->tx.binary = c->binary;
	session_reply(s, "250 2.1.0 sender ok");
}

static void
refuse(struct rcpt *r, const char *reply)
{
	r->state = RCPT_REFUSED;
	r->reply = xstrdup(reply);
}

/* RFC 5321 section 4.5.3.1.10: the client sends again to these; it must not be
 * thrown out for having offered them. */
static void
refuse_excess(struct rcpt *r)
{
	refuse(r, "452 4.5.3 too many recipients");
	r->excess = true;
}

static const char *
bad_rcpt_params(const struct session *s, struct str params)
{
	struct str rest = params;
	if (rest.n && !s->esmtp)
		return "555 5.5.4 say EHLO";
	while (rest.n) {
		const char *wrong;
		struct str value = str_word(&rest), key = str_cut(&value, '=');
		if (!dsn_rcpt_param(key, value, s->tx.utf8, &wrong))
			return "555 5.5.4 unknown parameter";
		if (wrong)
			return wrong;
		if (given_twice(params, key))
			return "501 5.5.4 NOTIFY and ORCPT are given once";
	}
	return NULL;
}

static const char *
bad_recipient(const struct session *s, const struct path *path)
{
	if (s->tx.chunked)
		return "503 5.5.1 the message has begun already";
	if (path->address.n == 0)
		return "501 5.1.3 expected a recipient such as <bob@example.org>";
	if (path->utf8 && !s->tx.utf8)
		return "553 5.6.7 the address needs SMTPUTF8";
	return bad_rcpt_params(s, path->params);
}

static void
ask(struct session *s, struct rcpt *r)
{
	if (!s->cfg->policy) {
		verbs_judge_rcpt(s, r, NULL);
		return;
	}
	struct record *probe = envelope_record(s);
	record_add(probe, "rcpt-to", str_of(r->path));
	s->probes++;
	s->ops->probe(s, (size_t)(r - s->tx.rcpts), probe);
}

void
verbs_judge_rcpt(struct session *s, struct rcpt *r, const struct record *answer)
{
	uint64_t limit;
	enum status status = STATUS_OK;
	if (answer)
		status = outcome_of_probe(answer, &r->reply);
	else
		r->reply = xstrdup("250 2.1.5 recipient ok");
	r->state = status == STATUS_OK ? RCPT_TAKEN : RCPT_REFUSED;
	if (r->state == RCPT_REFUSED || !answer ||
		num_u64(record_get(answer, "size-limit"), 1, SIZE_MAX, &limit) < 0)
		goto out;
	if (s->tx.size > limit) {
		free(r->reply);
		refuse(r, "552 5.3.4 message is bigger than the policy allows");
	} else if (!s->tx.size_limit || limit < s->tx.size_limit) {
		s->tx.size_limit = limit;
	}
out:
	s->tx.taken += r->state == RCPT_TAKEN;
}

void
verbs_answer_rcpt(struct session *s, const struct rcpt *r)
{
	session_reply(s, "%s", r->reply);
	if (r->state == RCPT_TAKEN) {
		metrics_count(METRIC_RECIPIENTS, "accepted", NULL);
		return;
	}
	s->ops->refused(s, r, r->reply);
	if (r->excess && s->tx.nrcpts <= s->cfg->max_recipients + EXCESS_MAX)
		return;
	if (++s->refusals - s->refusals_forgiven >= s->cfg->max_recipients)
		session_fault(s, "refusals", "421 4.7.0 too many refused recipients");
}

/* What is wrong with one of several pipelined recipients waits for its turn among
 * the replies, so every RCPT makes an entry. */
void
rcpt_proceed(struct session *s, struct command *c)
{
	char *text = path_text(c->args, STR("TO:"));
	struct transaction *t = &s->tx;
	struct rcpt *r;
	if (!text || path_parse(str_of(text), &c->path) < 0) {
		r = transaction_add(t, NULL);
		refuse(r, "501 5.1.3 expected RCPT TO:<address>");
	} else {
		const char *wrong = bad_recipient(s, &c->path);
		r = transaction_add(t, canonical(&c->path));
		if (wrong)
			refuse(r, wrong);
		else if (t->taken + s->probes >= s->cfg->max_recipients)
			refuse_excess(r);
		else
			ask(s, r);
	}
	free(text);
	session_answer(s);
}

const char *
verbs_no_message_yet(struct session *s)
{
	if (s->tx.taken == 0)
		return s->tx.nrcpts ? "554 5.5.1 no valid recipients"
				    : "503 5.5.1 say RCPT first";
	if (s->tx.size > receive_limit(s))
		return "552 5.3.4 message is too big";
	if (s->ops->busy(s))
		return "452 4.3.1 too much mail in flight, try again later";
	return NULL;
}

bool
data_check(struct session *s, struct command *c)
{
	const char *wrong = verbs_no_message_yet(s);
	(void)c;
	if (s->tx.chunked)
		wrong = "503 5.5.1 the message has begun already";
	else if (!wrong && s->tx.binary) /* RFC 3030 section 3 */
		wrong = "503 5.5.1 BODY=BINARYMIME needs BDAT";
	if (wrong)
		session_refuse_command(s, wrong);
	return !wrong;
}

void
data_proceed(struct session *s, struct command *c)
{
	(void)c;
	receive_start(s);
	s->phase = SESSION_DATA;
	session_reply(s, "354 end the message with a dot on a line of its own");
}
