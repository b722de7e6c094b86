#include "dsn_part.h"
#include "reply.h"
#include "utf8_put.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* RFC 3461 section 4; what would break a line becomes '?'. */
static void
add_xtext(struct report *r, struct str s)
{
	if (s.n > DSN_ADDRESS_MAX)
		s.n = DSN_ADDRESS_MAX;
	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];
		if (c == '+' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 && hex(s.p[i + 2]) >= 0) {
			c = hex(s.p[i + 1]) * 16 + hex(s.p[i + 2]);
			i += 2;
		}
		buf_addc(&r->out, c >= 0x20 && c < 0x7f ? (char)c : '?');
	}
}

/* "\x{E4}" at the start of s: the code point and how long that is; 0: none. */
static unsigned
embedded(struct str s, size_t *used)
{
	unsigned code = 0;
	size_t i = 3;
	if (!str_starts(s, STR("\\x{")))
		return 0;
	for (; i < s.n && i < 9 && hex(s.p[i]) >= 0; i++)
		code = code * 16 + (unsigned)hex(s.p[i]);
	if (i >= s.n || s.p[i] != '}' || code == 0)
		return 0;
	*used = i + 1;
	return code;
}

static bool
is_control(unsigned code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* RFC 6533 section 3: into the text that it stands for, where the report can have
 * that; a report in ASCII has it as it was given. */
static void
add_utf8_address(struct report *r, struct str s)
{
	struct buf text = {0};
	size_t used;
	for (; s.n > 0; s = str_skip(s, used)) {
		used = 1;
		unsigned code = r->utf8 ? embedded(s, &used) : 0;
		if (code == 0)
			buf_addc(&text, s.p[0]);
		else if (is_control(code) || !utf8_put(&text, code))
			buf_addc(&text, '?');
	}
	dsn_text(r, buf_str(&text), DSN_ADDRESS_MAX);
	buf_release(&text);
}

static void
add_original_recipient(struct report *r, const struct path *p)
{
	struct str value = path_param(p, "ORCPT");
	struct str type = str_cut(&value, ';');
	if (!type.n || !value.n)
		return;
	buf_addstr(&r->out, "Original-Recipient: ");
	add_xtext(r, type);
	buf_addstr(&r->out, "; ");
	if (str_ieq(type, STR("utf-8")))
		add_utf8_address(r, value);
	else
		add_xtext(r, value);
	buf_addstr(&r->out, "\r\n");
}

static void
add_message_fields(struct report *r)
{
	struct buf *b = &r->out;
	struct str envid = path_param(&r->from, "ENVID");
	struct str helo = record_get(r->d->of, "helo");
	if (envid.n) {
		buf_addstr(b, "Original-Envelope-Id: ");
		add_xtext(r, envid);
		buf_addstr(b, "\r\n");
	}
	buf_addf(b, "Reporting-MTA: dns; %s\r\n", r->d->hostname);
	if (helo.n) {
		buf_addstr(b, "Received-From-MTA: dns; ");
		dsn_text(r, helo, 255);
		buf_addstr(b, "\r\n");
	}
	dsn_date(b, "Arrival-Date", r->d->queued);
}

static void
add_status_code(struct buf *b, const struct dsn_recipient *rcpt)
{
	static const char *const unknown[] = {[DSN_FAILED] = "5.0.0",
		[DSN_DELAYED] = "4.0.0",
		[DSN_RELAYED] = "2.0.0",
		[DSN_DELIVERED] = "2.0.0"};
	struct reply reply;
	if (rcpt->action == DSN_FAILED && rcpt->expired)
		buf_addstr(b, "4.4.7"); /* RFC 3463: delivery time expired */
	else if (reply_parse(rcpt->reply, &reply) == 0 && reply.enhanced.n)
		buf_adds(b, reply.enhanced);
	else
		buf_addstr(b, unknown[rcpt->action]);
}

static void
add_recipient_fields(struct report *r, const struct dsn_recipient *rcpt)
{
	static const char *const words[] = {[DSN_FAILED] = "failed",
		[DSN_DELAYED] = "delayed",
		[DSN_RELAYED] = "relayed",
		[DSN_DELIVERED] = "delivered"};
	struct buf *b = &r->out;
	struct path p;
	struct reply reply;
	if (path_parse(rcpt->rcpt_to, &p) < 0)
		return;
	buf_addstr(b, "\r\n");
	add_original_recipient(r, &p);
	buf_addf(b, "Final-Recipient: %s; ", p.utf8 ? "utf-8" : "rfc822");
	dsn_text(r, p.address, DSN_ADDRESS_MAX);
	buf_addf(b, "\r\nAction: %s\r\nStatus: ", words[rcpt->action]);
	add_status_code(b, rcpt);
	buf_addstr(b, "\r\n");
	if (domain_valid(rcpt->host)) {
		buf_addstr(b, "Remote-MTA: dns; ");
		dsn_text(r, rcpt->host, 255);
		buf_addstr(b, "\r\n");
	}
	if (reply_parse(rcpt->reply, &reply) == 0) {
		buf_addstr(b, "Diagnostic-Code: smtp; ");
		dsn_text(r, rcpt->reply, DSN_DIAGNOSTIC_MAX);
		buf_addstr(b, "\r\n");
	}
	dsn_date(b, "Last-Attempt-Date", r->d->now);
	if (rcpt->action == DSN_DELAYED)
		dsn_date(b, "Will-Retry-Until", r->d->until);
}

/* RFC 3464 section 2.1 wants 7bit where it is ASCII. */
void
dsn_status(struct report *r)
{
	if (r->utf8)
		dsn_part(r, "message/global-delivery-status", "8bit");
	else
		dsn_part(r, "message/delivery-status", "7bit");
	add_message_fields(r);
	for (size_t i = 0; i < r->d->n; i++)
		if (dsn_wanted(r->d->recipients[i].rcpt_to, r->d->recipients[i].action))
			add_recipient_fields(r, &r->d->recipients[i]);
}
