#include "log.h"
#include "num.h"
#include "pace.h"
#include "route_relay.h"
#include "smtp_auth.h"

static int
read_mechanisms(struct route *r, const struct json_doc *doc)
{
	json_t *item;
	size_t i;
	json_array_foreach (json_object_get(doc->root, "AuthMechanisms"), i, item) {
		unsigned one = smtp_auth_mechanism(json_text(item));
		if (!one) {
			log_error("%s: AuthMechanisms[%zu]: expected SCRAM-SHA-256-PLUS, "
				  "SCRAM-SHA-256, PLAIN, LOGIN, OAUTHBEARER or XOAUTH2",
				doc->file, i);
			return -1;
		}
		r->smtp.mechanisms |= one;
	}
	return 0;
}

static int
read_servers(struct route *r, const struct json_doc *doc)
{
	const json_t *list = json_object_get(doc->root, "Servers");
	struct str server = json_str(doc->root, "ServerName");
	json_int_t port = json_integer_value(json_object_get(doc->root, "ServerPort"));
	size_t bad = 0;
	if (!server.p || port < 1 || port > 65535) {
		log_error("%s: expected ServerName and ServerPort", doc->file);
		return -1;
	}
	if (json_array_size(list) == 0) {
		relay_servers_add(&r->servers, server, (int)port);
		return 0;
	}
	const char *wrong = relay_servers_read(&r->servers, list, (int)port, &bad);
	if (wrong)
		log_error("%s: Servers[%zu]: expected %s", doc->file, bad, wrong);
	return wrong ? -1 : 0;
}

static int
read_time(const struct json_doc *doc, const char *key, int64_t *out)
{
	struct str text = json_str(doc->root, key);
	if (!text.p || (num_duration(text, out) == 0 && *out > 0))
		return 0;
	log_error("%s: %s: expected a time such as 30s or 5m, not \"%.*s\"", doc->file, key,
		STR_ARG(text));
	return -1;
}

static int
read_limits(struct route *r, const struct json_doc *doc)
{
	struct route_limits *l = &r->limits;
	struct str rate = json_str(doc->root, "MaxRate");
	l->max_connections =
		(size_t)json_integer_value(json_object_get(doc->root, "MaxConnections"));
	if (rate.p && pace_parse(rate, &l->gap_us) < 0) {
		log_error("%s: MaxRate: expected 10/s, 600/m or the like, not \"%.*s\"",
			doc->file, STR_ARG(rate));
		return -1;
	}
	return read_time(doc, "ConnectTimeout", &l->connect_ms) < 0 ||
			       read_time(doc, "Timeout", &l->reply_ms) < 0
		       ? -1
		       : 0;
}

static int
read_tls(struct route *r, const struct json_doc *doc)
{
	struct str ca_file = json_str(doc->root, "CaFile");
	const char *wrong = peer_policy_read(
		r->peer, doc->root, "TlsPolicy", "TlsFingerprints", "TlsNames");
	if (wrong) {
		log_error("%s: expected %s", doc->file, wrong);
		return -1;
	}
	r->ca_file = ca_file.p ? str_dup(ca_file) : NULL;
	if (r->ca_file)
		watch_add(&r->files, r->ca_file);
	return 0;
}

int
route_relay_read(struct route *r, const struct json_doc *doc)
{
	if (read_servers(r, doc) < 0 || read_limits(r, doc) < 0 || read_tls(r, doc) < 0)
		return -1;
	return read_mechanisms(r, doc);
}
