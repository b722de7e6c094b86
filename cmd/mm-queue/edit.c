#include <getopt.h>
#include <stdbool.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "commands.h"
#include "log.h"
#include "look.h"
#include "opt.h"
#include "wake.h"

typedef int edit_id(struct store *s, struct str id, int *changed);

static int
hold_id(struct store *s, struct str id, int *changed)
{
	return store_hold_id(s, id, changed);
}

static int
release_id(struct store *s, struct str id, int *changed)
{
	return store_release_id(s, id, clock_now_ms(), changed);
}

static int
retry_id(struct store *s, struct str id, int *changed)
{
	return store_retry_id(s, id, clock_now_ms(), changed);
}

static int
remove_id(struct store *s, struct str id, int *changed)
{
	return store_remove_id(s, id, changed);
}

static void
wake_runner(const char *dir)
{
	int fd = wake_open(dir);
	if (fd < 0) {
		log_warn("cannot wake mm-queue run: %m");
		return;
	}
	wake_changed(fd);
	close(fd);
}

static const struct option options[] = {
	{"all", no_argument, NULL, 'a'},
	{0},
};

static bool
read_options(int argc, char **argv, bool allow_all)
{
	bool all = false;
	int c;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'a' || !allow_all)
			opt_usage(EX_USAGE, "%s: an option that it does not know", argv[0]);
		all = true;
	}
	return all;
}

/* All or none: one transaction. */
static int
edit(int argc, char **argv, edit_id *each, bool allow_all, const char *unless)
{
	bool all = read_options(argc, argv, allow_all);
	struct store *s = look_open(argc, argv, STORE_EDIT);
	const char *dir = argv[optind - 1];
	int status = EX_OK, changed;
	if (all)
		look_no_more(argc, argv);
	else
		look_ids(argc);
	if (store_begin(s) < 0)
		look_failed(s);
	if (all && store_retry_all(s, clock_now_ms(), &changed) < 0)
		look_failed(s);
	for (; optind < argc; optind++) {
		if (each(s, str_of(argv[optind]), &changed) < 0)
			look_failed(s);
		if (changed == 0)
			status = look_missing(argv[optind], unless);
	}
	if (store_commit(s) < 0)
		look_failed(s);
	store_close(s);
	wake_runner(dir);
	return status;
}

int
command_retry(int argc, char **argv)
{
	return edit(argc, argv, retry_id, true, "");
}

int
command_hold(int argc, char **argv)
{
	return edit(argc, argv, hold_id, false, ", or it is held already");
}

int
command_release(int argc, char **argv)
{
	return edit(argc, argv, release_id, false, ", or it is not held");
}

int
command_remove(int argc, char **argv)
{
	return edit(argc, argv, remove_id, false, "");
}
