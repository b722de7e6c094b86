#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "look.h"
#include "opt.h"

struct store *
look_open(int argc, char **argv, enum store_use use)
{
	char why[600];
	bool full;
	if (optind >= argc)
		opt_usage(EX_USAGE, "%s: expected the queue's directory", argv[0]);
	struct store *s = store_open(argv[optind++], use, why, sizeof(why), &full);
	if (!s)
		log_die(EX_NOINPUT, "%s", why);
	return s;
}

void
look_ids(int argc)
{
	if (optind >= argc)
		opt_usage(EX_USAGE, "expected the id of a message");
}

void
look_no_more(int argc, char **argv)
{
	if (optind < argc)
		opt_usage(EX_USAGE, "%s: expected nothing behind the directory", argv[0]);
}

int
look_missing(const char *id, const char *unless)
{
	log_error("no message %s in the queue%s", id, unless);
	return EX_NOINPUT;
}

void
look_failed(struct store *s)
{
	log_die(EX_TEMPFAIL, "%s", store_error(s));
}

void
look_unwritable(void)
{
	log_die(EX_TEMPFAIL, "cannot write standard output: %s", strerror(errno));
}
