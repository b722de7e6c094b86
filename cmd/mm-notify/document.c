#include <stdlib.h>

#include "address.h"
#include "base64.h"
#include "clock.h"
#include "document.h"
#include "json.h"
#include "mail_json.h"
#include "mem.h"
#include "mimetext.h"

static json_t *
attribute(const char *name, const char *kind, json_t *value)
{
	return json_pack("{s:s,s:{s:o}}", "name", name, "value", kind, value);
}

static void
add_text(json_t *list, const char *name, struct str text)
{
	if (text.n)
		json_array_append_new(list, attribute(name, "stringValue", text_json(text)));
}

static json_t *
recipients(const struct record *r)
{
	json_t *list = json_array();
	struct str value;
	struct path p;
	for (size_t at = 0; record_next(r, "rcpt-to", &at, &value);)
		json_array_append_new(
			list, text_json(path_parse(value, &p) < 0 ? value : p.address));
	return list;
}

static json_t *
attributes(const struct record *r, const struct mimetext *t)
{
	json_t *list = json_array();
	struct str received = record_get(r, "received");
	char when[CLOCK_RFC3339_SIZE];
	struct path p;
	if (received.n)
		json_array_append_new(
			list, attribute("_created_at", "dateValue", text_json(received)));
	if (t->date)
		json_array_append_new(list, attribute("date", "dateValue",
						    json_string(clock_rfc3339(t->date, when))));
	if (path_parse(record_get(r, "mail-from"), &p) == 0)
		add_text(list, "mail_from", p.address);
	add_text(list, "from", buf_str(&t->from));
	add_text(list, "to", buf_str(&t->to));
	add_text(list, "cc", buf_str(&t->cc));
	add_text(list, "message_id", buf_str(&t->message_id));
	json_array_append_new(list, attribute("recipients", "stringListValue", recipients(r)));
	return list;
}

/* What is searched: the lines that people read on top of a message, and its text. */
static json_t *
content(const struct mimetext *t)
{
	struct buf text = {0}, blob = {0};
	buf_addf(&text, "From: %.*s\nTo: %.*s\n", STR_ARG(buf_str(&t->from)),
		STR_ARG(buf_str(&t->to)));
	if (t->cc.n)
		buf_addf(&text, "Cc: %.*s\n", STR_ARG(buf_str(&t->cc)));
	buf_addf(&text, "Subject: %.*s\n\n", STR_ARG(buf_str(&t->subject)));
	buf_adds(&text, buf_str(&t->body));
	if (t->names.n)
		buf_addf(&text, "\nAttachments:\n%.*s", STR_ARG(buf_str(&t->names)));
	base64_encode(buf_str(&text), &blob);
	json_t *j = json_pack("{s:o}", "blob", json_stringn(blob.p, blob.n));
	buf_release(&text);
	buf_release(&blob);
	return j;
}

json_t *
document_json(const struct target *t, const struct record *r)
{
	struct mimetext text = {0};
	mimetext_extract(&text, str_n(r->body->p, r->body->n), DOCUMENT_MAX_TEXT);
	struct str subject = buf_str(&text.subject);
	json_t *document = json_pack("{s:o,s:o,s:s,s:o,s:o}", "id",
		text_json(record_get(r, "id")), "title",
		text_json(subject.n ? subject : STR("(no subject)")), "contentType",
		"PLAIN_TEXT", "content", content(&text), "attributes", attributes(r, &text));
	json_t *j = json_pack("{s:s,s:[o]}", "applicationId", t->arn, "documents", document);
	if (j && t->index)
		json_object_set_new(j, "indexId", json_string(t->index));
	mimetext_release(&text);
	return j;
}

char *
document_refused(struct str answer)
{
	json_t *j = json_loadb(answer.p ? answer.p : "", answer.n, 0, NULL);
	const json_t *failed = json_array_get(json_object_get(j, "failedDocuments"), 0);
	struct str why = json_str(json_object_get(failed, "error"), "errorMessage");
	char *text = !failed ? NULL
		     : why.p ? str_dup(str_n(why.p, why.n < 200 ? why.n : 200))
			     : xstrdup("the index gives no reason");
	json_decref(j);
	return text;
}
