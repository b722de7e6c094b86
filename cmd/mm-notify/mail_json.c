#include "address.h"
#include "arena.h"
#include "clock.h"
#include "condition_impl.h"
#include "header_text.h"
#include "mail_json.h"
#include "utf8.h"

json_t *
text_json(struct str s)
{
	struct buf clean = {0};
	if (utf8_valid(s))
		return json_stringn(s.p ? s.p : "", s.n);
	while (s.n) {
		size_t n = utf8_length(s);
		if (n)
			buf_add(&clean, s.p, n);
		else
			buf_addstr(&clean, "\xef\xbf\xbd");
		s = str_skip(s, n ? n : 1);
	}
	json_t *j = json_stringn(clean.p, clean.n);
	buf_release(&clean);
	return j;
}

static struct str
bare_address(struct str field)
{
	struct path p;
	return path_parse(field, &p) == 0 ? p.address : field;
}

static json_t *
recipients(const struct record *r)
{
	json_t *list = json_array();
	struct str v;
	for (size_t at = 0; record_next(r, "rcpt-to", &at, &v);)
		json_array_append_new(list, text_json(bare_address(v)));
	return list;
}

/* "name" and "value" of every field, up to max octets of header. */
static json_t *
headers(const struct message *m, struct arena *a, size_t max, bool *truncated)
{
	json_t *list = json_array();
	size_t total = 0;
	for (size_t i = 0; i < m->nfields; i++) {
		const struct header_field *f = &m->fields[i];
		total += f->whole.n;
		if (total > max) {
			*truncated = true;
			break;
		}
		struct str value = str_trim(header_unfolded(a, f->value));
		json_array_append_new(list, json_pack("{s:o,s:o}", "name", text_json(f->name),
						    "value", text_json(value)));
	}
	return list;
}

/* Where a comma separates two addresses: outside quotes, comments and brackets. */
static size_t
first_item(struct str s)
{
	int comment = 0;
	bool quoted = false, angle = false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '\\' && (quoted || comment))
			i++;
		else if (c == '"' && !comment)
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (c == '(')
			comment++;
		else if (c == ')' && comment)
			comment--;
		else if (c == '<' || c == '>')
			angle = c == '<';
		else if (c == ',' && !comment && !angle)
			return i;
	}
	return s.n;
}

static void
set_addresses(json_t *into, const char *key, const struct message *m, const char *name,
	struct arena *a)
{
	const struct header_field *f = message_field(m, name);
	if (!f)
		return;
	json_t *list = json_array();
	for (struct str rest = header_unfolded(a, f->value); rest.n;) {
		size_t n = first_item(rest);
		struct str item = str_trim(header_text(a, str_n(rest.p, n)));
		if (item.n)
			json_array_append_new(list, text_json(item));
		rest = str_skip(rest, n + 1);
	}
	json_object_set_new(into, key, list);
}

static void
set_text(json_t *into, const char *key, const struct message *m, const char *name,
	struct arena *a)
{
	const struct header_field *f = message_field(m, name);
	if (f)
		json_object_set_new(into, key, text_json(str_trim(header_text(a, f->value))));
}

static json_t *
common_headers(const struct record *r, const struct message *m, struct arena *a)
{
	json_t *j = json_object();
	json_object_set_new(
		j, "returnPath", text_json(bare_address(record_get(r, "mail-from"))));
	set_addresses(j, "from", m, "From", a);
	set_text(j, "date", m, "Date", a);
	set_addresses(j, "to", m, "To", a);
	set_addresses(j, "cc", m, "Cc", a);
	set_addresses(j, "sender", m, "Sender", a);
	set_addresses(j, "replyTo", m, "Reply-To", a);
	set_text(j, "messageId", m, "Message-ID", a);
	set_text(j, "subject", m, "Subject", a);
	return j;
}

json_t *
mail_json(const struct record *r, const struct message *m, size_t max_headers)
{
	struct arena a = {0};
	bool truncated = false;
	json_t *list = headers(m, &a, max_headers, &truncated);
	json_t *j = json_pack("{s:o,s:o,s:o,s:o,s:b,s:o,s:o}", "timestamp",
		text_json(record_get(r, "received")), "source",
		text_json(bare_address(record_get(r, "mail-from"))), "messageId",
		text_json(record_get(r, "id")), "destination", recipients(r),
		"headersTruncated", truncated, "headers", list, "commonHeaders",
		common_headers(r, m, &a));
	arena_release(&a);
	return j;
}

static json_t *
verdict(const char *status)
{
	return json_pack("{s:s}", "status", status);
}

static const char *
dmarc_verdict(const struct record *r)
{
	struct str value = record_get(r, "dmarc"), word = str_word(&value);
	if (str_eq(word, STR("pass")))
		return "PASS";
	if (str_eq(word, STR("fail")))
		return dmarc_policy_of(r) > 0 ? "FAIL" : "GRAY";
	return str_eq(word, STR("none")) ? "GRAY" : "PROCESSING_FAILED";
}

static int64_t
processing_ms(const struct record *r)
{
	int64_t received;
	if (clock_parse_rfc3339(record_get(r, "received"), &received) < 0)
		return 0;
	int64_t ms = clock_now_ms() - received;
	return ms > 0 ? ms : 0;
}

/* What nothing has looked at is DISABLED, as with SES. */
json_t *
receipt_json(const struct record *r, const struct match_settings *settings)
{
	static const char *const policies[] = {"none", "quarantine", "reject"};
	struct str why;
	const char *spf = record_has(r, "spf") ? verdict_word(verdict_of_spf(r, settings, &why))
					       : "DISABLED";
	const char *dkim =
		record_has(r, "dkim") ? verdict_word(verdict_of_dkim(r, &why)) : "DISABLED";
	const char *dmarc = record_has(r, "dmarc") ? dmarc_verdict(r) : "DISABLED";
	json_t *j = json_pack("{s:o,s:I,s:o,s:o,s:o,s:o,s:o,s:o}", "timestamp",
		text_json(record_get(r, "received")), "processingTimeMillis",
		(json_int_t)processing_ms(r), "recipients", recipients(r), "spamVerdict",
		verdict("DISABLED"), "virusVerdict", verdict("DISABLED"), "spfVerdict",
		verdict(spf), "dkimVerdict", verdict(dkim), "dmarcVerdict", verdict(dmarc));
	int policy = dmarc_policy_of(r);
	if (policy >= 0)
		json_object_set_new(j, "dmarcPolicy", json_string(policies[policy]));
	return j;
}
