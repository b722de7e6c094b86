#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "commands.h"
#include "log.h"
#include "look.h"
#include "mem.h"
#include "opt.h"
#include "table.h"
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

struct edit {
	const char *done; /* "removed" */
	edit_id *each;
	const char *unless; /* said of an id for which nothing changed */
	bool allows_all;
	bool all, dry_run; /* by option */
	struct store *store;
	struct table table;
	char **ids; /* owned, as they are */
	size_t n, cap;
	size_t changed;
	int status;
};

static const struct option options[] = {
	{"all", no_argument, NULL, 'a'},
	{"dry-run", no_argument, NULL, 'n'},
	{0},
};

static void
read_options(struct edit *e, int argc, char **argv)
{
	int c;
	while ((c = getopt_long(argc, argv, "n", options, NULL)) != -1) {
		if (c == 'n')
			e->dry_run = true;
		else if (c == 'a' && e->allows_all)
			e->all = true;
		else
			opt_usage(EX_USAGE, "%s: an option that it does not know", argv[0]);
	}
}

static bool
gather(void *arg, struct store_row *row)
{
	struct edit *e = arg;
	e->ids = xgrow(e->ids, &e->cap, e->n + 1, sizeof(*e->ids));
	e->ids[e->n++] = str_dup(record_get(row->rec, "id"));
	return true;
}

static bool
show(void *arg, struct store_row *row)
{
	struct edit *e = arg;
	table_row(&e->table, row);
	return true;
}

static void
missing(void *arg, const char *id)
{
	struct edit *e = arg;
	e->status = look_missing(id, "");
}

static void
apply(struct edit *e, const char *id, bool named)
{
	int changed;
	if (e->each(e->store, str_of(id), &changed) < 0)
		look_failed(e->store);
	if (changed == 0 && named)
		e->status = look_missing(id, e->unless);
	e->changed += (size_t)changed;
}

/* All or none: one transaction. */
static void
apply_all(struct edit *e, char *const *ids)
{
	int changed;
	if (store_begin(e->store) < 0)
		look_failed(e->store);
	if (e->all && store_retry_all(e->store, clock_now_ms(), &changed) < 0)
		look_failed(e->store);
	for (size_t i = 0; i < e->n; i++)
		apply(e, e->ids[i], false);
	for (; *ids; ids++)
		apply(e, *ids, true);
	if (store_commit(e->store) < 0)
		look_failed(e->store);
}

static void
what_would_be_done(struct edit *e, const struct query *q)
{
	table_start(&e->table);
	if (query_each(e->store, q, show, e, missing) < 0)
		look_failed(e->store);
	table_end(&e->table);
}

/* Of --all: those that wait for another attempt. */
static struct query *
query_of(const struct edit *e, char **argv)
{
	static char tried[] = "tried:yes", not_held[] = "held:no";
	static char *const waiting[] = {tried, not_held, NULL};
	char why[400];
	return e->all ? query_parse(waiting, why, sizeof(why)) : look_query(argv);
}

static int
edit(int argc, char **argv, struct edit *e)
{
	static char *const none[] = {NULL};
	read_options(e, argc, argv);
	e->store = look_open(argc, argv, e->dry_run ? STORE_READ : STORE_EDIT);
	const char *dir = argv[optind - 1];
	if (e->all)
		look_no_more(argc, argv);
	else
		look_some(argc);
	struct query *q = query_of(e, argv);
	bool terms = query_has_terms(q) && !e->all;
	if (e->dry_run) {
		what_would_be_done(e, q);
	} else {
		if (terms && query_each(e->store, q, gather, e, missing) < 0)
			look_failed(e->store);
		apply_all(e, terms ? none : argv + optind);
		wake_runner(dir);
		if (terms)
			printf("%s %zu message%s\n", e->done, e->changed,
				e->changed == 1 ? "" : "s");
	}
	for (size_t i = 0; i < e->n; i++)
		free(e->ids[i]);
	free(e->ids);
	query_free(q);
	store_close(e->store);
	opt_finish(e->status);
}

int
command_retry(int argc, char **argv)
{
	struct edit e = {
		.done = "due now:", .each = retry_id, .unless = "", .allows_all = true};
	return edit(argc, argv, &e);
}

int
command_hold(int argc, char **argv)
{
	struct edit e = {.done = "held", .each = hold_id, .unless = ", or it is held already"};
	return edit(argc, argv, &e);
}

int
command_release(int argc, char **argv)
{
	struct edit e = {
		.done = "released", .each = release_id, .unless = ", or it is not held"};
	return edit(argc, argv, &e);
}

int
command_remove(int argc, char **argv)
{
	struct edit e = {.done = "removed", .each = remove_id, .unless = ""};
	return edit(argc, argv, &e);
}
