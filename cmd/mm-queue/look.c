#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "intake_file.h"
#include "log.h"
#include "look.h"
#include "opt.h"

#define TAKE_AT_ONCE 10000

static bool
has_intake(const char *dir)
{
	char *path = intake_path(dir, NULL);
	bool there = access(path, F_OK) == 0;
	free(path);
	return there;
}

/* What was added since mm-queue run looked last is shown too, if we may write. */
static void
take_intake(struct store *s, const char *dir, enum store_use use)
{
	bool more = true;
	if (use == STORE_READ)
		log_warn("%s cannot be written: what was added last may not be shown", dir);
	else
		while (more)
			if (store_absorb(s, TAKE_AT_ONCE, &more) < 0) {
				log_warn("%s; what was added last may not be shown",
					store_error(s));
				return;
			}
}

struct store *
look_open(int argc, char **argv, enum store_use use)
{
	char why[600];
	bool full;
	if (optind >= argc)
		opt_usage(EX_USAGE, "%s: expected the queue's directory", argv[0]);
	const char *dir = argv[optind++];
	if (access(dir, W_OK) == 0)
		use = has_intake(dir) ? STORE_CREATE : use == STORE_READ ? STORE_EDIT : use;
	struct store *s = store_open(dir, use, why, sizeof(why), &full);
	if (!s)
		log_die(EX_NOINPUT, "%s", why);
	take_intake(s, dir, use);
	return s;
}

bool
look_wants_json(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {0}};
	bool json = false;
	int c;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'j')
			opt_usage(EX_USAGE, "%s: an option that it does not know", argv[0]);
		json = true;
	}
	return json;
}

struct query *
look_query(char **argv)
{
	char why[400];
	struct query *q = query_parse(argv + optind, why, sizeof(why));
	if (!q)
		opt_usage(EX_USAGE, "%s: %s", argv[0], why);
	return q;
}

void
look_some(int argc)
{
	if (optind >= argc)
		opt_usage(
			EX_USAGE, "expected the id of a message, or a term such as from:TEXT");
}

void
look_no_more(int argc, char **argv)
{
	if (optind < argc)
		opt_usage(EX_USAGE, "%s: expected nothing behind the directory", argv[0]);
}

struct str
look_reason(const struct store_row *row)
{
	if (row->held == HELD_NOT)
		return STR_NONE;
	struct str said = row->held == HELD_POISON ? row->reply : record_get(row->rec, "held");
	return said.p ? said : STR("");
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
