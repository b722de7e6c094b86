#include <openssl/evp.h>
#include <stdlib.h>

#include "clock.h"
#include "document.h"
#include "log.h"
#include "mail_json.h"
#include "payload.h"

static json_t *
content_json(const struct record *r, bool base64)
{
	struct str s = str_n(r->body->p, r->body->n);
	struct buf text = {0};
	if (!base64)
		return text_json(s);
	buf_reserve(&text, (s.n + 2) / 3 * 4 + 1);
	text.n = (size_t)EVP_EncodeBlock(
		(unsigned char *)text.p, (const unsigned char *)s.p, (int)s.n);
	json_t *j = json_stringn(text.p, text.n);
	buf_release(&text);
	return j;
}

static json_t *
action_json(const struct target *t, const struct payload_options *o)
{
	switch (t->kind) {
	case TARGET_SNS:
		return json_pack("{s:s,s:s,s:s}", "type", "SNS", "topicArn", t->arn, "encoding",
			o->base64 ? "BASE64" : "UTF8");
	case TARGET_LAMBDA:
		return json_pack("{s:s,s:s}", "type", "Lambda", "functionArn", t->arn);
	default: /* an application is told nothing of it */
		return json_pack("{s:s,s:s}", "type", "Webhook", "url", t->arn);
	}
}

static json_t *
lambda_event(json_t *mail, json_t *receipt)
{
	return json_pack("{s:[{s:s,s:s,s:{s:o,s:o}}]}", "Records", "eventSource", "aws:ses",
		"eventVersion", "1.0", "ses", "mail", mail, "receipt", receipt);
}

static json_t *
notification(json_t *mail, json_t *receipt, json_t *content)
{
	json_t *j = json_pack("{s:s,s:o,s:o}", "notificationType", "Received", "mail", mail,
		"receipt", receipt);
	if (content)
		json_object_set_new(j, "content", content);
	return j;
}

/* SNS posts its own envelope around the text. */
static json_t *
sns_envelope(const struct target *t, const struct record *r, const char *text)
{
	char now[CLOCK_RFC3339_SIZE];
	json_t *j = json_pack("{s:s,s:o,s:s,s:s,s:s,s:s}", "Type", "Notification", "MessageId",
		text_json(record_get(r, "id")), "TopicArn", t->arn, "Subject",
		"Amazon SES Email Receipt Notification", "Message", text, "Timestamp",
		clock_rfc3339(clock_now_ms(), now));
	return j;
}

static json_t *
build(const struct target *t, const struct payload_options *o, const struct record *r,
	const struct message *m)
{
	bool content = o->content && t->kind != TARGET_LAMBDA;
	json_t *mail =
		mail_json(r, m, content ? PAYLOAD_HEADERS_WITH_CONTENT : PAYLOAD_HEADERS_ALONE);
	json_t *receipt = receipt_json(r, o->settings);
	json_object_set_new(receipt, "action", action_json(t, o));
	if (t->kind == TARGET_LAMBDA)
		return lambda_event(mail, receipt);
	json_t *j = notification(mail, receipt, content ? content_json(r, o->base64) : NULL);
	if (t->kind == TARGET_SNS) {
		char *text = json_dumps(j, JSON_COMPACT);
		json_decref(j);
		j = text ? sns_envelope(t, r, text) : NULL;
		free(text);
	}
	return j;
}

int
payload_build(const struct target *t, const struct payload_options *o, const struct record *r,
	struct buf *out)
{
	struct message m = {0};
	if (o->content && o->max_size && r->body->n > o->max_size)
		return -1;
	message_parse(&m, str_n(r->body->p, r->body->n));
	json_t *j = t->kind == TARGET_QBUSINESS ? document_json(t, r) : build(t, o, r, &m);
	message_release(&m);
	char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;
	json_decref(j);
	if (!text)
		log_die(75, "out of memory");
	size_t n = strlen(text);
	bool fits = !o->max_size || n <= o->max_size;
	if (fits)
		buf_add(out, text, n);
	free(text);
	return fits ? 0 : -1;
}
