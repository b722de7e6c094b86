#include <stdlib.h>
#include <strings.h>
#include <sysexits.h>

#include "filter.h"
#include "log.h"
#include "notify.h"
#include "num.h"
#include "opt.h"
#include "sandbox.h"
#include "site.h"

#define MAX_REQUESTS 64
#define MAX_PROGRAMS 16

static const char help[] =
	"mm-notify: tell a topic, a function, an index or a webhook about messages\n"
	"\n"
	"usage: mm-notify [OPTION...] sns TOPIC [MESSAGE...]\n"
	"       mm-notify [OPTION...] lambda FUNCTION [MESSAGE...]\n"
	"       mm-notify [OPTION...] qbusiness APPLICATION [MESSAGE...]\n"
	"       mm-notify [OPTION...] webhook URL [MESSAGE...]\n"
	"TOPIC, FUNCTION and APPLICATION are topics/TOPIC.json, functions/FUNCTION.json and\n"
	"applications/APPLICATION.json in the site directory.  Without MESSAGE, a mail stream "
	"on standard input goes to standard\n"
	"output with the results.\n"
	"\n"
	"  -C, --site DIR         the site directory (else $MM_SITE, /etc/mm)\n"
	"      --payload WHAT     content (the default with sns) or headers\n"
	"      --encoding HOW     of the content: utf-8 (the default) or base64\n"
	"      --invocation TYPE  of a function: event (the default) or request-response,\n"
	"                         whose disposition becomes a field\n"
	"      --index ID         of an application\n"
	"      --timeout T        for one try (30s)\n"
	"  -h, --help\n"
	"\n" FILTER_HELP "\n"
	"example: mm-notify webhook https://hooks.example.org/mail msg.eml\n";

enum { OPT_PAYLOAD = 256, OPT_ENCODING, OPT_INVOCATION, OPT_INDEX, OPT_TIMEOUT };

static const struct option table[] = {
	{"site", required_argument, NULL, 'C'},
	{"help", no_argument, NULL, 'h'},
	{"payload", required_argument, NULL, OPT_PAYLOAD},
	{"encoding", required_argument, NULL, OPT_ENCODING},
	{"invocation", required_argument, NULL, OPT_INVOCATION},
	{"index", required_argument, NULL, OPT_INDEX},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	FILTER_OPTIONS,
	{NULL, 0, NULL, 0},
};

struct options {
	const char *site, *payload, *index;
	bool base64, request_response;
	int64_t timeout_ms;
};

/* Which of two words it is, as Mail Manager writes them or in lower case. */
static bool
choose(const char *option, const char *arg, const char *no, const char *yes)
{
	if (strcasecmp(arg, yes) != 0 && strcasecmp(arg, no) != 0)
		opt_usage(EX_TEMPFAIL, "--%s: expected %s or %s, not \"%s\"", option, no, yes,
			arg);
	return strcasecmp(arg, yes) == 0;
}

static void
parse_one(struct options *o, struct filter *f, int c)
{
	switch (c) {
	case 'C':
		o->site = optarg;
		break;
	case 'h':
		opt_help(help);
	case OPT_PAYLOAD:
		o->payload =
			choose("payload", optarg, "headers", "content") ? "content" : "headers";
		break;
	case OPT_ENCODING:
		o->base64 = choose("encoding", optarg, "utf-8", "base64");
		break;
	case OPT_INVOCATION:
		for (char *p = optarg; *p; p++)
			*p = *p == '_' ? '-' : *p;
		o->request_response = choose("invocation", optarg, "event", "request-response");
		break;
	case OPT_INDEX:
		o->index = optarg;
		break;
	case OPT_TIMEOUT:
		if (num_duration(str_of(optarg), &o->timeout_ms) < 0 || o->timeout_ms <= 0)
			opt_usage(EX_TEMPFAIL, "--timeout: expected a time such as 30s");
		break;
	default:
		if (!filter_option(f, c, optarg))
			opt_usage(EX_TEMPFAIL, "wrong option");
		break;
	}
}

static int
find_target(struct target *t, const struct options *o, char **operands)
{
	const char *site = site_dir(o->site);
	if (!operands[0] || !operands[1])
		opt_usage(EX_TEMPFAIL, "expected sns TOPIC, lambda FUNCTION, qbusiness "
				       "APPLICATION or webhook URL");
	if (strcmp(operands[0], "sns") == 0)
		return target_topic(t, site, operands[1]);
	if (strcmp(operands[0], "lambda") == 0)
		return target_function(t, site, operands[1]);
	if (strcmp(operands[0], "webhook") == 0)
		return target_webhook(t, operands[1]);
	if (strcmp(operands[0], "qbusiness") == 0)
		return target_application(t, site, operands[1], o->index);
	opt_usage(EX_TEMPFAIL, "expected sns, lambda, qbusiness or webhook, not \"%s\"",
		operands[0]);
}

static void
on_record(struct filter *f, struct record *r)
{
	notify_start(f->ctx, r);
}

static void
give_back(void *arg, struct record *r)
{
	filter_emit(arg, r);
}

static const struct filter_ops ops = {.record = on_record};

static int
run(struct filter *f, struct notifier *n, const struct options *o, char **operands)
{
	struct references refs;
	struct problems ps = {0};
	const struct target *t = n->target;
	int rc = references_open(&refs, site_dir(o->site), true, &ps);
	problems_log(&ps);
	problems_release(&ps);
	if (rc < 0)
		return EX_TEMPFAIL;
	n->payload = (struct payload_options){.base64 = o->base64,
		.content =
			o->payload ? strcmp(o->payload, "content") == 0 : t->kind == TARGET_SNS,
		.max_size = t->kind == TARGET_SNS ? PAYLOAD_SNS_LIMIT : 0,
		.settings = &refs.settings};
	if (t->command)
		n->commands = commands_new(f->loop, t->command, MAX_PROGRAMS, o->timeout_ms);
	else if (!(n->http = http_new(f->loop, MAX_REQUESTS)))
		return EX_TEMPFAIL;
	if (n->http)
		sandbox_enter(SANDBOX_NET);
	int status = filter_run(f, operands);
	if (n->http)
		http_free(n->http);
	if (n->commands)
		commands_free(n->commands);
	references_release(&refs);
	return status;
}

int
main(int argc, char **argv)
{
	struct filter f;
	struct target target = {0};
	struct notifier notifier = {.target = &target, .finished = give_back, .arg = &f};
	struct options o = {.timeout_ms = 30000};
	int c;
	log_init("mm-notify");
	filter_init(&f, &ops, &notifier);
	while ((c = getopt_long(argc, argv, "C:h", table, NULL)) != -1)
		parse_one(&o, &f, c);
	if (find_target(&target, &o, argv + optind) < 0)
		exit(EX_TEMPFAIL);
	notifier.request_response = o.request_response;
	notifier.timeout_ms = o.timeout_ms;
	int status = run(&f, &notifier, &o, argv + optind + 2);
	target_release(&target);
	opt_finish(status);
}
