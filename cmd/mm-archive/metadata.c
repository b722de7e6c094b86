#include <string.h>

#include "address.h"
#include "cidr.h"
#include "clock.h"
#include "metadata.h"
#include "ulid.h"

struct reading {
	struct record *rec;
	const struct json_doc *doc;
	struct problems *problems;
};

static void
problem(struct reading *r, const struct json_at *at, const char *expected)
{
	json_problem(r->problems, r->doc, at, false, PROBLEM_ERROR, "expected %s", expected);
}

/* A member that may be absent or null: absent then, as after a problem. */
static struct str
text_of(struct reading *r, const json_t *object, const struct json_at *at)
{
	const json_t *value = json_object_get(object, at->key);
	if (!value || json_is_null(value))
		return STR_NONE;
	if (json_is_string(value))
		return json_text(value);
	problem(r, at, "a string");
	return STR_NONE;
}

static void
add_path(struct reading *r, const char *field, struct str value, const struct json_at *at)
{
	struct path path;
	if (value.n == 0 ? strcmp(field, "mail-from") != 0 : address_parse(value, &path) < 0)
		problem(r, at, "an address");
	else
		record_addf(r->rec, field, "<%.*s>", STR_ARG(value));
}

static void
add_recipients(struct reading *r, const json_t *list, const struct json_at *up)
{
	size_t i;
	json_t *one;
	struct json_at at = {up, "To", 0};
	if (!list || json_is_null(list))
		return;
	if (!json_is_array(list)) {
		problem(r, &at, "a list of addresses");
		return;
	}
	json_array_foreach (list, i, one) {
		struct json_at element = {&at, NULL, i};
		if (json_is_string(one))
			add_path(r, "rcpt-to", json_text(one), &element);
		else
			problem(r, &element, "an address");
	}
}

static void
add_field(struct reading *r, const char *field, const json_t *object, const struct json_at *at)
{
	struct ip ip;
	struct str value = text_of(r, object, at);
	if (value.n == 0)
		return;
	if (strcmp(field, "client-ip") == 0 && ip_parse(value, &ip) < 0)
		problem(r, at, "an IP address");
	else
		record_add(r->rec, field, value);
}

/* Who has an Envelope has its reverse-path, which is null when From is not there. */
static void
add_envelope(struct reading *r)
{
	const json_t *o = json_object_get(r->doc->root, "Envelope");
	struct json_at at = {NULL, "Envelope", 0}, helo = {&at, "Helo", 0},
		       from = {&at, "From", 0};
	if (!o || json_is_null(o))
		return;
	if (!json_is_object(o)) {
		problem(r, &at, "an object");
		return;
	}
	add_field(r, "helo", o, &helo);
	struct str sender = text_of(r, o, &from);
	add_path(r, "mail-from", sender.p ? sender : STR(""), &from);
	add_recipients(r, json_object_get(o, "To"), &at);
}

/* Seconds since 1970, as the API's JSON has times, or RFC 3339. */
static bool
time_of(const json_t *value, int64_t latest, int64_t *ms)
{
	int64_t t = -1;
	if (json_is_number(value) && json_number_value(value) >= 0 &&
		json_number_value(value) <= (double)latest / 1000)
		t = (int64_t)(json_number_value(value) * 1000 + 0.5);
	else if (json_is_string(value) && clock_parse_rfc3339(json_text(value), &t) < 0)
		return false;
	if (t < 0 || t > latest)
		return false;
	*ms = t;
	return true;
}

static void
read_time(struct reading *r, const json_t *object, const struct json_at *at, int64_t latest,
	int64_t *received)
{
	const json_t *value = json_object_get(object, at->key);
	if (value && !json_is_null(value) && !time_of(value, latest, received))
		problem(r, at, "a time such as 2026-11-22T10:00:00Z, not in the future");
}

/* A Row of search results has these at the top, GetArchiveMessage within Metadata. */
static void
add_way(struct reading *r, const json_t *object, const struct json_at *up)
{
	static const struct {
		const char *member, *field;
	} ways[] = {{"IngressPointId", "ingress"}, {"SenderHostname", "client-name"},
		{"SenderIpAddress", "client-ip"}, {"TlsProtocol", "tls"},
		{"TlsCipherSuite", "tls-cipher"}};
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		add_field(r, ways[i].field, object, &(struct json_at){up, ways[i].member, 0});
}

static void
read_object(struct reading *r, int64_t latest, int64_t *received)
{
	const json_t *root = r->doc->root, *inner = json_object_get(root, "Metadata");
	struct json_at at = {NULL, "Metadata", 0};
	struct str id = text_of(r, root, &(struct json_at){NULL, "ArchivedMessageId", 0});
	if (id_valid(id))
		record_add(r->rec, "id", id);
	read_time(r, root, &(struct json_at){NULL, "ReceivedTimestamp", 0}, latest, received);
	add_way(r, root, NULL);
	if (json_is_object(inner)) {
		read_time(r, inner, &(struct json_at){&at, "Timestamp", 0}, latest, received);
		add_way(r, inner, &at);
	}
	add_envelope(r);
}

int
metadata_read(struct record *rec, int64_t *received, int64_t latest, const char *file,
	struct str text, struct problems *ps)
{
	struct json_doc doc;
	size_t before = ps->errors;
	if (json_doc_parse(&doc, file, text, ps) < 0)
		return -1;
	struct reading r = {rec, &doc, ps};
	if (json_is_object(doc.root))
		read_object(&r, latest, received);
	else
		problem(&r, NULL, "an object");
	json_doc_release(&doc);
	return ps->errors == before ? 0 : -1;
}
