#include <errno.h>
#include <string.h>

#include "clock.h"
#include "envelope.h"
#include "log.h"
#include "message.h"
#include "receive.h"

size_t
receive_limit(const struct session *s)
{
	size_t most = s->cfg->max_size, policy = s->tx.size_limit;
	return policy && policy < most ? policy : most;
}

void
receive_start(struct session *s)
{
	struct buf trace = {0};
	s->tx.received_ms = clock_now_ms();
	envelope_received(s, &trace);
	s->decoder = (struct data_decoder){0};
	s->text = (struct crlf_check){0};
	body_start(&s->body, receive_limit(s), buf_str(&trace));
	buf_release(&trace);
}

void
receive_abandon(struct session *s)
{
	body_abandon(&s->body);
	transaction_reset(&s->tx);
}

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
refuse_message(struct session *s, const char *reply)
{
	s->ops->refused(s, NULL, reply);
	session_finish_message(s, reply);
}

/* What is wrong with a message that came whole; NULL: nothing so far. */
static const char *
bad_message(const struct session *s)
{
	if (body_over(&s->body))
		return "552 5.3.4 message is too big";
	if (s->tx.binary)
		return NULL;
	if (!crlf_check_passed(&s->text))
		return "554 5.6.0 bare CR, bare LF or NUL in the message, and no "
		       "BODY=BINARYMIME";
	if (s->decoder.longest > s->cfg->max_line || s->text.longest > s->cfg->max_line)
		return "554 5.6.0 message has a line that is too long";
	return NULL;
}

/* RFC 3030 section 3 lets bodies be binary, no more; everybody reads the header. */
static bool
header_is_text(struct str message)
{
	const char *end = memmem(message.p, message.n, "\r\n\r\n", 4);
	return crlf_is_text(end ? str_n(message.p, (size_t)(end - message.p) + 2) : message);
}

static void
end_of_message(struct session *s)
{
	struct blob *body;
	const char *wrong = bad_message(s);
	if (wrong) {
		refuse_message(s, wrong);
	} else if (body_finish(&s->body, &body) < 0) {
		log_error("id=%s: cannot spool the message: %s", s->tx.id, strerror(errno));
		refuse_message(s, "452 4.3.1 no room for the message, try again later");
	} else if (s->tx.binary && !header_is_text(str_n(body->p, body->n))) {
		blob_unref(body);
		refuse_message(s, "554 5.6.0 bare CR, bare LF or NUL in the header");
	} else if (message_hops(str_n(body->p, body->n)) > s->cfg->max_hops) {
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

size_t
receive_data(struct session *s, struct str in)
{
	size_t used = in.n;
	switch (data_decode(&s->decoder, in, &used, body_add, &s->body)) {
	case DATA_MORE:
		if (s->body.octets / 2 > s->cfg->max_size)
			cut_off_message(s, "552 5.3.4 message is far too big");
		break;
	case DATA_END:
		end_of_message(s);
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

/* Chunks: a refused one is read and thrown away, since its octets follow whatever
 * the reply will be (RFC 3030 section 2), and ends the transaction. */

static void
end_of_chunk(struct session *s)
{
	const struct chunk *c = &s->chunk;
	s->phase = SESSION_COMMAND;
	if (c->refusal) {
		receive_abandon(s);
		session_refuse_command(s, c->refusal);
	} else if (c->last || body_over(&s->body)) {
		end_of_message(s);
	} else {
		session_reply(
			s, "250 2.0.0 %llu octets received", (unsigned long long)c->octets);
	}
	session_obey_stop(s);
}

void
receive_chunk_start(struct session *s)
{
	s->chunk.left = s->chunk.octets;
	s->phase = SESSION_CHUNK;
	if (s->chunk.left == 0)
		end_of_chunk(s);
}

size_t
receive_chunk(struct session *s, struct str in)
{
	struct chunk *c = &s->chunk;
	struct str taken = str_n(in.p, in.n < c->left ? in.n : (size_t)c->left);
	if (!c->refusal) {
		body_add(&s->body, taken.p, taken.n);
		if (!s->tx.binary)
			crlf_check_add(&s->text, taken);
	}
	c->left -= taken.n;
	if (c->left == 0)
		end_of_chunk(s);
	return taken.n;
}
