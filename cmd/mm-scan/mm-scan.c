#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "filter.h"
#include "log.h"
#include "num.h"
#include "opt.h"
#include "sandbox.h"
#include "scanner.h"

static const char help[] =
	"mm-scan: let an analyser look at each message; its findings become fields\n"
	"\n"
	"mm-scan [options] clamav [MESSAGE...]\n"
	"mm-scan [options] command [MESSAGE...] -- PROGRAM [ARGUMENT...]\n"
	"  clamav              clamd: infected or not, and the name of what was found\n"
	"  command             a program: the message on its standard input, exit 0 is PASS,\n"
	"                      1 FAIL, anything else PROCESSING_FAILED\n"
	"      --name NAME     of the findings (the analyser's name)\n"
	"      --socket WHERE  clamd's: a path or ADDR:PORT (/var/run/clamav/clamd.ctl)\n"
	"      --parallel N    messages analysed at once (8)\n"
	"      --max-size SIZE larger messages are not analysed (25M)\n"
	"      --timeout TIME  for one message (60s)\n"
	"  -h, --help          this text\n" FILTER_HELP "\n"
	"mm-scan clamav --socket 127.0.0.1:3310 message.eml\n";

enum { OPT_NAME = 1, OPT_SOCKET, OPT_PARALLEL, OPT_MAX_SIZE, OPT_TIMEOUT };

static const struct option options[] = {
	{"help", no_argument, NULL, 'h'},
	{"name", required_argument, NULL, OPT_NAME},
	{"socket", required_argument, NULL, OPT_SOCKET},
	{"parallel", required_argument, NULL, OPT_PARALLEL},
	{"max-size", required_argument, NULL, OPT_MAX_SIZE},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	FILTER_OPTIONS,
	{NULL, 0, NULL, 0},
};

static const struct analyser *const analysers[] = {&analyser_clamav, &analyser_command};

struct program {
	struct filter filter;
	struct scan_settings settings;
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
take_option(struct program *p, int opt, const char *arg)
{
	struct scan_settings *s = &p->settings;
	switch (opt) {
	case 'h':
		opt_help(help);
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
	opt_usage(EX_TEMPFAIL, "%s: expected an analyser: clamav or command",
		name ? name : "no operand");
}

int
main(int argc, char **argv)
{
	static const struct filter_ops ops = {.record = on_record};
	struct program p = {
		.settings = {.parallel = 8, .max_size = 25 << 20, .timeout_ms = 60000}};
	int opt;
	log_init("mm-scan");
	filter_init(&p.filter, &ops, &p);
	argc = split_program(&p, argc, argv);
	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1)
		if (!take_option(&p, opt, optarg))
			opt_usage(EX_TEMPFAIL, "bad options%s%s",
				optarg ? ", or a value that does not fit: " : "",
				optarg ? optarg : "");
	const struct analyser *analyser = find_analyser(argv[optind]);
	if (!p.settings.name)
		p.settings.name = analyser->name;
	p.scanner = scanner_new(p.filter.loop, analyser, &p.settings, on_done, &p);
	if (!p.scanner)
		exit(EX_TEMPFAIL);
	if (!analyser->executes)
		sandbox_enter(SANDBOX_NET);
	int status = filter_run(&p.filter, argv + optind + 1);
	scanner_free(p.scanner);
	opt_finish(status);
}
