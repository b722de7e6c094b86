#include <stdlib.h>

#include "base64.h"
#include "clock.h"
#include "gzip.h"
#include "mem.h"
#include "tls_report_mail.h"

#define LINE 76 /* of base64, RFC 2045 section 6.8 */

json_t *
tls_report_json(const struct tls_report *r)
{
	char *start = xasprintf("%sT00:00:00Z", r->day),
	     *end = xasprintf("%sT23:59:59Z", r->day);
	json_t *json = json_pack("{s:s,s:{s:s,s:s},s:s,s:s,s:O}", "organization-name",
		r->submitter, "date-range", "start-datetime", start, "end-datetime", end,
		"contact-info", r->contact, "report-id", r->id, "policies", r->policies);
	free(start);
	free(end);
	return json;
}

static void
add_base64(struct str octets, struct buf *out)
{
	struct buf text = {0};
	base64_encode(octets, &text);
	for (struct str rest = buf_str(&text); rest.n; rest = str_skip(rest, LINE)) {
		buf_add(out, rest.p, rest.n < LINE ? rest.n : LINE);
		buf_addstr(out, "\r\n");
	}
	buf_release(&text);
}

static void
add_header(const struct tls_report *r, const char *const *rcpts, struct buf *out)
{
	char date[CLOCK_RFC5322_SIZE];
	buf_addf(out, "From: <%s>\r\nTo: ", r->contact);
	for (size_t i = 0; rcpts[i]; i++)
		buf_addf(out, "%s<%s>", i ? ",\r\n " : "", rcpts[i]);
	buf_addf(out,
		"\r\nDate: %s\r\nMessage-ID: <%s@%s>\r\n"
		"Subject: Report Domain: %s\r\n Submitter: %s\r\n Report-ID: <%s@%s>\r\n"
		"TLS-Report-Domain: %s\r\nTLS-Report-Submitter: %s\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/report; report-type=\"tlsrpt\";\r\n "
		"boundary=\"%s\"\r\n",
		clock_rfc5322(clock_now_ms(), date), r->id, r->submitter, r->domain,
		r->submitter, r->id, r->submitter, r->domain, r->submitter, r->id);
}

static void
add_body(const struct tls_report *r, struct str gzip, struct buf *out)
{
	buf_addf(out,
		"\r\n--%s\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
		"This is what became of TLS between %s\r\nand the mail exchangers of %s\r\n"
		"on %s (RFC 8460).\r\n\r\n",
		r->id, r->submitter, r->domain, r->day);
	buf_addf(out,
		"--%s\r\nContent-Type: application/tlsrpt+gzip\r\n"
		"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n"
		" filename=\"%s!%s!%s!%s.json.gz\"\r\n\r\n",
		r->id, r->submitter, r->domain, r->day, r->id);
	add_base64(gzip, out);
	buf_addf(out, "\r\n--%s--\r\n", r->id);
}

struct record *
tls_report_mail(const struct tls_report *r, const char *const *rcpts)
{
	struct buf gzip = {0}, text = {0};
	struct record *rec = NULL;
	json_t *json = tls_report_json(r);
	char *plain = json_dumps(json, JSON_INDENT(1));
	if (plain) {
		gzip_compress(&gzip, str_of(plain));
		add_header(r, rcpts, &text);
		add_body(r, buf_str(&gzip), &text);
		rec = record_new();
		record_addf(rec, "id", "%s", r->id);
		record_addf(rec, "mail-from", "<%s>", r->contact);
		for (size_t i = 0; rcpts[i]; i++)
			record_addf(rec, "rcpt-to", "<%s>", rcpts[i]);
		record_set_body(rec, blob_take(&text));
	}
	buf_release(&gzip);
	buf_release(&text);
	free(plain);
	json_decref(json);
	return rec;
}
