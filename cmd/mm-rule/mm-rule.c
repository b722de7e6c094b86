#include <gmime/gmime.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "check.h"
#include "diff.h"
#include "dispatch.h"
#include "explain.h"
#include "filter.h"
#include "list.h"
#include "log.h"
#include "num.h"
#include "opt.h"
#include "plan.h"
#include "site.h"
#include "source.h"

#define ACTION_TIMEOUT_MS (2 * 60 * 60 * 1000)

static const char help[] =
	"mm-rule: evaluates a rule set for each recipient and carries out its actions\n"
	"\n"
	"usage: mm-rule [-C SITE] [-n] [-x ACTION=COMMAND]... RULESET [MESSAGE...]\n"
	"       mm-rule [-C SITE] --check [--lenient] RULESET...\n"
	"       mm-rule [-C SITE] --explain [--json] RULESET [MESSAGE...]\n"
	"       mm-rule [-C SITE] --diff [--json] [--examples N] OLD NEW [MESSAGE...]\n"
	"       mm-rule list add|del|find|import ...   address lists, mm-rule list -h\n"
	"\n"
	"RULESET is a rule set of the site, an ingress point of the site (then its rule\n"
	"set), or the path of a file (with a '/', or ending in .json)\n"
	"  -C SITE            the site directory; else $MM_SITE, else /etc/mm\n"
	"  -n                 do nothing; say what would be done in plan: fields\n"
	"  -x ACTION=COMMAND  carry out an action by another command (run by sh -c)\n"
	"  --timeout TIME     for one action on one message, 2h unless given\n"
	"  --journal DIR      what is finished is not repeated even after kill -9\n"
	"  --check            print all that is wrong with the rule sets\n"
	"  --lenient          limits and unknown targets are warnings\n"
	"  --explain          print each condition, what was found, and the "
	"outcome\n"
	"  --diff             print who would be treated differently by NEW; exit 1 if any\n"
	"  --examples N       of each kind of difference, 3 unless given\n"
	"  --json             that as JSON Lines\n" FILTER_HELP "\n"
	"example: mm-rule --explain inbound --ip 192.0.2.7 --rcpt-to bob@example.org "
	"mail.eml\n";

enum {
	OPT_CHECK = 256,
	OPT_LENIENT,
	OPT_EXPLAIN,
	OPT_DIFF,
	OPT_EXAMPLES,
	OPT_JSON,
	OPT_JOURNAL,
	OPT_TIMEOUT
};

static const struct option long_options[] = {
	{"site", required_argument, NULL, 'C'},
	{"dry-run", no_argument, NULL, 'n'},
	{"action", required_argument, NULL, 'x'},
	{"check", no_argument, NULL, OPT_CHECK},
	{"lenient", no_argument, NULL, OPT_LENIENT},
	{"explain", no_argument, NULL, OPT_EXPLAIN},
	{"diff", no_argument, NULL, OPT_DIFF},
	{"examples", required_argument, NULL, OPT_EXAMPLES},
	{"json", no_argument, NULL, OPT_JSON},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	{"journal", required_argument, NULL, OPT_JOURNAL},
	{"help", no_argument, NULL, 'h'},
	FILTER_OPTIONS,
	{NULL, 0, NULL, 0},
};

enum mode { MODE_ACT, MODE_PLAN, MODE_CHECK, MODE_EXPLAIN, MODE_DIFF };

struct program {
	struct filter filter;
	struct dispatch dispatch;
	struct source source, other; /* other: NEW of --diff */
	struct diff diff;
	struct ruleset_options options;
	enum mode mode;
	bool json;
	const char *journal;
	int64_t timeout_ms;
};

static void
take_override(struct program *p, const char *arg)
{
	struct str command = str_of(arg), name = str_cut(&command, '=');
	enum action_kind kind = action_kind_of(name);
	if (kind == ACTION_KINDS || !command.n)
		opt_usage(EX_TEMPFAIL,
			"-x %s: expected ACTION=COMMAND with an action such as Relay", arg);
	if (action_internal(kind))
		opt_usage(EX_TEMPFAIL, "-x %s: mm-rule alone can do this action", arg);
	free(p->options.overrides[kind]); /* the last one counts */
	p->options.overrides[kind] = str_dup(command);
}

static void
take_examples(struct program *p, const char *arg)
{
	uint64_t n;
	if (num_u64(str_of(arg), 0, 1000, &n) < 0)
		opt_usage(EX_TEMPFAIL, "--examples: expected a number from 0 to 1000");
	p->diff.examples = (size_t)n;
}

static void
take_option(struct program *p, int opt)
{
	if (opt == 'C')
		p->options.site = optarg;
	else if (opt == 'n')
		p->mode = MODE_PLAN;
	else if (opt == 'x')
		take_override(p, optarg);
	else if (opt == OPT_CHECK)
		p->mode = MODE_CHECK;
	else if (opt == OPT_EXPLAIN)
		p->mode = MODE_EXPLAIN;
	else if (opt == OPT_DIFF)
		p->mode = MODE_DIFF;
	else if (opt == OPT_EXAMPLES)
		take_examples(p, optarg);
	else if (opt == OPT_JOURNAL)
		p->journal = optarg;
	else if (opt == OPT_JSON)
		p->json = true;
	else if (opt == OPT_LENIENT)
		p->options.lenient = true;
	else if (opt == OPT_TIMEOUT && num_duration(str_of(optarg), &p->timeout_ms) < 0)
		opt_usage(EX_TEMPFAIL, "--timeout: expected a time such as 90s or 30m");
	else if (opt == 'h')
		opt_help(help);
	else if (opt == '?' || (opt != OPT_TIMEOUT && !filter_option(&p->filter, opt, optarg)))
		opt_usage(EX_TEMPFAIL, "bad option");
}

static void
take_record(struct filter *f, struct record *r)
{
	struct program *p = f->ctx;
	struct ruleset *set = source_current(&p->source);
	if (p->mode == MODE_PLAN) {
		job_run(job_new(r, set, &plan_executor, f));
		return;
	}
	if (p->dispatch.journal)
		journal_begin(p->dispatch.journal, r);
	job_run(job_new(r, set, &dispatch_executor, &p->dispatch));
}

static void
explain_and_discard(struct filter *f, struct record *r)
{
	struct program *p = f->ctx;
	void (*explain)(struct ruleset *, const struct record *) =
		p->json ? explain_record_json : explain_record;
	explain(source_current(&p->source), r);
	record_remove(r, "status"); /* to have explained it is no failure */
	filter_discard(f, r);
}

static void
compare_and_discard(struct filter *f, struct record *r)
{
	struct program *p = f->ctx;
	diff_record(&p->diff, source_current(&p->source), source_current(&p->other), r);
	record_remove(r, "status");
	filter_discard(f, r);
}

/* 0, 1 when there are differences, else why not all was looked at. */
static int
finish_diff(struct program *p, int status)
{
	diff_print(&p->diff, p->json);
	if (status == EX_OK && p->diff.groups)
		status = 1;
	diff_release(&p->diff);
	source_close(&p->other);
	return status;
}

static int
run(struct program *p, char **operands)
{
	struct problems ps = {0};
	int rc = source_open(&p->source, *operands++, &p->options, &ps), status;
	if (p->mode == MODE_DIFF && source_open(&p->other, *operands++, &p->options, &ps) < 0)
		rc = -1;
	problems_log(&ps);
	problems_release(&ps);
	if (rc == 0 && p->journal && p->mode == MODE_ACT &&
		!(p->dispatch.journal = journal_open(p->journal)))
		rc = -1;
	if (rc < 0)
		return EX_TEMPFAIL;
	dispatch_init(&p->dispatch);
	p->dispatch.filter = &p->filter;
	p->dispatch.pool = pool_new(p->filter.loop, p->timeout_ms);
	status = filter_run(&p->filter, operands);
	pool_free(p->dispatch.pool);
	dispatch_release(&p->dispatch);
	source_close(&p->source);
	return p->mode == MODE_DIFF ? finish_diff(p, status) : status;
}

int
main(int argc, char **argv)
{
	static const struct filter_ops ops = {.record = take_record},
				       explain_ops = {.record = explain_and_discard,
					       .takes_failed = true},
				       diff_ops = {.record = compare_and_discard,
					       .takes_failed = true};
	struct program p = {.timeout_ms = ACTION_TIMEOUT_MS, .diff.examples = DIFF_EXAMPLES};
	int opt, status;
	log_init(argv[0]);
	if (argc > 1 && strcmp(argv[1], "list") == 0)
		opt_finish(list_main(argc - 1, argv + 1));
	g_mime_init();
	filter_init(&p.filter, &ops, &p);
	while ((opt = getopt_long(argc, argv, "C:nx:h", long_options, NULL)) != -1)
		take_option(&p, opt);
	if (p.json && p.mode != MODE_EXPLAIN && p.mode != MODE_DIFF)
		opt_usage(EX_TEMPFAIL, "--json goes with --explain and --diff");
	if (p.mode == MODE_EXPLAIN)
		p.filter.ops = &explain_ops;
	if (p.mode == MODE_DIFF)
		p.filter.ops = &diff_ops;
	p.options.site = site_dir(p.options.site);
	argv += optind;
	if (!*argv)
		opt_usage(EX_TEMPFAIL, "expected a rule set");
	if (p.mode == MODE_DIFF && !argv[1])
		opt_usage(EX_TEMPFAIL, "--diff: expected two rule sets, the old and the new");
	status = p.mode == MODE_CHECK ? check(argv, &p.options) : run(&p, argv);
	for (int i = 0; i < ACTION_KINDS; i++)
		free(p.options.overrides[i]);
	opt_finish(status);
}
