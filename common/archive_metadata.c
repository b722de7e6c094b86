#include "address.h"
#include "archive_metadata.h"
#include "clock.h"
#include "message.h"
#include "mimetext_header.h"

/* The value is UTF-8 in every case here; what is absent is left out, as AWS does. */
static void
set(json_t *o, const char *name, struct str value)
{
	if (value.p)
		json_object_set_new(o, name, json_stringn(value.p, value.n));
}

struct decoded {
	const struct message *message;
	struct str charset; /* of raw octets in its header */
};

static void
set_header(json_t *o, const char *name, const struct decoded *d, const char *field)
{
	struct buf text = {0};
	const struct header_field *f = message_field(d->message, field);
	if (f) {
		mimetext_header(&text, f->value, d->charset);
		set(o, name, buf_str(&text));
	}
	buf_release(&text);
}

static json_t *
received_headers(const struct decoded *d)
{
	json_t *list = json_array();
	const struct header_field *f;
	struct buf text = {0};
	for (size_t at = 0; message_next(d->message, "Received", &at, &f);) {
		buf_reset(&text);
		mimetext_header(&text, f->value, d->charset);
		json_array_append_new(list, json_stringn(text.p ? text.p : "", text.n));
	}
	buf_release(&text);
	return list;
}

static struct str
address_of(struct str field)
{
	struct path path;
	return field.p && path_parse(field, &path) == 0 ? path.address : STR_NONE;
}

static json_t *
envelope(const struct record *r)
{
	json_t *o = json_object(), *to = json_array();
	struct str path;
	set(o, "Helo", record_get(r, "helo"));
	set(o, "From", address_of(record_get(r, "mail-from")));
	for (size_t at = 0; record_next(r, "rcpt-to", &at, &path);) {
		struct str address = address_of(path);
		if (address.p)
			json_array_append_new(to, json_stringn(address.p, address.n));
	}
	json_object_set_new(o, "To", to);
	return o;
}

static void
set_headers(json_t *o, const struct decoded *m, bool attachments)
{
	set_header(o, "Date", m, "Date");
	set_header(o, "To", m, "To");
	set_header(o, "From", m, "From");
	set_header(o, "Cc", m, "Cc");
	set_header(o, "Subject", m, "Subject");
	set_header(o, "MessageId", m, "Message-ID");
	json_object_set_new(o, "HasAttachments", json_boolean(attachments));
	json_object_set_new(o, "ReceivedHeaders", received_headers(m));
	set_header(o, "InReplyTo", m, "In-Reply-To");
	set_header(o, "XMailer", m, "X-Mailer");
	set_header(o, "XOriginalMailer", m, "X-Original-Mailer");
	set_header(o, "XPriority", m, "X-Priority");
}

json_t *
archive_metadata(const char *archive, const struct archive_row *row, const struct record *rec)
{
	char when[CLOCK_RFC3339_SIZE];
	struct message m = {0};
	struct buf charset = {0};
	json_t *o = json_object();
	message_parse(&m, str_n(rec->body->p, rec->body->n));
	mimetext_charset(&charset, &m);
	set(o, "ArchivedMessageId", row->id);
	set(o, "ReceivedTimestamp", str_of(clock_rfc3339(row->received, when)));
	set_headers(o, &(struct decoded){&m, buf_str(&charset)}, row->attachments > 0);
	set(o, "IngressPointId", record_get(rec, "ingress"));
	set(o, "SenderHostname", record_get(rec, "client-name"));
	set(o, "SenderIpAddress", record_get(rec, "client-ip"));
	json_object_set_new(o, "Envelope", envelope(rec));
	set(o, "Archive", str_of(archive));
	json_object_set_new(o, "Size", json_integer((json_int_t)row->size));
	buf_release(&charset);
	message_release(&m);
	return o;
}
