#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "clock.h"
#include "log.h"
#include "opt.h"
#include "site.h"
#include "srs.h"
#include "srs_main.h"

static const char help[] =
	"mm-relay srs: addresses as the Sender Rewriting Scheme has them\n"
	"\n"
	"usage: mm-relay srs [OPTION...] ADDRESS...\n"
	"\n"
	"  -C, --site DIR   the site directory (else $MM_SITE, /etc/mm)\n"
	"      --reverse    from the rewritten address to the one it stands for\n"
	"  -h, --help\n"
	"\n"
	"example: mm-relay srs alice@example.org\n";

static int
reverse(const struct srs *s, const char *address)
{
	static const char *const why[] = {[SRS_OTHER] = "no SRS address of this site",
		[SRS_FORGED] = "not made by this site",
		[SRS_EXPIRED] = "too old"};
	struct buf out = {0};
	enum srs_result result = srs_reverse(s, str_of(address), clock_now_ms(), &out);
	if (result == SRS_REVERSED)
		(void)puts(buf_cstr(&out));
	else
		log_error("%s: %s", address, why[result]);
	buf_release(&out);
	return result == SRS_REVERSED ? EX_OK : EX_DATAERR;
}

static int
forward(const struct srs *s, const char *address)
{
	struct buf out = {0};
	srs_forward(s, str_of(address), clock_now_ms(), &out);
	(void)puts(buf_cstr(&out));
	buf_release(&out);
	return EX_OK;
}

_Noreturn void
srs_main(int argc, char **argv)
{
	static const struct option table[] = {{"site", required_argument, NULL, 'C'},
		{"reverse", no_argument, NULL, 'r'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	const char *site = NULL;
	bool back = false;
	struct srs s;
	int c, status = EX_OK;
	while ((c = getopt_long(argc, argv, "C:h", table, NULL)) != -1) {
		if (c == 'h')
			opt_help(help);
		else if (c == 'r')
			back = true;
		else if (c == 'C')
			site = optarg;
		else
			opt_usage(EX_USAGE, "wrong option");
	}
	if (optind == argc)
		opt_usage(EX_USAGE, "expected an address");
	if (srs_load(&s, site_dir(site)) < 0)
		exit(EX_CONFIG);
	for (int i = optind; i < argc; i++) {
		int rc = back ? reverse(&s, argv[i]) : forward(&s, argv[i]);
		status = rc ? rc : status;
	}
	srs_release(&s);
	opt_finish(status);
}
