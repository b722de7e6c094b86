#include "address.h"
#include "clock.h"
#include "event_log.h"
#include "journal_json.h"

#define DOUBTFUL_MAX 10

static void
add_text(json_t *out, const char *key, const char *value)
{
	if (value)
		event_add(out, key, str_of(value));
}

static void
append(json_t *list, struct str value)
{
	json_array_append_new(list, json_stringn(value.p, value.n));
}

static void
add_ingress(json_t *out, const struct ingress *in)
{
	if (!in->name)
		return;
	add_text(out, "resource_arn", in->arn);
	add_text(out, "ingress_point_type", ingress_type_word(in->type));
	add_text(out, "ingress_point_name", in->name);
	add_text(out, "ingress_point_id", in->id);
	add_text(out, "rule_set_id", in->rule_set);
}

static json_t *
recipients(const struct record *r)
{
	json_t *list = json_array();
	struct path path;
	struct str rcpt;
	size_t at = 0;
	while (record_next(r, "rcpt-to", &at, &rcpt))
		if (path_parse(rcpt, &path) == 0)
			append(list, path.address);
	return list;
}

/* Takes the member; one that is empty says nothing. */
static void
add_unless_empty(json_t *out, const char *key, json_t *member)
{
	if (json_object_size(member) || json_array_size(member))
		json_object_set(out, key, member);
	json_decref(member);
}

/* The values of all fields whose name begins so, in order. */
static json_t *
values(const struct record *r, struct str prefix)
{
	json_t *list = json_array();
	for (size_t i = 0; i < r->nfields; i++)
		if (str_starts(record_name_at(r, i), prefix))
			append(list, record_value_at(r, i));
	return list;
}

static json_t *
certificate(const struct record *r)
{
	json_t *out = json_object();
	add_unless_empty(out, "common_names", values(r, STR("cert-cn")));
	event_add_field(out, "serial_number", r, "cert-serial");
	add_unless_empty(out, "subject_alternative_names", values(r, STR("cert-san-")));
	event_add_field(out, "issuer", r, "cert-issuer");
	event_add_field(out, "not_before", r, "cert-not-before");
	event_add_field(out, "not_after", r, "cert-not-after");
	return out;
}

static json_t *
doubtful(const struct trust_dates *t, bool crl)
{
	json_t *list = json_array();
	int64_t now = clock_now_ms();
	for (size_t i = 0; i < t->n && json_array_size(list) < DOUBTFUL_MAX; i++)
		if (t->list[i].crl == crl && trust_date_doubtful(&t->list[i], now))
			append(list, str_of(t->list[i].name ? t->list[i].name : ""));
	return list;
}

static json_t *
trust_store(const struct trust_dates *t)
{
	return json_pack("{s:o,s:o}", "ca_invalid_or_near_expiry", doubtful(t, false),
		"crl_invalid_or_near_expiry", doubtful(t, true));
}

static json_t *
metadata(const struct config *cfg, const struct record *answer, const struct journal_outcome *o)
{
	json_t *out = json_object();
	add_unless_empty(out, "client_certificate_details", certificate(answer));
	add_text(out, "secrets_manager_arn", cfg->ingress.secret);
	if (o->trust)
		json_object_set_new(out, "trust_store_monitoring", trust_store(o->trust));
	return out;
}

void
journal_json(
	const struct config *cfg, const struct record *answer, const struct journal_outcome *o)
{
	json_t *out = event_new();
	add_ingress(out, &cfg->ingress);
	add_text(out, "message_id", o->id);
	json_object_set_new(out, "message_size_bytes", json_integer((json_int_t)o->size));
	event_add_client(out, answer);
	json_object_set_new(out, "recipients", recipients(answer));
	if (cfg->ingress.name)
		add_unless_empty(out, "ingress_point_metadata", metadata(cfg, answer, o));
	event_write(out);
}
