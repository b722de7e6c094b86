#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "authres.h"
#include "dmarc_psl.h"
#include "dmarc_report.h"
#include "dmarc_store.h"
#include "authserv.h"
#include "commands.h"
#include "cross_check.h"
#include "engines.h"
#include "evaluation.h"
#include "filter.h"
#include "log.h"
#include "mem.h"
#include "num.h"
#include "opt.h"
#include "report.h"
#include "sandbox.h"
#include "site.h"
#include "spf_allow.h"

#define MAX_SHARED 16

static const char help[] =
	"mm-verdict: check SPF, DKIM, ARC and DMARC; write what was found into each record\n"
	"\n"
	"mm-verdict [options] [MESSAGE...]\n"
	"mm-verdict report [options]  DMARC aggregate reports, see mm-verdict report -h\n"
	"mm-verdict sign [options]    puts on DKIM signatures, see mm-verdict sign -h\n"
	"mm-verdict seal [options]    adds to their ARC chains, see mm-verdict seal -h\n"
	"  -C, --site DIR         the site ($MM_SITE, /etc/mm): Hostname and AuthservId\n"
	"  -r, --report           print a report for people instead of the records\n"
	"      --authserv-id ID   the name under which Authentication-Results is written\n"
	"      --no-header        leave the message as it is\n"
	"      --given            keep the results that a record's fields say already\n"
	"      --timeout TIME     for all DNS answers of a message (20s)\n"
	"      --max-signatures N DKIM signatures verified a message (5)\n"
	"      --dmarc MODE       rfc9989 (the default) or rfc7489: with public suffixes\n"
	"      --dmarc-log FILE   note what aggregate reports tell; mm-verdict report -h\n"
	"      --spf-allow FILE   clients that pass SPF, beside site.json's SpfAllow\n"
	"      --spf-engine E     native (default) or libspf2\n"
	"      --cross-check      log where the library engines come to something else\n"
	"      --dkim-engine E    native (default) or libopendkim\n"
	"  -h, --help             this text\n" FILTER_HELP
	"the DNS: $MM_RESOLVER=ADDR[@PORT], $MM_ZONE=FILE, $MM_DNSSEC=FILE\n"
	"\n"
	"mm-verdict -r --ip 192.0.2.7 --helo mx.example.org message.eml\n";

enum {
	OPT_AUTHSERV_ID = 1,
	OPT_NO_HEADER,
	OPT_GIVEN,
	OPT_TIMEOUT,
	OPT_MAX_SIGNATURES,
	OPT_DMARC,
	OPT_DMARC_LOG,
	OPT_SPF_ENGINE,
	OPT_SPF_ALLOW,
	OPT_CROSS_CHECK,
	OPT_DKIM_ENGINE
};

static const struct option options[] = {
	{"site", required_argument, NULL, 'C'},
	{"report", no_argument, NULL, 'r'},
	{"help", no_argument, NULL, 'h'},
	{"authserv-id", required_argument, NULL, OPT_AUTHSERV_ID},
	{"no-header", no_argument, NULL, OPT_NO_HEADER},
	{"given", no_argument, NULL, OPT_GIVEN},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	{"max-signatures", required_argument, NULL, OPT_MAX_SIGNATURES},
	{"dmarc", required_argument, NULL, OPT_DMARC},
	{"dmarc-log", required_argument, NULL, OPT_DMARC_LOG},
	{"spf-engine", required_argument, NULL, OPT_SPF_ENGINE},
	{"spf-allow", required_argument, NULL, OPT_SPF_ALLOW},
	{"cross-check", no_argument, NULL, OPT_CROSS_CHECK},
	{"dkim-engine", required_argument, NULL, OPT_DKIM_ENGINE},
	FILTER_OPTIONS,
	{NULL, 0, NULL, 0},
};

struct program {
	struct filter filter;
	struct evaluator evaluator;
	const char *site;
	char *hostname, *authserv_id;
	struct networks spf_allow;
	char **trusted_sealers; /* up to a NULL */
	const char *dmarc_log;
	struct dmarc_store *dmarc_store; /* NULL: none, or not to be had */
	struct cross_check *cross_check;
	char *shared[MAX_SHARED + 1]; /* options that the other engines get too, up to a NULL */
	bool report, no_header, want_cross_check;
};

/* The same as we do, where it makes a difference. */
static void
share_option(struct program *p, int opt)
{
	static const int all[] = {
		'C', OPT_GIVEN, OPT_TIMEOUT, OPT_MAX_SIGNATURES, OPT_SPF_ALLOW};
	const struct option *o = options;
	size_t n = 0, i = 0;
	while (i < sizeof(all) / sizeof(*all) && all[i] != opt)
		i++;
	if (i == sizeof(all) / sizeof(*all))
		return;
	while (o->val != opt)
		o++;
	while (p->shared[n])
		n++;
	if (n == MAX_SHARED)
		opt_usage(EX_TEMPFAIL, "too many options");
	p->shared[n] =
		o->has_arg ? xasprintf("--%s=%s", o->name, optarg) : xasprintf("--%s", o->name);
}

static void
write_header(struct program *p, struct record *rec, const struct verdict *v)
{
	struct str octets = str_n(rec->body->p, rec->body->n);
	struct buf field = {0};
	struct blob *body;
	authres_format(&field, v, rec, p->authserv_id);
	if (authres_apply(octets, buf_str(&field), str_of(p->authserv_id), &body) == 0) {
		record_set_body(rec, body);
	} else {
		log_error("cannot spool the message: %s", strerror(errno));
		record_outcome(rec, STATUS_TEMPFAIL, "451 4.3.0 cannot spool the message");
	}
	buf_release(&field);
}

static void
on_finished(void *arg, struct record *rec, const struct verdict *v)
{
	struct program *p = arg;
	struct dmarc_row row;
	if (p->dmarc_store && dmarc_row_make(&row, rec, v, p->evaluator.dmarc_psl))
		dmarc_store_add(p->dmarc_store, row);
	if (p->cross_check)
		cross_check_record(p->cross_check, rec, v);
	if (p->report) {
		report_print(stdout, rec, v);
		filter_discard(&p->filter, rec);
		return;
	}
	verdict_write(v, rec);
	if (rec->body->n && !p->no_header)
		write_header(p, rec, v);
	filter_emit(&p->filter, rec);
}

static void
on_record(struct filter *f, struct record *rec)
{
	struct program *p = f->ctx;
	evaluation_start(&p->evaluator, rec);
}

static void
parse_options(struct program *p, int argc, char **argv)
{
	struct evaluator *ev = &p->evaluator;
	int opt, n;
	while ((opt = getopt_long(argc, argv, "C:rh", options, NULL)) != -1) {
		share_option(p, opt);
		if (opt == 'h')
			opt_help(help);
		else if (opt == 'C')
			p->site = optarg;
		else if (opt == 'r')
			p->report = ev->diagnose = true;
		else if (opt == OPT_AUTHSERV_ID)
			p->authserv_id = str_dup(str_of(optarg));
		else if (opt == OPT_NO_HEADER)
			p->no_header = true;
		else if (opt == OPT_CROSS_CHECK)
			p->want_cross_check = true;
		else if (opt == OPT_GIVEN)
			ev->given = true;
		else if (opt == OPT_TIMEOUT) {
			if (num_duration(str_of(optarg), &ev->timeout_ms) < 0)
				opt_usage(EX_TEMPFAIL, "--timeout %s: expected a time like 20s",
					optarg);
		} else if (opt == OPT_MAX_SIGNATURES) {
			if (num_int(str_of(optarg), 0, VERDICT_MAX_DKIM, &n) < 0)
				opt_usage(EX_TEMPFAIL, "--max-signatures %s: expected 0 to %d",
					optarg, VERDICT_MAX_DKIM);
			ev->max_signatures = (size_t)n;
		} else if (opt == OPT_DMARC) {
			if (dmarc_mode(optarg, &ev->dmarc_psl) < 0)
				opt_usage(EX_TEMPFAIL,
					"--dmarc %s: expected rfc9989 or rfc7489", optarg);
		} else if (opt == OPT_DMARC_LOG) {
			p->dmarc_log = optarg;
			ev->dmarc_details = true;
		} else if (opt == OPT_SPF_ALLOW) {
			if (spf_allow_file(&p->spf_allow, optarg) < 0)
				exit(EX_TEMPFAIL);
		} else if (opt == OPT_SPF_ENGINE) {
			if (!(ev->spf = spf_engine_named(optarg)))
				opt_usage(EX_TEMPFAIL, "--spf-engine %s: expected " SPF_ENGINES,
					optarg);
		} else if (opt == OPT_DKIM_ENGINE) {
			if (!(ev->dkim = dkim_engine_named(optarg)))
				opt_usage(EX_TEMPFAIL,
					"--dkim-engine %s: expected " DKIM_ENGINES, optarg);
		} else if (!filter_option(&p->filter, opt, optarg))
			opt_usage(EX_TEMPFAIL, "bad options");
	}
}

static void
take_sealers(struct program *p, const json_t *list)
{
	size_t i;
	const json_t *domain;
	p->trusted_sealers = xcalloc(json_array_size(list) + 1, sizeof(*p->trusted_sealers));
	json_array_foreach (list, i, domain)
		p->trusted_sealers[i] = str_dup(json_text(domain));
	p->evaluator.trusted_sealers = p->trusted_sealers;
}

static void
load_names(struct program *p)
{
	struct json_doc doc;
	p->site = site_dir(p->site);
	char *name = authserv_name(p->site, &doc);
	if (!name)
		exit(EX_TEMPFAIL);
	if (spf_allow_list(&p->spf_allow, json_object_get(doc.root, "SpfAllow")) < 0)
		exit(EX_TEMPFAIL);
	p->evaluator.spf_allow = &p->spf_allow;
	take_sealers(p, json_object_get(doc.root, "ArcTrustedSealers"));
	json_doc_release(&doc);
	if (p->authserv_id)
		free(name);
	else
		p->authserv_id = name;
	p->hostname = site_hostname(p->site);
	p->evaluator.receiver = p->hostname;
}

int
main(int argc, char **argv)
{
	static const struct filter_ops ops = {.record = on_record};
	struct program p = {.evaluator = {.spf = &spf_native,
				    .dkim = &dkim_native,
				    .timeout_ms = 20000,
				    .max_signatures = 5}};
	log_init("mm-verdict");
	if (argc > 1 && str_eq(str_of(argv[1]), STR("report")))
		return dmarc_report(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "sign") == 0)
		return command_sign(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "seal") == 0)
		return command_seal(argc - 1, argv + 1);
	filter_init(&p.filter, &ops, &p);
	p.evaluator.finished = on_finished;
	p.evaluator.arg = &p;
	parse_options(&p, argc, argv);
	load_names(&p);
	if (p.want_cross_check)
		p.cross_check = cross_check_new(p.filter.loop, p.shared);
	p.evaluator.dns = dns_new(p.filter.loop);
	if (!p.evaluator.dns)
		exit(EX_TEMPFAIL);
	if (p.dmarc_log)
		p.dmarc_store = dmarc_store_open(p.filter.loop, p.dmarc_log);
	sandbox_enter(SANDBOX_NET);
	int status = filter_run(&p.filter, argv + optind);
	if (p.dmarc_store)
		dmarc_store_close(p.dmarc_store);
	cross_check_free(p.cross_check);
	for (char **o = p.shared; *o; o++)
		free(*o);
	dns_free(p.evaluator.dns);
	networks_release(&p.spf_allow);
	free(p.hostname);
	free(p.authserv_id);
	for (char **d = p.trusted_sealers; *d; d++)
		free(*d);
	free(p.trusted_sealers);
	opt_finish(status);
}
