#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "clock.h"
#include "envelope.h"

const char *
envelope_protocol(const struct session *s)
{
	static const char *const words[2][2][4] = {
		{{"ESMTP", "ESMTPS", "ESMTPA", "ESMTPSA"},
			{"UTF8SMTP", "UTF8SMTPS", "UTF8SMTPA", "UTF8SMTPSA"}},
		{{"LMTP", "LMTPS", "LMTPA", "LMTPSA"},
			{"UTF8LMTP", "UTF8LMTPS", "UTF8LMTPA", "UTF8LMTPSA"}},
	};
	if (!s->esmtp)
		return "SMTP";
	return words[s->cfg->lmtp][s->tx.utf8][(s->tls ? 1 : 0) + (s->auth_user ? 2 : 0)];
}

static void
add(struct record *r, const char *name, const char *value)
{
	if (value && *value)
		record_add(r, name, str_of(value));
}

static void
add_endpoint(struct record *r, const char *ip, const char *port, const struct endpoint *e)
{
	add(r, ip, e->text);
	if (e->port)
		record_addf(r, port, "%d", e->port);
}

static void
add_field(struct record *r, struct str name, struct str value)
{
	char *copy = str_dup(name);
	record_add(r, copy, value);
	free(copy);
}

struct record *
envelope_record(const struct session *s)
{
	struct record *r = record_new();
	char time[CLOCK_RFC3339_SIZE];
	add(r, "id", s->tx.id);
	add(r, "session", s->id);
	add(r, "received", clock_rfc3339(s->tx.received_ms, time));
	add(r, "ingress", s->cfg->ingress.name);
	add_endpoint(r, "client-ip", "client-port", &s->peer->client);
	add(r, "client-name", s->peer->client_name);
	add_endpoint(r, "server-ip", "server-port", &s->peer->server);
	add(r, "helo", s->helo);
	add(r, "protocol", envelope_protocol(s));
	add(r, "tls", s->tls);
	add(r, "tls-cipher", s->tls_cipher);
	add(r, "tls-wrapped", s->tls_wrapped ? "yes" : NULL);
	for (size_t i = 0; s->cert && i < s->cert->nfields; i++)
		add_field(r, record_name_at(s->cert, i), record_value_at(s->cert, i));
	add(r, "auth-user", s->auth_user);
	add(r, "auth-method", s->auth_method);
	add(r, "mail-from", s->tx.mail_from);
	return r;
}

/* A client may call itself anything; a header field takes only what a domain or
 * an address literal is made of. */
static void
add_helo(struct buf *out, const char *helo)
{
	for (const char *p = helo; *p; p++) {
		bool fine = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			    (*p >= '0' && *p <= '9') || strchr(".-_:[]", *p);
		buf_addc(out, fine ? *p : '?');
	}
}

static void
add_tcp_info(struct buf *out, const struct peer *p)
{
	const char *ip = p->client.text, *name = p->client_name;
	if (*ip)
		buf_addf(out, " (%s%s[%s%s])", name, *name ? " " : "",
			strchr(ip, ':') ? "IPv6:" : "", ip);
}

static bool
only_recipient(const struct transaction *t, struct path *out)
{
	for (size_t i = 0; t->taken == 1 && i < t->nrcpts; i++)
		if (t->rcpts[i].state == RCPT_TAKEN)
			return path_parse(str_of(t->rcpts[i].path), out) == 0;
	return false;
}

void
envelope_received(const struct session *s, struct buf *out)
{
	char time[CLOCK_RFC5322_SIZE];
	struct path rcpt;
	bool only = only_recipient(&s->tx, &rcpt);
	buf_addstr(out, "Received: from ");
	add_helo(out, s->helo);
	add_tcp_info(out, s->peer);
	buf_addf(out, "\r\n\tby %s (mm-smtpd) with %s id %s", s->cfg->hostname,
		envelope_protocol(s), s->tx.id);
	if (s->tls)
		buf_addf(out, "\r\n\t(using %s with cipher %s)", s->tls, s->tls_cipher);
	if (only)
		buf_addf(out, "\r\n\tfor <%.*s>", STR_ARG(rcpt.address));
	buf_addf(out, ";\r\n\t%s\r\n", clock_rfc5322(s->tx.received_ms, time));
}
