#include <stdlib.h>
#include <strings.h>
#include <sysexits.h>

#include "num.h"
#include "opt.h"
#include "pace.h"
#include "relay_options.h"
#include "site.h"

static const char help[] =
	"mm-relay: deliver mail by SMTP or LMTP\n"
	"\n"
	"usage: mm-relay [OPTION...] RELAY [MESSAGE...]\n"
	"       mm-relay [OPTION...] --mx [MESSAGE...]\n"
	"       mm-relay [OPTION...] --to [lmtp:]HOST[:PORT]|[lmtp:]/SOCKET [MESSAGE...]\n"
	"       mm-relay [OPTION...] --mailbox NAME [MESSAGE...]\n"
	"       mm-relay -n ... [ADDRESS...]\n"
	"       mm-relay tls-report [OPTION...]\n"
	"       mm-relay srs [--reverse] ADDRESS...\n"
	"RELAY is relays/RELAY.json in the site directory; without MESSAGE, a mail stream\n"
	"on standard input goes to standard output with the results.\n"
	"\n"
	"  -C, --site DIR         the site directory (else $MM_SITE, /etc/mm)\n"
	"  -n, --dry-run          only say where each recipient's mail would go, and why\n"
	"      --mail-from HOW    preserve (the default), or replace: by SRS\n"
	"      --srs-reverse      mail to an address of ours that SRS made goes where it came "
	"from\n"
	"      --hello NAME       our name in EHLO (else Hostname of site.json)\n"
	"      --port N           with --mx: connect to this port instead of 25\n"
	"      --tls POLICY       none, may (the default), encrypt, verify\n"
	"      --no-dane          do not look for TLSA records\n"
	"      --no-mta-sts       do not look for MTA-STS policies\n"
	"      --mta-sts-port N   of the hosts that serve them (443)\n"
	"      --state DIR        what is to outlast a run (else StateDir of site.json)\n"
	"      --chunking         BDAT for text too, where the server offers it\n"
	"      --max-hops N       Received fields that a message may have (100)\n"
	"      --source ADDR      connect from this address; one of IPv4, one of IPv6\n"
	"      --max-connections N   to one destination (20)\n"
	"      --rate N/s|N/m|N/h    messages to one destination, spread evenly\n"
	"      --connect-timeout T   for the connection (30s)\n"
	"      --timeout T        for each reply (as RFC 5321 says); twice that after the "
	"message\n"
	"      --idle T           how long an unused connection is kept (5s)\n"
	"  -h, --help\n"
	"\n" FILTER_HELP "\n"
	"example: mm-relay --mx --mail-from alice@example.org --rcpt-to bob@example.net "
	"msg.eml\n";

enum {
	OPT_MX = 256,
	OPT_TO,
	OPT_MAILBOX,
	OPT_HELLO,
	OPT_PORT,
	OPT_TLS,
	OPT_MAX,
	OPT_HOPS,
	OPT_RATE,
	OPT_NO_DANE,
	OPT_NO_MTA_STS,
	OPT_MTA_STS_PORT,
	OPT_STATE,
	OPT_CHUNKING,
	OPT_SOURCE,
	OPT_SRS_REVERSE,
	OPT_CONNECT,
	OPT_TIMEOUT,
	OPT_IDLE,
};

static const struct option table[] = {
	{"site", required_argument, NULL, 'C'},
	{"dry-run", no_argument, NULL, 'n'},
	{"help", no_argument, NULL, 'h'},
	{"mx", no_argument, NULL, OPT_MX},
	{"to", required_argument, NULL, OPT_TO},
	{"mailbox", required_argument, NULL, OPT_MAILBOX},
	{"hello", required_argument, NULL, OPT_HELLO},
	{"port", required_argument, NULL, OPT_PORT},
	{"tls", required_argument, NULL, OPT_TLS},
	{"no-dane", no_argument, NULL, OPT_NO_DANE},
	{"no-mta-sts", no_argument, NULL, OPT_NO_MTA_STS},
	{"mta-sts-port", required_argument, NULL, OPT_MTA_STS_PORT},
	{"state", required_argument, NULL, OPT_STATE},
	{"chunking", no_argument, NULL, OPT_CHUNKING},
	{"source", required_argument, NULL, OPT_SOURCE},
	{"srs-reverse", no_argument, NULL, OPT_SRS_REVERSE},
	{"max-connections", required_argument, NULL, OPT_MAX},
	{"rate", required_argument, NULL, OPT_RATE},
	{"max-hops", required_argument, NULL, OPT_HOPS},
	{"connect-timeout", required_argument, NULL, OPT_CONNECT},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	{"idle", required_argument, NULL, OPT_IDLE},
	FILTER_OPTIONS,
	{NULL, 0, NULL, 0},
};

struct wishes {
	bool mx;
	const char *to, *mailbox, *hello, *state;
};

static void
parse_duration(const char *name, const char *arg, int64_t *out)
{
	if (num_duration(str_of(arg), out) < 0 || *out <= 0)
		opt_usage(EX_TEMPFAIL, "--%s: expected a time such as 30s or 5m, not \"%s\"",
			name, arg);
}

static void
parse_count(const char *name, const char *arg, int max, int *out)
{
	if (num_int(str_of(arg), 1, max, out) < 0)
		opt_usage(EX_TEMPFAIL, "--%s: expected a number from 1 to %d, not \"%s\"", name,
			max, arg);
}

static void
parse_source(struct connection_options *o, const char *arg)
{
	struct ip ip;
	if (ip_parse(str_of(arg), &ip) < 0)
		opt_usage(EX_TEMPFAIL, "--source: expected an IP address, not \"%s\"", arg);
	o->source[ip.family == AF_INET6] = ip;
}

/* --mail-from has two uses: an address is a bare message's envelope, as with
 * every filter; the words of Mail Manager's MailFrom say what becomes of it. */
static bool
parse_rewriting(struct relay_options *o, const char *arg)
{
	bool replace = strcasecmp(arg, "replace") == 0;
	if (!replace && strcasecmp(arg, "preserve") != 0)
		return false;
	o->replace_sender = replace;
	return true;
}

static void
parse_one(struct relay_options *o, struct wishes *w, struct filter *f, int c)
{
	int count = 0;
	struct connection_options *conn = &o->pool.connection;
	switch (c) {
	case 'C':
		o->site = optarg;
		break;
	case 'n':
		o->pool.dry_run = true;
		break;
	case 'h':
		opt_help(help);
	case OPT_MX:
		w->mx = true;
		break;
	case OPT_TO:
		w->to = optarg;
		break;
	case OPT_MAILBOX:
		w->mailbox = optarg;
		break;
	case OPT_HELLO:
		w->hello = optarg;
		break;
	case OPT_PORT:
		parse_count("port", optarg, 65535, &o->route.port);
		break;
	case OPT_TLS:
		if (peer_policy_level(str_of(optarg), &o->route.tls) < 0 ||
			o->route.tls > SMTP_TLS_VERIFY)
			opt_usage(EX_TEMPFAIL,
				"--tls: expected none, may, encrypt or verify, not \"%s\"",
				optarg);
		o->route.tls_given = true;
		break;
	case OPT_NO_DANE:
		o->no_dane = true;
		break;
	case OPT_NO_MTA_STS:
		o->no_mta_sts = true;
		break;
	case OPT_MTA_STS_PORT:
		parse_count("mta-sts-port", optarg, 65535, &o->mta_sts_port);
		break;
	case OPT_SRS_REVERSE:
		o->srs_reverse = true;
		break;
	case OPT_SOURCE:
		parse_source(conn, optarg);
		break;
	case OPT_CHUNKING:
		o->route.chunking = true;
		break;
	case OPT_STATE:
		w->state = optarg;
		break;
	case OPT_MAX:
		parse_count("max-connections", optarg, 1000, &count);
		o->route.limits.max_connections = (size_t)count;
		break;
	case OPT_RATE:
		if (pace_parse(str_of(optarg), &o->route.limits.gap_us) < 0)
			opt_usage(EX_TEMPFAIL,
				"--rate: expected 10/s, 600/m or the like, not \"%s\"", optarg);
		break;
	case OPT_HOPS:
		parse_count("max-hops", optarg, 1000, &o->max_hops);
		break;
	case OPT_CONNECT:
		parse_duration("connect-timeout", optarg, &o->route.limits.connect_ms);
		break;
	case OPT_TIMEOUT:
		parse_duration("timeout", optarg, &o->route.limits.reply_ms);
		break;
	case OPT_IDLE:
		parse_duration("idle", optarg, &conn->idle_ms);
		break;
	case FILTER_OPT_MAIL_FROM:
		if (parse_rewriting(o, optarg))
			break;
		/* fall through */
	default:
		if (!filter_option(f, c, optarg))
			opt_usage(EX_TEMPFAIL, "wrong option");
		break;
	}
}

static char **
order_route(struct route_order *r, const struct wishes *w, char **operands)
{
	if (w->mx + (w->to != NULL) + (w->mailbox != NULL) > 1)
		opt_usage(EX_TEMPFAIL, "--mx, --to and --mailbox exclude each other");
	if (r->port && !w->mx)
		opt_usage(EX_TEMPFAIL, "--port goes with --mx only");
	if (w->mx) {
		r->by = ROUTE_BY_MX;
	} else if (w->to) {
		r->by = ROUTE_BY_HAND;
		r->what = w->to;
	} else if (w->mailbox) {
		r->by = ROUTE_BY_MAILBOX;
		r->what = w->mailbox;
	} else if (*operands) {
		r->by = ROUTE_BY_RELAY;
		r->what = *operands++;
	} else {
		opt_usage(EX_TEMPFAIL, "expected the name of a relay, --mx, --to or --mailbox");
	}
	return operands;
}

char **
relay_options_parse(struct relay_options *o, struct filter *f, int argc, char **argv)
{
	struct wishes w = {0};
	int c;
	*o = (struct relay_options){.mta_sts_port = 443,
		.max_hops = 100,
		.pool = {.max_connections = 20,
			.connection = {.connect_ms = 30000, .idle_ms = 5000}}};
	while ((c = getopt_long(argc, argv, "C:nh", table, NULL)) != -1)
		parse_one(o, &w, f, c);
	o->site = site_dir(o->site);
	o->route.site = o->site;
	o->hello = w.hello ? str_dup(str_of(w.hello)) : site_hostname(o->site);
	o->route.hello = o->hello;
	o->state = w.state ? str_dup(str_of(w.state)) : site_setting(o->site, "StateDir");
	return order_route(&o->route, &w, argv + optind);
}

void
relay_options_release(struct relay_options *o)
{
	free(o->hello);
	free(o->state);
}
