#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "mem.h"
#include "num.h"
#include "route.h"
#include "site.h"
#include "smtp_auth.h"

#define PORT_SMTP 25
#define PORT_SMTPS 465
#define PORT_LMTP 24

/* A server that the site names is the one that is meant. */
static struct peer_policy *
new_peer(bool vouched)
{
	struct peer_policy *p = peer_policy_new(SMTP_TLS_MAY);
	p->vouched = vouched;
	return p;
}

/* What is looked at is watched, before it is read. */
static int
load_file(struct route *r, struct json_doc *doc, const char *site, enum site_kind kind,
	const char *path)
{
	struct problems ps = {0};
	watch_add(&r->files, path);
	int rc = site_load_operand(doc, site, kind, path, &ps);
	problems_log(&ps);
	problems_release(&ps);
	return rc;
}

static int
load(struct route *r, struct json_doc *doc, const char *site, enum site_kind kind,
	struct str reference)
{
	struct problems ps = {0};
	char *path = site_find(site, kind, reference);
	int rc = path ? load_file(r, doc, site, kind, path)
		      : site_load(doc, site, kind, reference, &ps);
	problems_log(&ps);
	problems_release(&ps);
	free(path);
	return rc;
}

static int
read_secret(struct route *r, const char *site, struct str arn)
{
	struct json_doc doc;
	if (load(r, &doc, site, SITE_SECRET, arn) < 0)
		return -1;
	struct str user = json_str(doc.root, "username");
	struct str password = json_str(doc.root, "password");
	bool complete = user.p && password.p;
	if (complete) {
		r->smtp.user = str_dup(user);
		r->smtp.password = str_dup(password);
	} else {
		log_error("%s: expected \"username\" and \"password\"", doc.file);
	}
	json_doc_release(&doc);
	return complete ? 0 : -1;
}

static int
read_mechanisms(struct route *r, const struct json_doc *doc)
{
	json_t *item;
	size_t i;
	json_array_foreach (json_object_get(doc->root, "AuthMechanisms"), i, item) {
		unsigned one = smtp_auth_mechanism(json_text(item));
		if (!one) {
			log_error("%s: AuthMechanisms[%zu]: expected SCRAM-SHA-256-PLUS, "
				  "SCRAM-SHA-256, PLAIN or LOGIN",
				doc->file, i);
			return -1;
		}
		r->smtp.mechanisms |= one;
	}
	return 0;
}

static int
read_relay(struct route *r, const char *site, const struct json_doc *doc)
{
	const json_t *auth = json_object_get(doc->root, "Authentication");
	struct str server = json_str(doc->root, "ServerName");
	json_int_t port = json_integer_value(json_object_get(doc->root, "ServerPort"));
	if (!server.p || port < 1 || port > 65535) {
		log_error("%s: expected ServerName and ServerPort", doc->file);
		return -1;
	}
	r->host = str_dup(server);
	r->port = (int)port;
	r->tls_wrapped = r->port == PORT_SMTPS;
	const char *wrong = peer_policy_read(
		r->peer, doc->root, "TlsPolicy", "TlsFingerprints", "TlsNames");
	if (wrong) {
		log_error("%s: expected %s", doc->file, wrong);
		return -1;
	}
	struct str ca_file = json_str(doc->root, "CaFile");
	r->ca_file = ca_file.p ? str_dup(ca_file) : NULL;
	if (r->ca_file)
		watch_add(&r->files, r->ca_file);
	if (read_mechanisms(r, doc) < 0)
		return -1;
	struct str arn = json_str(auth, "SecretArn");
	return arn.p ? read_secret(r, site, arn) : 0;
}

static int
open_relay(struct route *r, const char *site, const char *name)
{
	struct json_doc doc;
	*r = (struct route){.kind = ROUTE_HOST, .peer = new_peer(true)};
	int rc = site_operand_is_path(name) ? load_file(r, &doc, site, SITE_RELAY, name)
					    : load(r, &doc, site, SITE_RELAY, str_of(name));
	if (rc < 0)
		return -1;
	struct str own = json_str(doc.root, "RelayName");
	r->name = own.p ? str_dup(own) : xstrdup(name);
	rc = read_relay(r, site, &doc);
	json_doc_release(&doc);
	return rc;
}

/* "HOST", "HOST:PORT", "[2001:db8::1]:PORT", "2001:db8::1" */
static int
parse_host(struct route *r, struct str where, int default_port)
{
	struct str host = where, port = STR_NONE;
	if (where.n && where.p[0] == '[') {
		const char *end = memchr(where.p, ']', where.n);
		if (!end)
			return -1;
		host = str_n(where.p + 1, (size_t)(end - where.p) - 1);
		struct str rest = str_skip(where, host.n + 2);
		if (rest.n && rest.p[0] != ':')
			return -1;
		port = rest.n ? str_skip(rest, 1) : STR_NONE;
	} else {
		struct str rest = where, first = str_cut(&rest, ':');
		if (rest.p && !memchr(rest.p, ':', rest.n))
			host = first, port = rest;
	}
	r->port = default_port;
	if (host.n == 0 || (port.p && num_int(port, 1, 65535, &r->port) < 0))
		return -1;
	r->kind = ROUTE_HOST;
	r->host = str_dup(host);
	return 0;
}

static int
parse_where(struct route *r, struct str where)
{
	if (str_starts(where, STR("lmtp:"))) {
		r->smtp.lmtp = true;
		where = str_skip(where, 5);
	}
	if (str_starts(where, STR("unix:")))
		where = str_skip(where, 5);
	if (where.n && where.p[0] == '/') {
		r->kind = ROUTE_UNIX;
		r->path = str_dup(where);
		return 0;
	}
	return parse_host(r, where, r->smtp.lmtp ? PORT_LMTP : PORT_SMTP);
}

static int
open_to(struct route *r, const char *where)
{
	*r = (struct route){.name = xstrdup(where), .peer = new_peer(true)};
	if (parse_where(r, str_of(where)) < 0) {
		log_error("--to: expected HOST:PORT, lmtp:HOST:PORT or /SOCKET, not \"%s\"",
			where);
		return -1;
	}
	r->tls_wrapped = r->port == PORT_SMTPS;
	return 0;
}

static int
open_mx(struct route *r, int port)
{
	*r = (struct route){.kind = ROUTE_MX,
		.name = xstrdup("mx"),
		.port = port ? port : PORT_SMTP,
		.peer = new_peer(false)};
	return 0;
}

static int
read_mailbox(struct route *r, const struct json_doc *doc)
{
	struct str dir = json_str(doc->root, "Maildir"), lmtp = json_str(doc->root, "Lmtp");
	if (dir.p && !lmtp.p && dir.n && dir.p[0] == '/') {
		r->kind = ROUTE_MAILDIR;
		r->path = str_dup(dir);
		return 0;
	}
	r->smtp.lmtp = true;
	if (lmtp.p && !dir.p && parse_where(r, lmtp) == 0)
		return 0;
	log_error(
		"%s: expected \"Maildir\": \"/DIR\", or \"Lmtp\": \"HOST:PORT\" or \"/SOCKET\"",
		doc->file);
	return -1;
}

static int
open_mailbox(struct route *r, const char *site, const char *name)
{
	struct json_doc doc;
	*r = (struct route){
		.name = str_dup(site_reference_name(str_of(name))), .peer = new_peer(true)};
	if (load(r, &doc, site, SITE_MAILBOX, str_of(name)) < 0)
		return -1;
	int rc = read_mailbox(r, &doc);
	json_doc_release(&doc);
	return rc;
}

int
route_open(struct route *r, const struct route_order *o)
{
	int rc = -1;
	switch (o->by) {
	case ROUTE_BY_RELAY:
		rc = open_relay(r, o->site, o->what);
		break;
	case ROUTE_BY_MAILBOX:
		rc = open_mailbox(r, o->site, o->what);
		break;
	case ROUTE_BY_HAND:
		rc = open_to(r, o->what);
		break;
	case ROUTE_BY_MX:
		rc = open_mx(r, o->port);
		break;
	}
	r->smtp.hello = o->hello;
	r->smtp.chunking = o->chunking;
	if (o->tls_given)
		r->peer->level = o->tls;
	return rc;
}

void
route_release(struct route *r)
{
	free(r->name);
	free(r->host);
	free(r->path);
	free(r->ca_file);
	peer_policy_unref(r->peer);
	free((char *)r->smtp.user);
	free((char *)r->smtp.password);
	watch_release(&r->files);
	*r = (struct route){0};
}
