#include <inttypes.h>
#include <stdio.h>

#include "dmarc_record.h"
#include "dmarc_xml.h"
#include "tags.h"
#include "utf8_put.h"

/* Text that others wrote: UTF-8 without what XML 1.0 does not allow. */
static void
add_escaped(struct buf *out, struct str s)
{
	struct buf utf8 = {0};
	utf8_repair(&utf8, s);
	for (size_t i = 0; i < utf8.n; i++) {
		char c = utf8.p[i];
		if (c == '&')
			buf_addstr(out, "&amp;");
		else if (c == '<')
			buf_addstr(out, "&lt;");
		else if (c == '>')
			buf_addstr(out, "&gt;");
		else if (str_starts(str_skip(buf_str(&utf8), i), STR("\xef\xbf\xbe")) ||
			 str_starts(str_skip(buf_str(&utf8), i), STR("\xef\xbf\xbf")))
			i += 2; /* U+FFFE and U+FFFF */
		else
			buf_addc(out,
				((unsigned char)c < ' ' && c != '\n') || c == 0x7f ? '?' : c);
	}
	buf_release(&utf8);
}

static void
element(struct buf *out, int depth, const char *name, struct str text)
{
	buf_addf(out, "%*s<%s>", 2 * depth, "", name);
	add_escaped(out, text);
	buf_addf(out, "</%s>\n", name);
}

static void
number(struct buf *out, int depth, const char *name, int64_t n)
{
	char text[32];
	(void)snprintf(text, sizeof(text), "%" PRId64, n);
	element(out, depth, name, str_of(text));
}

static void
tag(struct buf *out, int depth, const char *name)
{
	buf_addf(out, "%*s<%s>\n", 2 * depth, "", name);
}

static void
add_policy(struct buf *out, const struct dmarc_xml_head *h)
{
	struct dmarc_record r;
	struct tags t;
	struct str fo = STR_NONE;
	if (dmarc_record_parse(&r, str_of(h->record)) < 0)
		r = (struct dmarc_record){.p = DMARC_NONE};
	else if (tags_parse_loosely(&t, str_of(h->record)) == 0)
		fo = tags_get(&t, "fo");
	tag(out, 1, "policy_published");
	element(out, 2, "domain", str_of(h->domain));
	element(out, 2, "p", str_of(dmarc_policy_word(r.p)));
	element(out, 2, "sp", str_of(dmarc_policy_word(r.sp ? r.sp : r.p)));
	if (r.np)
		element(out, 2, "np", str_of(dmarc_policy_word(r.np)));
	element(out, 2, "adkim", r.strict_dkim ? STR("s") : STR("r"));
	element(out, 2, "aspf", r.strict_spf ? STR("s") : STR("r"));
	element(out, 2, "testing", r.testing ? STR("y") : STR("n"));
	element(out, 2, "discovery_method", str_of(h->method));
	if (fo.n)
		element(out, 2, "fo", fo);
	tag(out, 1, "/policy_published");
}

void
dmarc_xml_begin(struct buf *out, const struct dmarc_xml_head *h)
{
	buf_addstr(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n");
	element(out, 1, "version", STR("1.0"));
	tag(out, 1, "report_metadata");
	element(out, 2, "org_name", str_of(h->organization));
	element(out, 2, "email", str_of(h->email));
	element(out, 2, "report_id", str_of(h->id));
	tag(out, 2, "date_range");
	number(out, 3, "begin", h->begin);
	number(out, 3, "end", h->end);
	tag(out, 2, "/date_range");
	element(out, 2, "generator", STR("mm-verdict"));
	tag(out, 1, "/report_metadata");
	add_policy(out, h);
}

static void
add_overrides(struct buf *out, const char *overrides)
{
	for (struct str rest = str_of(overrides); rest.n;) {
		struct str comment = str_cut(&rest, '\n'), type = str_word(&comment);
		if (!type.n)
			continue;
		tag(out, 4, "reason");
		element(out, 5, "type", type);
		if (str_trim(comment).n)
			element(out, 5, "comment", str_trim(comment));
		tag(out, 4, "/reason");
	}
}

static void
add_signatures(struct buf *out, const char *signatures)
{
	for (struct str rest = str_of(signatures); rest.n;) {
		struct str line = str_cut(&rest, '\n'), result = str_word(&line);
		struct str domain = str_word(&line), selector = str_word(&line);
		if (!selector.n)
			continue;
		tag(out, 3, "dkim");
		element(out, 4, "domain", domain);
		element(out, 4, "selector", selector);
		element(out, 4, "result", result);
		if (str_trim(line).n)
			element(out, 4, "human_result", str_trim(line));
		tag(out, 3, "/dkim");
	}
}

static void
add_spf(struct buf *out, const char *const text[DMARC_COLUMNS])
{
	if (!*text[DMARC_SPF_DOMAIN])
		return;
	tag(out, 3, "spf");
	element(out, 4, "domain", str_of(text[DMARC_SPF_DOMAIN]));
	element(out, 4, "scope", STR("mfrom"));
	element(out, 4, "result", str_of(text[DMARC_SPF_RESULT]));
	if (*text[DMARC_SPF_REASON])
		element(out, 4, "human_result", str_of(text[DMARC_SPF_REASON]));
	tag(out, 3, "/spf");
}

void
dmarc_xml_row(struct buf *out, const char *const text[DMARC_COLUMNS], int64_t count)
{
	tag(out, 1, "record");
	tag(out, 2, "row");
	element(out, 3, "source_ip", str_of(text[DMARC_SOURCE_IP]));
	number(out, 3, "count", count);
	tag(out, 3, "policy_evaluated");
	element(out, 4, "disposition", str_of(text[DMARC_DISPOSITION]));
	element(out, 4, "dkim", str_of(text[DMARC_DKIM_ALIGNED]));
	element(out, 4, "spf", str_of(text[DMARC_SPF_ALIGNED]));
	add_overrides(out, text[DMARC_OVERRIDES]);
	tag(out, 3, "/policy_evaluated");
	tag(out, 2, "/row");
	tag(out, 2, "identifiers");
	element(out, 3, "envelope_from", str_of(text[DMARC_ENVELOPE_FROM]));
	element(out, 3, "header_from", str_of(text[DMARC_HEADER_FROM]));
	tag(out, 2, "/identifiers");
	tag(out, 2, "auth_results");
	add_signatures(out, text[DMARC_SIGNATURES]);
	add_spf(out, text);
	tag(out, 2, "/auth_results");
	tag(out, 1, "/record");
}

void
dmarc_xml_end(struct buf *out)
{
	tag(out, 0, "/feedback");
}
