#include <stdio.h>
#include <stdlib.h>

#include "address.h"
#include "clock.h"
#include "dsn.h"
#include "message.h"
#include "reply.h"
#include "ulid.h"

#define RETURN_WHOLE_MAX (1u << 20) /* octets of a message that RET=FULL gives back */
#define RETURN_HEADER_MAX (128u << 10)
#define DIAGNOSTIC_MAX 512
#define ADDRESS_TEXT_MAX 900 /* keeps a line under RFC 5322's 998 */

struct report {
	const struct dsn *d;
	struct buf out;
	char boundary[64];
	bool utf8; /* an address needs RFC 6533 */
};

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/* RFC 3461 section 4.1: absent means FAILURE as well as any. */
static bool
wants_failure(struct str rcpt_to)
{
	struct path p;
	if (path_parse(rcpt_to, &p) < 0)
		return false;
	struct str list = path_param(&p, "NOTIFY");
	if (!list.p)
		return true;
	while (list.p)
		if (str_ieq(str_cut(&list, ','), STR("FAILURE")))
			return true;
	return false;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* RFC 3461 section 4; what would break a line becomes '?'. */
static void
add_xtext(struct buf *b, struct str s)
{
	if (s.n > ADDRESS_TEXT_MAX)
		s.n = ADDRESS_TEXT_MAX;
	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];
		if (c == '+' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 && hex(s.p[i + 2]) >= 0) {
			c = hex(s.p[i + 1]) * 16 + hex(s.p[i + 2]);
			i += 2;
		}
		buf_addc(b, c >= 0x20 && c < 0x7f ? (char)c : '?');
	}
}

static void
add_text(struct report *r, struct str s, size_t max)
{
	for (size_t i = 0; i < s.n && i < max; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool plain = c >= 0x20 && c != 0x7f && (c < 0x80 || r->utf8);
		buf_addc(&r->out, plain ? (char)c : '?');
	}
}

static void
add_date(struct buf *b, const char *name, int64_t ms)
{
	char date[CLOCK_RFC5322_SIZE];
	buf_addf(b, "%s: %s\r\n", name, clock_rfc5322(ms, date));
}

static void
add_part(struct report *r, const char *type)
{
	buf_addf(&r->out,
		"\r\n--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
		r->boundary, type);
}

static void
add_header(struct report *r, struct str sender, const char *id)
{
	struct buf *b = &r->out;
	const char *host = r->d->hostname;
	add_date(b, "Date", r->d->now);
	buf_addf(b, "From: Mail Delivery System <MAILER-DAEMON@%s>\r\nTo: <", host);
	buf_adds(b, sender);
	buf_addf(b,
		">\r\nSubject: Your message could not be delivered\r\n"
		"Message-ID: <%s@%s>\r\n"
		"Auto-Submitted: auto-replied\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/report; report-type=%s;\r\n\tboundary=\"%s\"\r\n"
		"Content-Transfer-Encoding: 8bit\r\n"
		"\r\nThis is a delivery status notification in MIME format.\r\n",
		id, host, r->utf8 ? "global-delivery-status" : "delivery-status", r->boundary);
}

static void
add_explanation(struct report *r)
{
	struct buf *b = &r->out;
	add_part(r, "text/plain; charset=utf-8");
	buf_addf(b,
		"This is the mail gateway at %s.\r\n\r\n"
		"Your message could not be delivered to the following recipients.\r\n"
		"It will not be tried again.\r\n",
		r->d->hostname);
	for (size_t i = 0; i < r->d->n; i++) {
		const struct dsn_recipient *rcpt = &r->d->recipients[i];
		struct path p;
		if (!wants_failure(rcpt->rcpt_to) || path_parse(rcpt->rcpt_to, &p) < 0)
			continue;
		buf_addstr(b, "\r\n<");
		add_text(r, p.address, ADDRESS_TEXT_MAX);
		buf_addstr(b, rcpt->expired ? ">: given up after too many attempts; the last "
					      "answer was\r\n    "
					    : ">: refused\r\n    ");
		add_text(r, rcpt->reply, DIAGNOSTIC_MAX);
		buf_addstr(b, "\r\n");
	}
}

static void
add_message_fields(struct report *r, const struct path *from)
{
	struct buf *b = &r->out;
	struct str envid = path_param(from, "ENVID");
	struct str helo = record_get(r->d->of, "helo");
	if (envid.n) {
		buf_addstr(b, "Original-Envelope-Id: ");
		add_xtext(b, envid);
		buf_addstr(b, "\r\n");
	}
	buf_addf(b, "Reporting-MTA: dns; %s\r\n", r->d->hostname);
	if (helo.n && is_ascii(helo)) {
		buf_addstr(b, "Received-From-MTA: dns; ");
		add_text(r, helo, 255);
		buf_addstr(b, "\r\n");
	}
	add_date(b, "Arrival-Date", r->d->queued);
}

static void
add_status_code(struct buf *b, const struct dsn_recipient *rcpt)
{
	struct reply reply;
	if (rcpt->expired)
		buf_addstr(b, "4.4.7"); /* RFC 3463: delivery time expired */
	else if (reply_parse(rcpt->reply, &reply) == 0 && reply.enhanced.n)
		buf_adds(b, reply.enhanced);
	else
		buf_addstr(b, "5.0.0");
}

static void
add_recipient_fields(struct report *r, const struct dsn_recipient *rcpt)
{
	struct buf *b = &r->out;
	struct path p;
	struct reply reply;
	if (path_parse(rcpt->rcpt_to, &p) < 0)
		return;
	buf_addstr(b, "\r\n");
	struct str value = path_param(&p, "ORCPT");
	struct str type = str_cut(&value, ';');
	if (type.n && value.n) {
		buf_addstr(b, "Original-Recipient: ");
		add_xtext(b, type);
		buf_addstr(b, "; ");
		add_xtext(b, value);
		buf_addstr(b, "\r\n");
	}
	buf_addf(b, "Final-Recipient: %s; ", is_ascii(p.address) ? "rfc822" : "utf-8");
	add_text(r, p.address, ADDRESS_TEXT_MAX);
	buf_addstr(b, "\r\nAction: failed\r\nStatus: ");
	add_status_code(b, rcpt);
	buf_addstr(b, "\r\n");
	if (reply_parse(rcpt->reply, &reply) == 0) {
		buf_addstr(b, "Diagnostic-Code: smtp; ");
		add_text(r, rcpt->reply, DIAGNOSTIC_MAX);
		buf_addstr(b, "\r\n");
	}
	add_date(b, "Last-Attempt-Date", r->d->now);
}

static void
add_status_part(struct report *r, const struct path *from)
{
	add_part(r, r->utf8 ? "message/global-delivery-status" : "message/delivery-status");
	add_message_fields(r, from);
	for (size_t i = 0; i < r->d->n; i++)
		if (wants_failure(r->d->recipients[i].rcpt_to))
			add_recipient_fields(r, &r->d->recipients[i]);
}

/* The message, or only its header: whole lines of it. */
static void
add_original(struct report *r, const struct path *from)
{
	const struct blob *body = r->d->of->body;
	struct message m = {0};
	if (str_ieq(path_param(from, "RET"), STR("FULL")) && body->n <= RETURN_WHOLE_MAX) {
		add_part(r, r->utf8 ? "message/global" : "message/rfc822");
		buf_add(&r->out, body->p, body->n);
	} else {
		add_part(r, r->utf8 ? "message/global-headers" : "text/rfc822-headers");
		message_parse(&m, str_n(body->p, body->n));
		for (size_t i = 0, size = 0; i < m.nfields; i++) {
			size += m.fields[i].whole.n;
			if (size > RETURN_HEADER_MAX)
				break;
			buf_adds(&r->out, m.fields[i].whole);
		}
		message_release(&m);
	}
	buf_addf(&r->out, "\r\n--%s--\r\n", r->boundary);
}

static bool
any_utf8(const struct dsn *d, const struct path *from)
{
	bool utf8 = from->utf8;
	for (size_t i = 0; i < d->n; i++) {
		struct path p;
		if (path_parse(d->recipients[i].rcpt_to, &p) == 0)
			utf8 = utf8 || p.utf8;
	}
	return utf8;
}

static struct record *
wrap(struct report *r, const struct path *from, const char *id)
{
	struct record *rec = record_new();
	char now[CLOCK_RFC3339_SIZE];
	record_add(rec, "id", str_of(id));
	record_add(rec, "received", str_of(clock_rfc3339(r->d->now, now)));
	if (record_has(r->d->of, "ingress"))
		record_add(rec, "ingress", record_get(r->d->of, "ingress"));
	bool eight_bit = !is_ascii(buf_str(&r->out));
	record_addf(rec, "mail-from", "<>%s%s", eight_bit ? " BODY=8BITMIME" : "",
		r->utf8 ? " SMTPUTF8" : "");
	record_addf(rec, "rcpt-to", "<%.*s>", STR_ARG(from->address));
	record_add(rec, "dsn-for", record_get(r->d->of, "id"));
	record_set_body(rec, blob_take(&r->out));
	return rec;
}

enum dsn_answer
dsn_make(const struct dsn *d, struct record **out)
{
	struct report r = {.d = d};
	struct path from;
	char id[ULID_SIZE];
	struct str sender = record_get(d->of, "mail-from");
	bool wanted = false;
	if (!sender.p || path_parse(sender, &from) < 0 || from.address.n == 0)
		return DSN_NO_SENDER;
	for (size_t i = 0; i < d->n; i++)
		wanted = wanted || wants_failure(d->recipients[i].rcpt_to);
	if (!wanted)
		return DSN_NOT_WANTED;
	ulid_new(d->now, id);
	(void)snprintf(
		r.boundary, sizeof(r.boundary), "=_%s", ulid_new(d->now, (char[ULID_SIZE]){0}));
	r.utf8 = any_utf8(d, &from);
	add_header(&r, from.address, id);
	add_explanation(&r);
	add_status_part(&r, &from);
	add_original(&r, &from);
	*out = wrap(&r, &from, id);
	buf_release(&r.out);
	return DSN_MADE;
}
