#include <getopt.h>
#include <string.h>
#include <stdlib.h>
#include <sysexits.h>

#include "address.h"
#include "mem.h"
#include "num.h"
#include "opt.h"
#include "runner.h"
#include "site.h"

#define LONGEST_MS 3153600000000 /* a hundred years: sums of times stay sound */

enum {
	OPT_WINDOW = 1,
	OPT_WINDOW_BYTES,
	OPT_RETRY_MIN,
	OPT_RETRY_MAX,
	OPT_LIFETIME,
	OPT_DELAY_WARNING,
	OPT_BOUNCE,
	OPT_TIMEOUT,
	OPT_GRACE,
	OPT_POISON,
	OPT_HOSTNAME,
	OPT_TIME_SCALE,
};

static const struct option options[] = {
	{"window", required_argument, NULL, OPT_WINDOW},
	{"window-bytes", required_argument, NULL, OPT_WINDOW_BYTES},
	{"retry-min", required_argument, NULL, OPT_RETRY_MIN},
	{"retry-max", required_argument, NULL, OPT_RETRY_MAX},
	{"lifetime", required_argument, NULL, OPT_LIFETIME},
	{"delay-warning", required_argument, NULL, OPT_DELAY_WARNING},
	{"bounce", required_argument, NULL, OPT_BOUNCE},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	{"grace", required_argument, NULL, OPT_GRACE},
	{"poison", required_argument, NULL, OPT_POISON},
	{"hostname", required_argument, NULL, OPT_HOSTNAME},
	{"time-scale", required_argument, NULL, OPT_TIME_SCALE},
	{0},
};

static void
duration(const char *option, int64_t *out)
{
	if (num_duration(str_of(optarg), out) < 0 || *out > LONGEST_MS)
		opt_usage(
			EX_TEMPFAIL, "--%s: expected a duration such as 90s, 5m or 2h", option);
}

static uint64_t
number(const char *option, uint64_t max)
{
	uint64_t v;
	if (num_u64(str_of(optarg), 1, max, &v) < 0)
		opt_usage(EX_TEMPFAIL, "--%s: expected a number of 1 to %llu", option,
			(unsigned long long)max);
	return v;
}

static void
size_option(size_t *out)
{
	uint64_t v;
	if (num_size(str_of(optarg), SIZE_MAX, &v) < 0 || v == 0)
		opt_usage(EX_TEMPFAIL, "--window-bytes: expected a size such as 64M");
	*out = (size_t)v;
}

static void
hostname_option(struct runner *r)
{
	if (!domain_valid(str_of(optarg)))
		opt_usage(EX_TEMPFAIL, "--hostname: expected a domain name");
	free(r->hostname);
	r->hostname = xstrdup(optarg);
}

static void
bounce_option(struct runner *r)
{
	static const char *const words[] = {[BOUNCE_ALWAYS] = "always",
		[BOUNCE_VERIFIED] = "verified",
		[BOUNCE_NEVER] = "never"};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(optarg, words[i]) == 0) {
			r->bounce = (enum bounce)i;
			return;
		}
	opt_usage(EX_TEMPFAIL, "--bounce: expected always, verified or never");
}

struct given {
	const char *site;
	uint64_t scale;
};

/* Up to the first operand, or past "--". */
static void
read_options(struct runner *r, struct given *o, int argc, char **argv)
{
	int c;
	while ((c = getopt_long(argc, argv, "+C:", options, NULL)) != -1) {
		const char *name = c == 'C' || c == '?' ? "" : options[c - 1].name;
		switch (c) {
		case 'C':
			o->site = optarg;
			break;
		case OPT_WINDOW:
			r->window_records = (size_t)number(name, 1000000);
			break;
		case OPT_WINDOW_BYTES:
			size_option(&r->window_bytes);
			break;
		case OPT_RETRY_MIN:
			duration(name, &r->schedule.retry_min);
			break;
		case OPT_RETRY_MAX:
			duration(name, &r->schedule.retry_max);
			break;
		case OPT_LIFETIME:
			duration(name, &r->schedule.lifetime);
			break;
		case OPT_DELAY_WARNING:
			duration(name, &r->schedule.delay_warning);
			break;
		case OPT_BOUNCE:
			bounce_option(r);
			break;
		case OPT_TIMEOUT:
			duration(name, &r->timeout_ms);
			break;
		case OPT_GRACE:
			duration(name, &r->grace_ms);
			break;
		case OPT_POISON:
			r->poison = (unsigned)number(name, 1000);
			break;
		case OPT_HOSTNAME:
			hostname_option(r);
			break;
		case OPT_TIME_SCALE:
			o->scale = number(name, 1000000000);
			break;
		default:
			opt_usage(EX_TEMPFAIL, "run: an option that it does not know");
		}
	}
}

void
run_options(struct runner *r, int argc, char **argv)
{
	struct given o = {.scale = 1};
	read_options(r, &o, argc, argv);
	if (optind >= argc)
		opt_usage(EX_TEMPFAIL, "run: expected the queue's directory");
	r->dir = argv[optind++];
	read_options(r, &o, argc, argv);
	if (optind >= argc)
		opt_usage(EX_TEMPFAIL, "run: expected a worker behind --");
	schedule_scale(&r->schedule, o.scale);
	if (!r->hostname)
		r->hostname = site_hostname(site_dir(o.site));
	r->worker_argv = argv + optind;
}
