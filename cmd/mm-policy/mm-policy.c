#include <sysexits.h>

#include "check.h"
#include "explain.h"
#include "filter.h"
#include "gate.h"
#include "log.h"
#include "opt.h"
#include "postfix.h"
#include "sandbox.h"
#include "site.h"
#include "source.h"

static const char help[] =
	"mm-policy: evaluate a traffic policy on the envelope of each message\n"
	"\n"
	"usage: mm-policy [-n] [--log-json] [-C SITE] POLICY [MESSAGE...]\n"
	"       mm-policy --explain [-C SITE] POLICY [MESSAGE...]\n"
	"       mm-policy --postfix [--listen WHERE]... [-n] [--log-json] [-C SITE] POLICY\n"
	"       mm-policy --check [--lenient] [-C SITE] POLICY...\n"
	"\n"
	"POLICY is the name, id or ARN of a traffic policy or of an ingress point, or the\n"
	"path of a JSON file as aws mailmanager create-traffic-policy takes it.\n"
	"\n"
	"  -C SITE     site directory; else $MM_SITE, else /etc/mm\n"
	"  -n          only add policy: fields, refuse nobody\n"
	"  --log-json  tell each decision as JSON on standard error, as AWS does\n"
	"  --explain   print what each condition found and what follows\n"
	"  --postfix   answer Postfix's check_policy_service on standard input and output,\n"
	"              or to who connects to --listen unix:PATH, ADDR:PORT or :PORT\n"
	"  --check     print every error of the policies, exit 65 if there are any;\n"
	"              warn of what can never matter, match or hold\n"
	"  --lenient   limits and references that do not resolve are warnings\n"
	"  -h          this help\n"
	"\n" FILTER_HELP "\n"
	"example: may 192.0.2.7 write to bob?\n"
	"  mm-policy --explain --ip 192.0.2.7 --rcpt-to bob@example.org inbound\n";

enum { OPT_CHECK = 1, OPT_EXPLAIN, OPT_LENIENT, OPT_LISTEN, OPT_LOG_JSON, OPT_POSTFIX };

static const struct option long_options[] = {
	{"check", no_argument, NULL, OPT_CHECK},
	{"explain", no_argument, NULL, OPT_EXPLAIN},
	{"listen", required_argument, NULL, OPT_LISTEN},
	{"postfix", no_argument, NULL, OPT_POSTFIX},
	{"log-json", no_argument, NULL, OPT_LOG_JSON},
	{"lenient", no_argument, NULL, OPT_LENIENT},
	{"help", no_argument, NULL, 'h'},
	FILTER_OPTIONS,
	{0},
};

struct program {
	struct policy_source source;
	struct gate gate;
	const char *dir;
	const char *listen[POSTFIX_MAX_LISTENERS];
	size_t nlisten;
	bool dry, check, explain, lenient, postfix;
};

static void
on_record(struct filter *f, struct record *r)
{
	struct program *p = f->ctx;
	gate_record(&p->gate, policy_source_current(&p->source), r, p->dry);
	filter_emit(f, r);
}

static void
on_record_to_explain(struct filter *f, struct record *r)
{
	struct program *p = f->ctx;
	explain_record(p->source.policy, r);
	filter_discard(f, r);
}

static const struct filter_ops ops = {.record = on_record};
static const struct filter_ops explain_ops = {
	.record = on_record_to_explain, .takes_failed = true};

static void
add_listen(struct program *p, const char *where)
{
	if (p->nlisten == POSTFIX_MAX_LISTENERS)
		opt_usage(EX_TEMPFAIL, "expected --listen %d times at most",
			POSTFIX_MAX_LISTENERS);
	p->listen[p->nlisten++] = where;
}

static void
check_options(const struct program *p, char **operands)
{
	if (p->lenient && !p->check)
		opt_usage(EX_TEMPFAIL, "--lenient goes with --check");
	if (p->nlisten && !p->postfix)
		opt_usage(EX_TEMPFAIL, "--listen goes with --postfix");
	if (p->check + p->explain + p->postfix > 1)
		opt_usage(EX_TEMPFAIL, "expected one of --check, --explain and --postfix");
	if (!*operands)
		opt_usage(EX_TEMPFAIL, "expected the name of a policy");
	if (p->postfix && operands[1])
		opt_usage(EX_TEMPFAIL, "--postfix takes one policy and no messages");
}

static void
parse_options(struct program *p, struct filter *f, int argc, char **argv)
{
	int c;
	while ((c = getopt_long(argc, argv, "C:nh", long_options, NULL)) != -1) {
		if (c == 'C')
			p->dir = optarg;
		else if (c == 'n')
			p->dry = true;
		else if (c == 'h')
			opt_help(help);
		else if (c == OPT_CHECK)
			p->check = true;
		else if (c == OPT_EXPLAIN)
			p->explain = true;
		else if (c == OPT_LENIENT)
			p->lenient = true;
		else if (c == OPT_LISTEN)
			add_listen(p, optarg);
		else if (c == OPT_POSTFIX)
			p->postfix = true;
		else if (c == OPT_LOG_JSON)
			p->gate.log_json = true;
		else if (!filter_option(f, c, optarg))
			opt_usage(EX_TEMPFAIL, "bad option or value");
	}
	check_options(p, argv + optind);
	p->dir = site_dir(p->dir);
}

static void
open_policy(struct program *p, const char *operand)
{
	struct problems ps = {0};
	int rc = policy_source_open(&p->source, p->dir, operand, &ps);
	problems_log(&ps);
	problems_release(&ps);
	if (rc < 0)
		log_die(EX_TEMPFAIL, "policy %s cannot be used; mm-policy --check shows why",
			operand);
}

/* Without a message the envelope given is explained by itself. */
static int
explain(struct program *p, struct filter *f, char **operands)
{
	if (!*operands && f->envelope->nfields > 0) {
		explain_record(p->source.policy, f->envelope);
		return EX_OK;
	}
	f->ops = &explain_ops;
	return filter_run(f, operands);
}

static int
serve_postfix(struct program *p, struct filter *f)
{
	struct postfix s = {
		.loop = f->loop, .source = &p->source, .gate = &p->gate, .dry = p->dry};
	for (size_t i = 0; i < p->nlisten; i++)
		if (postfix_listen(&s, p->listen[i]) < 0)
			return EX_TEMPFAIL;
	sandbox_enter(p->nlisten ? SANDBOX_ACCEPT : 0);
	return postfix_serve(&s);
}

static int
run(struct program *p, struct filter *f, char **operands)
{
	if (p->postfix)
		return serve_postfix(p, f);
	sandbox_enter(0);
	return p->explain ? explain(p, f, operands) : filter_run(f, operands);
}

int
main(int argc, char **argv)
{
	struct program p = {0};
	struct filter f;
	log_init("mm-policy");
	filter_init(&f, &ops, &p);
	parse_options(&p, &f, argc, argv);
	argv += optind;
	if (p.check)
		opt_finish(check_policies(p.dir, p.lenient, argv));
	open_policy(&p, *argv++);
	int status = run(&p, &f, argv);
	gate_release(&p.gate);
	policy_source_release(&p.source);
	opt_finish(status);
}
