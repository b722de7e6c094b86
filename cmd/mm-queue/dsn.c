#include <stdio.h>

#include "clock.h"
#include "dsn_part.h"
#include "ulid.h"

bool
dsn_wanted(struct str rcpt_to, enum dsn_action action)
{
	static const struct str words[] = {[DSN_FAILED] = STR("FAILURE"),
		[DSN_DELAYED] = STR("DELAY"),
		[DSN_RELAYED] = STR("SUCCESS"),
		[DSN_DELIVERED] = STR("SUCCESS")};
	struct path p;
	if (path_parse(rcpt_to, &p) < 0)
		return false;
	struct str list = path_param(&p, "NOTIFY");
	if (!list.p)
		return action == DSN_FAILED || action == DSN_DELAYED;
	while (list.p)
		if (str_ieq(str_cut(&list, ','), words[action]))
			return true;
	return false;
}

/* At the end of a character. */
static struct str
cut_text(struct str s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max > 0 && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return str_n(s.p, max);
}

void
dsn_text(struct report *r, struct str s, size_t max)
{
	s = cut_text(s, max);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool plain = c >= 0x20 && c != 0x7f && (c < 0x80 || r->utf8);
		buf_addc(&r->out, plain ? (char)c : '?');
	}
}

void
dsn_date(struct buf *b, const char *name, int64_t ms)
{
	char date[CLOCK_RFC5322_SIZE];
	buf_addf(b, "%s: %s\r\n", name, clock_rfc5322(ms, date));
}

void
dsn_part(struct report *r, const char *type, const char *encoding)
{
	buf_addf(&r->out,
		"\r\n--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n",
		r->boundary, type, encoding);
}

/* By the worst that it tells. */
static const char *
subject(const struct dsn *d)
{
	static const char *const subjects[] = {
		[DSN_FAILED] = "Your message could not be delivered",
		[DSN_DELAYED] = "Your message is not yet delivered",
		[DSN_RELAYED] = "Your message was passed on",
		[DSN_DELIVERED] = "Your message was delivered",
	};
	enum dsn_action worst = DSN_DELIVERED;
	for (size_t i = 0; i < d->n; i++)
		if (d->recipients[i].action < worst &&
			dsn_wanted(d->recipients[i].rcpt_to, d->recipients[i].action))
			worst = d->recipients[i].action;
	return subjects[worst];
}

static void
add_header(struct report *r, const char *id)
{
	struct buf *b = &r->out;
	const char *host = r->d->hostname;
	dsn_date(b, "Date", r->d->now);
	buf_addf(b, "From: Mail Delivery System <MAILER-DAEMON@%s>\r\nTo: <", host);
	buf_adds(b, r->from.address);
	buf_addf(b,
		">\r\nSubject: %s\r\n"
		"Message-ID: <%s@%s>\r\n"
		"Auto-Submitted: auto-replied\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/report; report-type=%s;\r\n\tboundary=\"%s\"\r\n"
		"Content-Transfer-Encoding: 8bit\r\n"
		"\r\nThis is a delivery status notification in MIME format.\r\n",
		subject(r->d), id, host, r->utf8 ? "global-delivery-status" : "delivery-status",
		r->boundary);
}

static bool
any_utf8(const struct report *r)
{
	bool utf8 = r->from.utf8;
	for (size_t i = 0; i < r->d->n; i++) {
		struct path p;
		if (path_parse(r->d->recipients[i].rcpt_to, &p) == 0)
			utf8 = utf8 || p.utf8 || !str_is_ascii(path_param(&p, "ORCPT"));
	}
	return utf8;
}

static struct record *
wrap(struct report *r, const char *id)
{
	struct record *rec = record_new();
	char now[CLOCK_RFC3339_SIZE];
	record_add(rec, "id", str_of(id));
	record_add(rec, "received", str_of(clock_rfc3339(r->d->now, now)));
	if (record_has(r->d->of, "ingress"))
		record_add(rec, "ingress", record_get(r->d->of, "ingress"));
	bool eight_bit = !str_is_ascii(buf_str(&r->out));
	record_addf(rec, "mail-from", "<>%s%s", eight_bit ? " BODY=8BITMIME" : "",
		r->utf8 ? " SMTPUTF8" : "");
	record_addf(rec, "rcpt-to", "<%.*s>", STR_ARG(r->from.address));
	record_add(rec, "dsn-for", record_get(r->d->of, "id"));
	record_set_body(rec, blob_take(&r->out));
	return rec;
}

static enum dsn_answer
check(const struct dsn *d, struct path *from)
{
	struct str sender = record_get(d->of, "mail-from");
	if (!sender.p || path_parse(sender, from) < 0 || from->address.n == 0)
		return DSN_NO_SENDER;
	for (size_t i = 0; i < d->n; i++)
		if (dsn_wanted(d->recipients[i].rcpt_to, d->recipients[i].action))
			return DSN_MADE;
	return DSN_NOT_WANTED;
}

enum dsn_answer
dsn_check(const struct dsn *d)
{
	struct path from;
	return check(d, &from);
}

enum dsn_answer
dsn_make(const struct dsn *d, struct record **out)
{
	struct report r = {.d = d};
	char id[ULID_SIZE];
	enum dsn_answer answer = check(d, &r.from);
	if (answer != DSN_MADE)
		return answer;
	ulid_new(d->now, id);
	(void)snprintf(
		r.boundary, sizeof(r.boundary), "=_%s", ulid_new(d->now, (char[ULID_SIZE]){0}));
	r.utf8 = any_utf8(&r);
	add_header(&r, id);
	dsn_explanation(&r);
	dsn_status(&r);
	dsn_original(&r);
	*out = wrap(&r, id);
	buf_release(&r.out);
	return DSN_MADE;
}
