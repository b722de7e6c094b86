#include "base64.h"
#include "clock.h"
#include "dmarc_mail.h"
#include "ulid.h"

#define BOUNDARY "=_mm-verdict-report"
#define BASE64_LINE 76
#define ENCODED_PIECE 45 /* octets of text in one encoded word of 60 characters */

/* RFC 2047 section 2: at most 75 characters a word, of whole characters. */
static void
add_encoded(struct buf *b, struct str s)
{
	while (s.n) {
		size_t n = s.n < ENCODED_PIECE ? s.n : ENCODED_PIECE;
		while (n < s.n && n > 1 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
			n--;
		buf_addstr(b, "=?utf-8?b?");
		base64_encode(str_n(s.p, n), b);
		buf_addstr(b, "?=");
		s = str_skip(s, n);
		buf_addstr(b, s.n ? "\r\n " : "");
	}
}

static void
add_phrase(struct buf *b, const char *text)
{
	if (!str_is_ascii(str_of(text))) {
		add_encoded(b, str_of(text));
		return;
	}
	buf_addc(b, '"');
	for (const char *p = text; *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_addc(b, '\\');
		buf_addc(b, *p);
	}
	buf_addc(b, '"');
}

static void
add_header(struct buf *b, const struct dmarc_mail *m, const char *to, int64_t now_ms)
{
	char date[CLOCK_RFC5322_SIZE];
	buf_addstr(b, "From: ");
	add_phrase(b, m->organization);
	buf_addf(b, "\r\n <%s>\r\nTo: <%s>\r\n", m->email, to);
	buf_addf(b, "Subject: Report Domain: %s\r\n Submitter: %s\r\n Report-ID: <%s>\r\n",
		m->domain, m->submitter, m->id);
	buf_addf(b, "Date: %s\r\nMessage-ID: <%s>\r\nMIME-Version: 1.0\r\n",
		clock_rfc5322(now_ms, date), m->id);
	buf_addstr(b, "Auto-Submitted: auto-generated\r\n"
		      "Content-Type: multipart/mixed; boundary=\"" BOUNDARY "\"\r\n\r\n");
}

static void
add_text(struct buf *b, const struct dmarc_mail *m)
{
	buf_addstr(b, "--" BOUNDARY "\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n");
	buf_addf(b,
		"This is a DMARC aggregate report for %s,\r\n"
		"from %s, as its DMARC record asks for.\r\n",
		m->domain, m->submitter);
}

static void
add_attachment(struct buf *b, const struct dmarc_mail *m)
{
	buf_addf(b,
		"--" BOUNDARY "\r\nContent-Type: application/gzip;\r\n name=\"%s\"\r\n"
		"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n"
		" filename=\"%s\"\r\n\r\n",
		m->file, m->file);
	for (struct str s = m->attachment; s.n; s = str_skip(s, BASE64_LINE)) {
		buf_add(b, s.p, s.n < BASE64_LINE ? s.n : BASE64_LINE);
		buf_addstr(b, "\r\n");
	}
	buf_addstr(b, "--" BOUNDARY "--\r\n");
}

struct record *
dmarc_mail_make(const struct dmarc_mail *m, const char *to, int64_t now_ms)
{
	char id[ULID_SIZE], now[CLOCK_RFC3339_SIZE];
	struct buf body = {0};
	struct record *r = record_new();
	record_add(r, "id", str_of(ulid_new(now_ms, id)));
	record_add(r, "received", str_of(clock_rfc3339(now_ms, now)));
	record_addf(r, "mail-from", "<%s>", m->email);
	record_addf(r, "rcpt-to", "<%s>", to);
	add_header(&body, m, to, now_ms);
	add_text(&body, m);
	add_attachment(&body, m);
	record_set_body(r, blob_take(&body));
	return r;
}
