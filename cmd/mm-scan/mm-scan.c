#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "filter.h"
#include "lists.h"
#include "log.h"
#include "num.h"
#include "opt.h"
#include "sandbox.h"
#include "scanner.h"
#include "site.h"

static const char help[] =
	"mm-scan: let an analyser look at each message; its findings become fields\n"
	"\n"
	"mm-scan [options] clamav [MESSAGE...]\n"
	"mm-scan [options] command [MESSAGE...] -- PROGRAM [ARGUMENT...]\n"
	"mm-scan [options] dnsbl|dbl|rspamd [MESSAGE...]\n"
	"  clamav              clamd: infected or not, and the name of what was found\n"
	"  command             a program: the message on its standard input, exit 0 is PASS,\n"
	"                      1 FAIL, anything else PROCESSING_FAILED\n"
	"  dnsbl               DNS lists of addresses: the client's\n"
	"  dbl                 DNS lists of domains: of the envelope, the header and links\n"
	"  rspamd              rspamd: its score, action and symbols\n"
	"  -C, --site DIR      the site ($MM_SITE, /etc/mm); addons/NAME.json has the lists\n"
	"      --name NAME     of the findings (the analyser's name)\n"
	"      --list ZONE[=CODES][*WEIGHT]  a DNS list, instead of the site's; repeated\n"
	"      --threshold N   the sum of weights from which on something is listed (1)\n"
	"      --txt           ask lists why they list something\n"
	"      --url URL       rspamd's (http://127.0.0.1:11333)\n"
	"      --socket WHERE  clamd's: a path or ADDR:PORT (/var/run/clamav/clamd.ctl);\n"
	"                      rspamd's: a path\n"
	"      --parallel N    messages analysed at once (8; rspamd 16, dbl 100, dnsbl 200)\n"
	"      --max-size SIZE larger messages are not analysed (25M)\n"
	"      --timeout TIME  for one message (60s; DNS lists 5s)\n"
	"  -h, --help          this text\n" FILTER_HELP "\n"
	"mm-scan clamav --socket 127.0.0.1:3310 message.eml\n";

enum {
	OPT_NAME = 1,
	OPT_LIST,
	OPT_THRESHOLD,
	OPT_TXT,
	OPT_URL,
	OPT_SOCKET,
	OPT_PARALLEL,
	OPT_MAX_SIZE,
	OPT_TIMEOUT
};

static const struct option options[] = {
	{"help", no_argument, NULL, 'h'},
	{"site", required_argument, NULL, 'C'},
	{"name", required_argument, NULL, OPT_NAME},
	{"list", required_argument, NULL, OPT_LIST},
	{"threshold", required_argument, NULL, OPT_THRESHOLD},
	{"txt", no_argument, NULL, OPT_TXT},
	{"url", required_argument, NULL, OPT_URL},
	{"socket", required_argument, NULL, OPT_SOCKET},
	{"parallel", required_argument, NULL, OPT_PARALLEL},
	{"max-size", required_argument, NULL, OPT_MAX_SIZE},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	FILTER_OPTIONS,
	{NULL, 0, NULL, 0},
};

static const struct analyser *const analysers[] = {
	&analyser_clamav, &analyser_command, &analyser_dnsbl, &analyser_dbl, &analyser_rspamd};

struct program {
	struct filter filter;
	struct scan_settings settings;
	struct dns_lists lists;
	const char *site;
	struct scanner *scanner;
};

static void
on_done(void *arg, struct record *rec)
{
	struct program *p = arg;
	filter_emit(&p->filter, rec);
}

static void
on_record(struct filter *f, struct record *rec)
{
	struct program *p = f->ctx;
	scanner_take(p->scanner, rec);
}

/* A name is one word of a field's value. */
static bool
name_ok(const char *name)
{
	return *name && strlen(name) <= 64 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789._-") == strlen(name);
}

static bool
take_list(struct program *p, const char *spec)
{
	const char *why;
	if (lists_add(&p->lists, spec, &why) < 0)
		opt_usage(EX_TEMPFAIL, "--list %s: %s", spec, why);
	return true;
}

static bool
take_option(struct program *p, int opt, const char *arg)
{
	struct scan_settings *s = &p->settings;
	switch (opt) {
	case 'h':
		opt_help(help);
	case 'C':
		p->site = arg;
		return true;
	case OPT_LIST:
		return take_list(p, arg);
	case OPT_THRESHOLD:
		return num_int(str_of(arg), 1, LISTS_MAX * LIST_MAX_WEIGHT,
			       &p->lists.threshold) == 0;
	case OPT_TXT:
		s->txt = true;
		return true;
	case OPT_URL:
		s->url = arg;
		return true;
	case OPT_NAME:
		s->name = arg;
		return name_ok(arg);
	case OPT_SOCKET:
		s->socket = arg;
		return true;
	case OPT_PARALLEL:
		return num_int(str_of(arg), 1, 1000, &s->parallel) == 0;
	case OPT_MAX_SIZE:
		return num_size(str_of(arg), STREAM_MAX_BODY, &s->max_size) == 0;
	case OPT_TIMEOUT:
		return num_duration(str_of(arg), &s->timeout_ms) == 0 && s->timeout_ms > 0;
	default:
		return filter_option(&p->filter, opt, arg);
	}
}

/* "--" ends the operands; what follows it is the program. */
static int
split_program(struct program *p, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!str_eq(str_of(argv[i]), STR("--")))
			continue;
		p->settings.program = argv + i + 1;
		argv[i] = NULL;
		return i;
	}
	return argc;
}

static const struct analyser *
find_analyser(const char *name)
{
	for (size_t i = 0; name && i < sizeof(analysers) / sizeof(*analysers); i++)
		if (str_eq(str_of(name), str_of(analysers[i]->name)))
			return analysers[i];
	opt_usage(EX_TEMPFAIL,
		"%s: expected an analyser: clamav, command, dnsbl, dbl or rspamd",
		name ? name : "no operand");
}

/* What options have not set. */
static void
complete_settings(struct program *p, const struct analyser *analyser)
{
	struct scan_settings *s = &p->settings;
	if (!s->name)
		s->name = analyser->name;
	if (!s->parallel)
		s->parallel = analyser->parallel;
	if (!s->timeout_ms)
		s->timeout_ms = analyser->timeout_ms;
	if (!analyser->lists)
		return;
	if (p->lists.n == 0 && lists_load(&p->lists, site_dir(p->site), s->name) < 0)
		exit(EX_TEMPFAIL);
	if (p->lists.n == 0)
		opt_usage(EX_TEMPFAIL,
			"%s: no lists to ask; expected --list, or Lists in addons/%s.json",
			analyser->name, s->name);
	if (!p->lists.threshold)
		p->lists.threshold = 1;
	s->lists = &p->lists;
}

int
main(int argc, char **argv)
{
	static const struct filter_ops ops = {.record = on_record};
	struct program p = {.settings = {.max_size = 25 << 20}};
	int opt;
	log_init("mm-scan");
	filter_init(&p.filter, &ops, &p);
	argc = split_program(&p, argc, argv);
	while ((opt = getopt_long(argc, argv, "C:h", options, NULL)) != -1)
		if (!take_option(&p, opt, optarg))
			opt_usage(EX_TEMPFAIL, "bad options%s%s",
				optarg ? ", or a value that does not fit: " : "",
				optarg ? optarg : "");
	const struct analyser *analyser = find_analyser(argv[optind]);
	complete_settings(&p, analyser);
	p.scanner = scanner_new(p.filter.loop, analyser, &p.settings, on_done, &p);
	if (!p.scanner)
		exit(EX_TEMPFAIL);
	if (!analyser->executes)
		sandbox_enter(SANDBOX_NET);
	int status = filter_run(&p.filter, argv + optind + 1);
	scanner_free(p.scanner);
	lists_release(&p.lists);
	opt_finish(status);
}
