#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "clock.h"
#include "facts.h"
#include "facts_parts.h"
#include "header_text.h"
#include "mem.h"
#include "num.h"

struct slot {
	bool ready;
	size_t first, n; /* in values */
};

struct facts_cache {
	struct arena arena;
	struct value *values;
	size_t nvalues, cap_values, limit; /* limit: for the attribute that is being read */
	struct slot *slots;
	size_t nslots;
	struct value recipient;
	struct ip ip;
	bool ip_ready, ip_known;
	int tls_version; /* -1: not looked at */
	struct facts_parts parts;
	int64_t begun_ms;
};

enum source {
	FROM_RECIPIENT,
	FROM_FIELD,
	FROM_WORD, /* the field's first word */
	FROM_PATH,
	FROM_HEADER,
	FROM_ADDRESSES,
	FROM_PARTS,
};

static const struct {
	enum source source;
	const char *name;
} sources[FACT_COUNT] = {
	[FACT_RECIPIENT] = {FROM_RECIPIENT, NULL},
	[FACT_MAIL_FROM] = {FROM_PATH, "mail-from"},
	[FACT_HELO] = {FROM_FIELD, "helo"},
	[FACT_SUBJECT] = {FROM_HEADER, "Subject"},
	[FACT_SENDER] = {FROM_ADDRESSES, "Sender"},
	[FACT_FROM] = {FROM_ADDRESSES, "From"},
	[FACT_TO] = {FROM_ADDRESSES, "To"},
	[FACT_CC] = {FROM_ADDRESSES, "Cc"},
	[FACT_SENDER_TEXT] = {FROM_HEADER, "Sender"},
	[FACT_FROM_TEXT] = {FROM_HEADER, "From"},
	[FACT_TO_TEXT] = {FROM_HEADER, "To"},
	[FACT_CC_TEXT] = {FROM_HEADER, "Cc"},
	[FACT_CERT_CN] = {FROM_FIELD, "cert-cn"},
	[FACT_CERT_EMAIL] = {FROM_FIELD, "cert-san-email"},
	[FACT_CERT_DNS] = {FROM_FIELD, "cert-san-dns"},
	[FACT_CERT_DIR] = {FROM_FIELD, "cert-san-dir"},
	[FACT_CERT_URI] = {FROM_FIELD, "cert-san-uri"},
	[FACT_CERT_IP] = {FROM_FIELD, "cert-san-ip"},
	[FACT_CERT_RID] = {FROM_FIELD, "cert-san-rid"},
	[FACT_CERT_SERIAL] = {FROM_FIELD, "cert-serial"},
	[FACT_BODY] = {FROM_PARTS, NULL},
	[FACT_ATTACHMENT_NAME] = {FROM_PARTS, NULL},
	[FACT_ATTACHMENT_TYPE] = {FROM_PARTS, NULL},
	[FACT_DMARC_RESULT] = {FROM_WORD, "dmarc"},
	[FACT_ARC_RESULT] = {FROM_WORD, "arc"},
	[FACT_AUTH_USER] = {FROM_FIELD, "auth-user"},
	[FACT_INGRESS] = {FROM_FIELD, "ingress"},
};

static void
forget(struct facts_cache *c)
{
	for (size_t i = 0; i < c->nslots; i++)
		c->slots[i].ready = false;
	c->nvalues = 0;
}

void
facts_begin(struct facts *f, const struct record *rec, const struct message *msg)
{
	f->rec = rec;
	f->msg = msg;
	if (!f->cache)
		f->cache = xcalloc(1, sizeof(*f->cache));
	forget(f->cache);
	arena_reset(&f->cache->arena);
	f->cache->recipient = (struct value){0};
	f->cache->ip_ready = false;
	f->cache->tls_version = -1;
	f->cache->parts.ready = false;
	f->cache->begun_ms = 0;
}

void
facts_release(struct facts *f)
{
	if (f->cache) {
		arena_release(&f->cache->arena);
		facts_parts_release(&f->cache->parts);
		free(f->cache->values);
		free(f->cache->slots);
		free(f->cache);
	}
	*f = (struct facts){0};
}

static bool
has_upper(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return true;
	return false;
}

static struct value
make_value(struct facts_cache *c, struct str text)
{
	if (!has_upper(text))
		return (struct value){text, text};
	char *p = arena_alloc(&c->arena, text.n);
	for (size_t i = 0; i < text.n; i++)
		p[i] = ascii_lower(text.p[i]);
	return (struct value){text, str_n(p, text.n)};
}

static bool
add_value(struct facts_cache *c, struct str text)
{
	if (c->nvalues >= c->limit)
		return false;
	c->values = xgrow(c->values, &c->cap_values, c->nvalues + 1, sizeof(*c->values));
	c->values[c->nvalues++] = make_value(c, text);
	return true;
}

/* The address of a path; of what is none, whatever stands there. */
static struct str
path_address(struct str value)
{
	struct path path;
	if (path_parse(value, &path) == 0)
		return path.address;
	if (value.n > 1 && value.p[0] == '<' && value.p[value.n - 1] == '>')
		return str_n(value.p + 1, value.n - 2);
	return value;
}

void
facts_set_recipient(struct facts *f, struct str rcpt_to)
{
	f->cache->recipient = make_value(f->cache, path_address(rcpt_to));
}

static bool
add_address(void *arg, struct str spec)
{
	struct facts_cache *c = arg;
	char *p = arena_alloc(&c->arena, spec.n);
	memcpy(p, spec.p, spec.n);
	return add_value(c, str_n(p, spec.n));
}

static void
read_headers(struct facts *f, const char *name, bool addresses)
{
	const struct header_field *field;
	size_t at = 0;
	while (f->msg && message_next(f->msg, name, &at, &field)) {
		if (addresses)
			address_list_each(field->value, add_address, f->cache);
		else
			add_value(f->cache, header_text(&f->cache->arena, field->value));
	}
}

static void
read_fields(struct facts *f, const char *name, enum source source)
{
	struct str value;
	size_t at = 0;
	while (record_next(f->rec, name, &at, &value))
		add_value(f->cache, source == FROM_PATH   ? path_address(value)
				    : source == FROM_WORD ? str_word(&value)
							  : value);
}

static void
read_parts(struct facts *f, size_t id)
{
	const struct mimetext *parts = facts_parts(&f->cache->parts, f->msg);
	if (!parts)
		return;
	if (id == FACT_BODY) {
		add_value(f->cache, buf_str(&parts->body));
		return;
	}
	struct str lines = buf_str(id == FACT_ATTACHMENT_NAME ? &parts->names : &parts->types);
	while (lines.n)
		add_value(f->cache, str_cut(&lines, '\n'));
}

static void
read_values(struct facts *f, size_t id, const char *header)
{
	if (id >= FACT_COUNT) {
		read_headers(f, header, false);
		return;
	}
	enum source source = sources[id].source;
	if (source == FROM_PARTS)
		read_parts(f, id);
	else if (source == FROM_FIELD || source == FROM_PATH || source == FROM_WORD)
		read_fields(f, sources[id].name, source);
	else
		read_headers(f, sources[id].name, source == FROM_ADDRESSES);
}

static struct slot *
slot_of(struct facts_cache *c, size_t id)
{
	if (id >= c->nslots) {
		size_t n = id + 16;
		c->slots = xrealloc(c->slots, n * sizeof(*c->slots));
		memset(c->slots + c->nslots, 0, (n - c->nslots) * sizeof(*c->slots));
		c->nslots = n;
	}
	return &c->slots[id];
}

struct values
facts_texts(struct facts *f, size_t id, const char *header)
{
	struct facts_cache *c = f->cache;
	if (id == FACT_RECIPIENT)
		return (struct values){&c->recipient, c->recipient.text.p != NULL};
	struct slot *s = slot_of(c, id);
	if (!s->ready) {
		s->first = c->nvalues;
		c->limit = c->nvalues + FACTS_MAX_VALUES;
		read_values(f, id, header);
		s->n = c->nvalues - s->first;
		s->ready = true;
	}
	return (struct values){s->n ? c->values + s->first : NULL, s->n};
}

const struct ip *
facts_client_ip(struct facts *f)
{
	struct facts_cache *c = f->cache;
	if (!c->ip_ready) {
		c->ip_known = ip_parse(record_get(f->rec, "client-ip"), &c->ip) == 0;
		c->ip_ready = true;
	}
	return c->ip_known ? &c->ip : NULL;
}

static int
tls_version(struct str tls)
{
	if (str_ieq(tls, STR("TLSv1.3")))
		return 13;
	if (str_ieq(tls, STR("TLSv1.2")))
		return 12;
	if (str_ieq(tls, STR("TLSv1.1")))
		return 11;
	return tls.n ? 10 : 0;
}

int
facts_tls_version(const struct facts *f)
{
	if (f->cache->tls_version < 0)
		f->cache->tls_version = tls_version(record_get(f->rec, "tls"));
	return f->cache->tls_version;
}

bool
facts_tls_wrapped(const struct facts *f)
{
	return str_ieq(record_get(f->rec, "tls-wrapped"), STR("yes"));
}

bool
facts_receipt_requested(const struct facts *f)
{
	const struct header_field *field =
		f->msg ? message_field(f->msg, "Disposition-Notification-To") : NULL;
	return field && str_trim(field->value).n > 0;
}

bool
facts_size(const struct facts *f, uint64_t *size)
{
	struct path path;
	if (f->msg) {
		*size = f->msg->octets.n;
		return true;
	}
	if (f->rec->body->n > 0) {
		*size = f->rec->body->n;
		return true;
	}
	return path_parse(record_get(f->rec, "mail-from"), &path) == 0 &&
	       num_u64(path_param(&path, "SIZE"), 0, UINT64_MAX, size) == 0;
}

unsigned
facts_attachments(struct facts *f)
{
	const struct mimetext *parts = facts_parts(&f->cache->parts, f->msg);
	return parts ? parts->attachments : 0;
}

bool
facts_attachment_size(struct facts *f, uint64_t *size)
{
	const struct mimetext *parts = facts_parts(&f->cache->parts, f->msg);
	*size = parts ? parts->largest : 0;
	return parts && parts->attachments > 0;
}

int64_t
facts_time(const struct facts *f)
{
	int64_t ms;
	if (clock_parse_rfc3339(record_get(f->rec, "received"), &ms) == 0)
		return ms;
	if (!f->cache->begun_ms)
		f->cache->begun_ms = clock_now_ms();
	return f->cache->begun_ms;
}
