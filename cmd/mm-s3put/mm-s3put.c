#include <stdlib.h>
#include <sysexits.h>

#include "filter.h"
#include "log.h"
#include "mem.h"
#include "num.h"
#include "opt.h"
#include "put.h"
#include "sandbox.h"
#include "site.h"

#define MAX_ACTIVE 64

static const char help[] =
	"mm-s3put: write messages to an S3 bucket\n"
	"\n"
	"usage: mm-s3put [OPTION...] --bucket BUCKET [MESSAGE...]\n"
	"The object's key is the prefix and the message's id.  Without MESSAGE, a mail\n"
	"stream on standard input goes to standard output with the results.\n"
	"\n"
	"  -C, --site DIR      the site directory (else $MM_SITE, /etc/mm)\n"
	"      --bucket BUCKET\n"
	"      --prefix PREFIX put before the id as it is\n"
	"      --endpoint URL  else $AWS_ENDPOINT_URL_S3, site.json, AWS itself\n"
	"      --region REGION else $AWS_REGION, site.json, us-east-1\n"
	"      --kms-key KEY   encrypt on the server with this key\n"
	"      --path-style    URL/BUCKET/KEY (the default with an endpoint)\n"
	"      --virtual-host  BUCKET.HOST/KEY (the default with AWS)\n"
	"      --timeout T     for one try (60s)\n"
	"  -h, --help\n"
	"credentials: $AWS_ACCESS_KEY_ID, $AWS_SECRET_ACCESS_KEY, $AWS_SESSION_TOKEN, else\n"
	"secrets/s3.json in the site\n"
	"\n" FILTER_HELP "\n"
	"example: mm-s3put --bucket mail --prefix in/ msg.eml\n";

enum {
	OPT_BUCKET = 256,
	OPT_PREFIX,
	OPT_ENDPOINT,
	OPT_REGION,
	OPT_KMS,
	OPT_PATH_STYLE,
	OPT_VIRTUAL_HOST,
	OPT_TIMEOUT
};

static const struct option table[] = {
	{"site", required_argument, NULL, 'C'},
	{"help", no_argument, NULL, 'h'},
	{"bucket", required_argument, NULL, OPT_BUCKET},
	{"prefix", required_argument, NULL, OPT_PREFIX},
	{"endpoint", required_argument, NULL, OPT_ENDPOINT},
	{"region", required_argument, NULL, OPT_REGION},
	{"kms-key", required_argument, NULL, OPT_KMS},
	{"path-style", no_argument, NULL, OPT_PATH_STYLE},
	{"virtual-host", no_argument, NULL, OPT_VIRTUAL_HOST},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	FILTER_OPTIONS,
	{NULL, 0, NULL, 0},
};

static void
set(char **field, const char *value)
{
	free(*field);
	*field = xstrdup(value);
}

static void
parse_one(struct s3 *s3, struct putter *p, struct filter *f, int c)
{
	switch (c) {
	case 'h':
		opt_help(help);
	case OPT_BUCKET:
		set(&s3->bucket, optarg);
		break;
	case OPT_PREFIX:
		set(&s3->prefix, optarg);
		break;
	case OPT_ENDPOINT:
		set(&s3->endpoint, optarg);
		break;
	case OPT_REGION:
		set(&s3->region, optarg);
		break;
	case OPT_KMS:
		set(&s3->kms_key, optarg);
		break;
	case OPT_PATH_STYLE:
	case OPT_VIRTUAL_HOST:
		s3->path_style = c == OPT_PATH_STYLE;
		break;
	case OPT_TIMEOUT:
		if (num_duration(str_of(optarg), &p->timeout_ms) < 0 || p->timeout_ms <= 0)
			opt_usage(EX_TEMPFAIL, "--timeout: expected a time such as 60s");
		break;
	default:
		if (!filter_option(f, c, optarg))
			opt_usage(EX_TEMPFAIL, "wrong option");
		break;
	}
}

static void
on_record(struct filter *f, struct record *r)
{
	put_start(f->ctx, r);
}

static void
give_back(void *arg, struct record *r)
{
	filter_emit(arg, r);
}

static const struct filter_ops ops = {.record = on_record};

int
main(int argc, char **argv)
{
	struct s3 s3 = {.path_style = -1};
	struct filter f;
	struct putter putter = {
		.s3 = &s3, .timeout_ms = 60000, .finished = give_back, .arg = &f};
	const char *site = NULL;
	int c;
	log_init("mm-s3put");
	filter_init(&f, &ops, &putter);
	while ((c = getopt_long(argc, argv, "C:h", table, NULL)) != -1) {
		if (c == 'C')
			site = optarg;
		else
			parse_one(&s3, &putter, &f, c);
	}
	if (!s3.bucket || !*s3.bucket || strchr(s3.bucket, '/'))
		opt_usage(EX_TEMPFAIL, "expected --bucket and the name of a bucket");
	if (s3_complete(&s3, site_dir(site)) < 0 ||
		!(putter.http = http_new(f.loop, MAX_ACTIVE)))
		exit(EX_TEMPFAIL);
	sandbox_enter(SANDBOX_NET);
	int status = filter_run(&f, argv + optind);
	http_free(putter.http);
	s3_release(&s3);
	opt_finish(status);
}
