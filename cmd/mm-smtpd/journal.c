#include "journal.h"
#include "journal_json.h"
#include "log.h"
#include "metrics.h"
#include "tls.h"

static void
optional(struct logline *l, const char *key, const char *value)
{
	if (value && *value)
		log_cstr(l, key, value);
}

static void
connection_fields(struct logline *l, const struct session *s)
{
	log_cstr(l, "session", s->id);
	optional(l, "ingress", s->cfg->ingress.name);
	optional(l, "client-ip", s->peer->client.text);
	optional(l, "helo", s->helo);
	optional(l, "tls", s->tls);
	optional(l, "tls-wrapped", s->tls_wrapped ? "yes" : NULL);
	optional(l, "auth-user", s->auth_user);
}

void
journal_session(const struct session *s, int64_t duration_ms)
{
	struct logline l;
	log_begin(&l, LOG_INFO, "session");
	connection_fields(&l, s);
	log_cstr(&l, "end", s->end);
	log_num(&l, "commands", (int64_t)s->commands);
	log_num(&l, "messages", (int64_t)s->messages);
	log_num(&l, "refused", (int64_t)s->refusals);
	log_num(&l, "errors", (int64_t)s->errors);
	log_num(&l, "duration-ms", duration_ms);
	log_end(&l);
	metrics_count(METRIC_SESSIONS, s->end, NULL);
}

static void
count_message(enum status status, size_t octets)
{
	metrics_count(METRIC_MESSAGES, status_word(status), NULL);
	metrics_add(METRIC_MESSAGE_OCTETS, (int64_t)octets);
}

void
journal_message(
	const struct config *cfg, const struct record *answer, const struct journal_outcome *o)
{
	static const char *const fields[] = {"session", "ingress", "client-ip", "helo", "tls",
		"tls-cipher", "tls-wrapped", "cert-cn", "cert-serial", "auth-user",
		"mail-from"};
	struct logline l;
	struct str rcpt;
	size_t at = 0;
	log_begin(&l, LOG_INFO, "message");
	log_cstr(&l, "id", o->id);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		log_str(&l, fields[i], record_get(answer, fields[i]));
	while (record_next(answer, "rcpt-to", &at, &rcpt))
		log_str(&l, "rcpt-to", rcpt);
	if (cfg->ingress.name) {
		log_cstr(&l, "ingress-type", ingress_type_word(cfg->ingress.type));
		optional(&l, "rule-set", cfg->ingress.rule_set);
	}
	log_num(&l, "size", (int64_t)o->size);
	log_cstr(&l, "status", status_word(o->status));
	log_cstr(&l, "reply", o->reply);
	log_num(&l, "duration-ms", o->duration_ms);
	if (o->client_gone)
		log_cstr(&l, "client", "gone");
	log_end(&l);
	count_message(o->status, o->size);
	metrics_observe(METRIC_HANDLER_SECONDS, o->duration_ms);
	if (cfg->log_json && o->status == STATUS_OK)
		journal_json(cfg, answer, o);
}

void
journal_refusal(const struct session *s, const struct rcpt *r, const char *reply)
{
	struct logline l;
	log_begin(&l, LOG_INFO, "refused");
	log_cstr(&l, "id", s->tx.id);
	connection_fields(&l, s);
	log_cstr(&l, "mail-from", s->tx.mail_from);
	if (r)
		optional(&l, "rcpt-to", r->path);
	for (size_t i = 0; !r && i < s->tx.nrcpts; i++)
		if (s->tx.rcpts[i].state == RCPT_TAKEN)
			log_cstr(&l, "rcpt-to", s->tx.rcpts[i].path);
	if (!r)
		log_num(&l, "size", (int64_t)s->body.octets);
	log_cstr(&l, "reply", reply);
	log_end(&l);
	if (r)
		metrics_count(METRIC_RECIPIENTS, "refused", NULL);
	else
		count_message(
			reply[0] == '4' ? STATUS_TEMPFAIL : STATUS_PERMFAIL, s->body.octets);
}

void
journal_login(const struct session *s, bool good)
{
	struct logline l;
	log_begin(&l, good ? LOG_INFO : LOG_WARN, good ? "login" : "login-failed");
	connection_fields(&l, s);
	log_cstr(&l, "user", s->sasl_user);
	log_cstr(&l, "method", s->auth_method);
	log_end(&l);
	metrics_count(METRIC_LOGINS, good ? "ok" : "failed", NULL);
}

void
journal_tls_failure(const struct session *s)
{
	struct logline l;
	char why[256];
	log_begin(&l, LOG_INFO, "tls-failed");
	connection_fields(&l, s);
	log_cstr(&l, "why", tls_error(why, sizeof(why)));
	log_end(&l);
	metrics_count(METRIC_TLS_HANDSHAKES, "failed", "none");
}
