#include "address.h"
#include "cidr.h"
#include "delegation.h"
#include "num.h"

static const char *const names[DELEGATION_COUNT] = {
	[DELEGATION_REQUEST] = "request",
	[DELEGATION_INSTANCE] = "instance",
	[DELEGATION_CLIENT_ADDRESS] = "client_address",
	[DELEGATION_CLIENT_PORT] = "client_port",
	[DELEGATION_CLIENT_NAME] = "client_name",
	[DELEGATION_SERVER_ADDRESS] = "server_address",
	[DELEGATION_SERVER_PORT] = "server_port",
	[DELEGATION_HELO_NAME] = "helo_name",
	[DELEGATION_PROTOCOL_NAME] = "protocol_name",
	[DELEGATION_ENCRYPTION_PROTOCOL] = "encryption_protocol",
	[DELEGATION_ENCRYPTION_CIPHER] = "encryption_cipher",
	[DELEGATION_SASL_USERNAME] = "sasl_username",
	[DELEGATION_SASL_METHOD] = "sasl_method",
	[DELEGATION_CCERT_SUBJECT] = "ccert_subject",
	[DELEGATION_SENDER] = "sender",
	[DELEGATION_SIZE] = "size",
	[DELEGATION_RECIPIENT] = "recipient",
};

static enum delegation_state
broken(struct delegation *d, const char *why)
{
	d->error = why;
	return DELEGATION_BROKEN;
}

/* Of an attribute that comes twice the last counts. */
static void
keep(struct delegation *d, struct str name, struct str value)
{
	for (size_t i = 0; i < DELEGATION_COUNT; i++) {
		if (!str_eq(name, str_of(names[i])))
			continue;
		buf_reset(&d->values[i]);
		buf_adds(&d->values[i], value);
	}
}

static enum delegation_state
take_line(struct delegation *d)
{
	struct str value = buf_str(&d->line), name = str_cut(&value, '=');
	if (d->line.n == 0)
		return str_eq(buf_str(&d->values[DELEGATION_REQUEST]),
			       STR("smtpd_access_policy"))
			       ? DELEGATION_WHOLE
			       : broken(d, "expected request=smtpd_access_policy");
	if (!value.p || name.n == 0)
		return broken(d, "expected lines name=value");
	if (memchr(d->line.p, '\0', d->line.n))
		return broken(d, "expected lines without NUL");
	if (++d->attributes > DELEGATION_MAX_ATTRIBUTES)
		return broken(d, "expected 100 attributes at most");
	keep(d, name, value);
	buf_reset(&d->line);
	return DELEGATION_MORE;
}

enum delegation_state
delegation_feed(struct delegation *d, struct str *input)
{
	enum delegation_state state = DELEGATION_MORE;
	while (input->n && state == DELEGATION_MORE) {
		const char *end = memchr(input->p, '\n', input->n);
		size_t n = end ? (size_t)(end - input->p) : input->n;
		if (n > DELEGATION_MAX_LINE - d->line.n)
			return broken(d, "expected lines of 8192 octets at most");
		buf_add(&d->line, input->p, n);
		*input = str_skip(*input, end ? n + 1 : n);
		if (end)
			state = take_line(d);
	}
	return state;
}

bool
delegation_begun(const struct delegation *d)
{
	return d->line.n || d->attributes;
}

static struct str
value(const struct delegation *d, enum delegation_attribute a)
{
	return buf_str(&d->values[a]);
}

static void
add(struct record *r, const char *field, struct str text)
{
	if (text.n && !str_eq(text, STR("unknown")))
		record_add(r, field, text);
}

static void
add_ip(struct record *r, const char *field, struct str text)
{
	struct ip ip;
	if (ip_parse(text, &ip) == 0)
		record_add(r, field, text);
}

static bool
is_id(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = ascii_lower(s.p[i]);
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '.' &&
			c != '_' && c != '-')
			return false;
	}
	return s.n >= 1 && s.n <= 128 && s.p[0] != '.';
}

/* Postfix gives addresses without the quotes that RFC 5321 wants around some
 * local parts. */
static void
add_quoted(struct buf *out, struct str address)
{
	size_t at = address.n;
	while (at > 0 && address.p[at - 1] != '@')
		at--;
	size_t local = at ? at - 1 : address.n;
	buf_addc(out, '"');
	for (size_t i = 0; i < local; i++) {
		if (address.p[i] == '"' || address.p[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, address.p[i]);
	}
	buf_addc(out, '"');
	buf_adds(out, str_skip(address, local));
}

static void
add_path(struct record *r, const char *field, struct str address, uint64_t size)
{
	struct buf path = {0};
	struct path parsed;
	buf_addf(&path, "<%.*s>", STR_ARG(address));
	if (path_parse(buf_str(&path), &parsed) < 0) {
		buf_reset(&path);
		buf_addc(&path, '<');
		add_quoted(&path, address);
		buf_addc(&path, '>');
	}
	if (size)
		buf_addf(&path, " SIZE=%llu", (unsigned long long)size);
	record_add(r, field, buf_str(&path));
	buf_release(&path);
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Names of certificates are xtext (RFC 3461 section 4). */
static void
add_xtext(struct record *r, const char *field, struct str text)
{
	struct buf out = {0};
	for (size_t i = 0; i < text.n; i++) {
		int high = i + 2 < text.n ? hex_digit(text.p[i + 1]) : -1,
		    low = i + 2 < text.n ? hex_digit(text.p[i + 2]) : -1;
		if (text.p[i] == '+' && high >= 0 && low >= 0) {
			buf_addc(&out, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_addc(&out, text.p[i]);
		}
	}
	add(r, field, buf_str(&out));
	buf_release(&out);
}

static void
add_envelope(struct record *r, const struct delegation *d)
{
	struct str rcpt = value(d, DELEGATION_RECIPIENT);
	uint64_t size = 0;
	(void)num_u64(value(d, DELEGATION_SIZE), 0, UINT64_MAX, &size);
	add_path(r, "mail-from", value(d, DELEGATION_SENDER), size);
	if (rcpt.n)
		add_path(r, "rcpt-to", rcpt, 0);
}

static void
forget(struct delegation *d)
{
	for (size_t i = 0; i < DELEGATION_COUNT; i++)
		buf_reset(&d->values[i]);
	buf_reset(&d->line);
	d->attributes = 0;
}

struct record *
delegation_take(struct delegation *d)
{
	static const struct {
		const char *field;
		enum delegation_attribute attribute;
	} plain[] = {
		{"client-port", DELEGATION_CLIENT_PORT},
		{"client-name", DELEGATION_CLIENT_NAME},
		{"server-port", DELEGATION_SERVER_PORT},
		{"helo", DELEGATION_HELO_NAME},
		{"protocol", DELEGATION_PROTOCOL_NAME},
		{"tls", DELEGATION_ENCRYPTION_PROTOCOL},
		{"tls-cipher", DELEGATION_ENCRYPTION_CIPHER},
		{"auth-user", DELEGATION_SASL_USERNAME},
		{"auth-method", DELEGATION_SASL_METHOD},
	};
	struct record *r = record_new();
	if (is_id(value(d, DELEGATION_INSTANCE)))
		record_add(r, "id", value(d, DELEGATION_INSTANCE));
	add_ip(r, "client-ip", value(d, DELEGATION_CLIENT_ADDRESS));
	add_ip(r, "server-ip", value(d, DELEGATION_SERVER_ADDRESS));
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		add(r, plain[i].field, value(d, plain[i].attribute));
	add_xtext(r, "cert-cn", value(d, DELEGATION_CCERT_SUBJECT));
	add_envelope(r, d);
	forget(d);
	return r;
}

void
delegation_release(struct delegation *d)
{
	for (size_t i = 0; i < DELEGATION_COUNT; i++)
		buf_release(&d->values[i]);
	buf_release(&d->line);
}
