#include <stdlib.h>

#include "log.h"
#include "mem.h"
#include "route.h"
#include "route_relay.h"
#include "route_secret.h"
#include "site.h"
#include "wipe.h"

#define PORT_SMTP 25
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
	struct problems ps = {0};
	int rc = route_secret_read(r, &doc, &ps);
	problems_log(&ps);
	problems_release(&ps);
	json_doc_release(&doc);
	return rc;
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
	rc = route_relay_read(r, &doc);
	struct str arn = json_str(json_object_get(doc.root, "Authentication"), "SecretArn");
	if (rc == 0 && arn.p)
		rc = read_secret(r, site, arn);
	json_doc_release(&doc);
	return rc;
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
	char *host;
	int port;
	if (relay_server_parse(where, r->smtp.lmtp ? PORT_LMTP : PORT_SMTP, &host, &port) < 0)
		return -1;
	r->kind = ROUTE_HOST;
	relay_servers_add(&r->servers, str_of(host), port);
	free(host);
	return 0;
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

/* What the command line does not say, the document does. */
static void
override_limits(struct route_limits *l, const struct route_limits *by)
{
	l->connect_ms = by->connect_ms ? by->connect_ms : l->connect_ms;
	l->reply_ms = by->reply_ms ? by->reply_ms : l->reply_ms;
	l->max_connections = by->max_connections ? by->max_connections : l->max_connections;
	l->gap_us = by->gap_us ? by->gap_us : l->gap_us;
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
	override_limits(&r->limits, &o->limits);
	if (o->tls_given)
		r->peer->level = o->tls;
	return rc;
}

void
route_release(struct route *r)
{
	free(r->name);
	relay_servers_release(&r->servers);
	free(r->path);
	free(r->ca_file);
	peer_policy_unref(r->peer);
	free((char *)r->smtp.user);
	wipe_str((char *)r->smtp.password);
	wipe_str((char *)r->smtp.token);
	token_grant_release(&r->grant);
	watch_release(&r->files);
	*r = (struct route){0};
}
