#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "bare.h"
#include "cidr.h"
#include "clock.h"
#include "io.h"
#include "log.h"
#include "message.h"
#include "stream.h"
#include "ulid.h"

static int
read_operand(const char *path, struct buf *b)
{
	int rc = strcmp(path, "-") == 0 ? io_read_all(STDIN_FILENO, b, STREAM_MAX_BODY)
					: io_read_file(path, b, STREAM_MAX_BODY);
	if (rc < 0)
		log_error("cannot read %s: %s", path, strerror(errno));
	return rc;
}

static void
drop_mbox_line(struct buf *b)
{
	const char *lf;
	if (str_starts(buf_str(b), STR("From ")) && (lf = memchr(b->p, '\n', b->n)))
		buf_consume(b, (size_t)(lf - b->p) + 1);
}

static bool
has_crlf(struct str s)
{
	for (const char *lf = s.p; s.n && (lf = memchr(lf, '\n', s.n - (size_t)(lf - s.p)));
		lf++)
		if (lf > s.p && lf[-1] == '\r')
			return true;
	return false;
}

static void
unix_to_wire(struct buf *b)
{
	struct buf wire = {0};
	buf_reserve(&wire, b->n + b->n / 32 + 2);
	for (struct str rest = buf_str(b); rest.n;) {
		const char *lf = memchr(rest.p, '\n', rest.n);
		size_t n = lf ? (size_t)(lf - rest.p) : rest.n;
		buf_add(&wire, rest.p, n);
		buf_add(&wire, "\r\n", 2);
		rest = str_skip(rest, n + 1);
	}
	buf_release(b);
	*b = wire;
}

/* A record with a longer head than STREAM_MAX_HEAD is one that nobody reads: the rest is
 * for the fields that are added later. */
#define HEAD_MAX (STREAM_MAX_HEAD / 2)

struct adding {
	struct record *rec;
	const char *field;
	bool only_first;
};

static bool
add_path(void *arg, struct str addr_spec)
{
	struct adding *a = arg;
	struct path p;
	if (address_parse(addr_spec, &p) == 0)
		record_addf(a->rec, a->field, "<%.*s>", STR_ARG(addr_spec));
	return a->rec->head.n < HEAD_MAX && !(a->only_first && record_has(a->rec, a->field));
}

static void
add_from_header(struct record *r, const char *field, const struct message *m, const char *name,
	bool only_first)
{
	struct adding a = {r, field, only_first};
	const struct header_field *h;
	for (size_t at = 0; message_next(m, name, &at, &h);)
		if (!only_first || !record_has(r, field))
			address_list_each(h->value, add_path, &a);
}

static bool
returns_to_nobody(const struct message *m)
{
	const struct header_field *h = message_field(m, "Return-Path");
	return h && str_eq(str_trim(h->value), STR("<>"));
}

void
bare_complete(struct record *r)
{
	struct message m = {0};
	char id[ULID_SIZE], now[CLOCK_RFC3339_SIZE];
	message_parse(&m, str_n(r->body->p, r->body->n));
	if (!record_has(r, "id"))
		record_add(r, "id", str_of(ulid_new(clock_now_ms(), id)));
	if (!record_has(r, "received"))
		record_add(r, "received", str_of(clock_rfc3339(clock_now_ms(), now)));
	static const char *const senders[] = {"Return-Path", "From"};
	if (!record_has(r, "mail-from") && returns_to_nobody(&m))
		record_add(r, "mail-from", STR("<>"));
	for (size_t i = 0; i < 2 && !record_has(r, "mail-from"); i++)
		add_from_header(r, "mail-from", &m, senders[i], true);
	if (!record_has(r, "mail-from"))
		record_add(r, "mail-from", STR("<>"));
	static const char *const recipients[][2] = {
		{"Delivered-To", "X-Original-To"}, {"To", "Cc"}};
	for (size_t i = 0; i < 2 && !record_has(r, "rcpt-to"); i++)
		for (size_t k = 0; k < 2; k++)
			add_from_header(r, "rcpt-to", &m, recipients[i][k], false);
	message_release(&m);
}

struct record *
bare_read(const char *path, const struct record *given)
{
	struct buf b = {0};
	if (read_operand(path, &b) < 0) {
		buf_release(&b);
		return NULL;
	}
	drop_mbox_line(&b);
	if (!has_crlf(buf_str(&b)))
		unix_to_wire(&b);
	if (b.n > STREAM_MAX_BODY) {
		log_error(
			"cannot read %s: expected at most %llu octets", path, STREAM_MAX_BODY);
		buf_release(&b);
		return NULL;
	}
	struct record *r = record_clone(given);
	record_set_body(r, blob_take(&b));
	bare_complete(r);
	return r;
}

static bool
is_address_field(const char *field)
{
	return strcmp(field, "mail-from") == 0 || strcmp(field, "rcpt-to") == 0;
}

static bool
add_address_option(struct record *given, const char *field, struct str value)
{
	struct path p;
	bool bracketed = value.n && value.p[0] == '<';
	if (value.n == 0 && strcmp(field, "mail-from") == 0)
		value = STR("<>"), bracketed = true;
	if ((bracketed ? path_parse(value, &p) : address_parse(value, &p)) < 0) {
		log_error("--%s: expected an address, not \"%.*s\"", field, STR_ARG(value));
		return false;
	}
	record_addf(given, field, bracketed ? "%.*s" : "<%.*s>", STR_ARG(value));
	return true;
}

static bool
value_fits(const char *field, struct str value)
{
	struct ip ip;
	if (strcmp(field, "client-ip") == 0 && ip_parse(value, &ip) < 0)
		log_error("--ip: expected an IP address, not \"%.*s\"", STR_ARG(value));
	else if (strcmp(field, "id") == 0 && !id_valid(value))
		log_error("id: expected 1 to 128 of A-Z a-z 0-9 . _ -, not \"%.*s\"",
			STR_ARG(value));
	else
		return true;
	return false;
}

bool
bare_option(struct record *given, const char *field, struct str value)
{
	if (is_address_field(field))
		return add_address_option(given, field, value);
	if (!value_fits(field, value))
		return false;
	struct str name = str_of(field);
	bool ok =
		name.n > 0 && name.n <= STREAM_MAX_NAME && name.p[0] >= 'a' && name.p[0] <= 'z';
	for (size_t i = 0; i < name.n; i++)
		ok = ok && strchr("abcdefghijklmnopqrstuvwxyz0123456789-", name.p[i]);
	if (!ok) {
		log_error("expected NAME=VALUE with a name of a-z 0-9 -, not \"%s\"", field);
		return false;
	}
	record_add(given, field, value);
	return true;
}
