/* mm-search: queries archives. */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "archive_shared.h"
#include "columns.h"
#include "filters.h"
#include "log.h"
#include "mem.h"
#include "opt.h"
#include "options.h"
#include "pager.h"
#include "archive_hold.h"
#include "archive_query_report.h"
#include "sandbox.h"
#include "site.h"

static struct query *
read_query(struct options *o, char **words)
{
	struct query_error e;
	struct buf text = {0};
	for (; *words; words++) {
		if (text.n)
			buf_addc(&text, ' ');
		buf_addstr(&text, *words);
	}
	struct query *q = query_parse(buf_str(&text), o->search.now, &e);
	if (!q) {
		query_report(buf_str(&text), &e);
		exit(EX_USAGE);
	}
	o->text = str_dup(buf_str(&text));
	buf_release(&text);
	return q;
}

/* The query and, if asked for, filters. */
static struct query *
read_all(struct options *o, char **words)
{
	struct query *q = read_query(o, words);
	struct filters f;
	if (!o->filters)
		return q;
	if (filters_read(&f, o->filters) < 0)
		exit(EX_DATAERR);
	query_add_kid(f.query, q);
	if (f.limit >= 0 && !o->limited)
		o->search.limit = f.limit;
	if (f.archive && o->narchives == 0) {
		o->archives = xgrow(o->archives, &o->cap, 1, sizeof(char *));
		o->archives[o->narchives++] = f.archive;
	} else {
		free(f.archive);
	}
	return f.query;
}

static bool
is_same(const struct mail_archive *a, const struct mail_archive *b)
{
	struct stat one, other;
	return stat(a->dir, &one) == 0 && stat(b->dir, &other) == 0 &&
	       one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* Each once, however often and by what names it was given; *n: how many. */
static bool
open_archives(struct options *o, struct mail_archive *list, size_t *n)
{
	bool good = true;
	*n = 0;
	for (size_t i = 0; i < o->narchives; i++) {
		struct mail_archive *a = &list[*n];
		size_t same = 0;
		if (mail_archive_open(a, o->site, o->root, o->archives[i]) < 0)
			good = false;
		while (good && same < *n && !is_same(&list[same], a))
			same++;
		if (good && same < *n)
			mail_archive_release(a);
		else
			++*n;
	}
	return good;
}

static int
archive_width(const struct mail_archive *list, size_t n)
{
	size_t width = 7; /* of the heading */
	for (size_t i = 0; i < n; i++)
		width = strlen(list[i].name) > width ? strlen(list[i].name) : width;
	return n < 2 ? 0 : width > 64 ? 64 : (int)width;
}

static bool
wants_colour(void)
{
	const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
	return !(no_colour && *no_colour) && !(terminal && strcmp(terminal, "dumb") == 0);
}

static void
start_table(const struct options *o)
{
	struct table t = {.terminal = isatty(STDOUT_FILENO),
		.width = columns_of_terminal(),
		.archive = archive_width(o->search.archives, o->search.narchives),
		.query = o->search.query,
		.group = o->group};
	t.colour = t.terminal && wants_colour();
	if (t.terminal && o->pager)
		pager_start();
	output_table_start(&t);
}

/* Who pages through results must not hold up other hosts: all is found first. */
static bool
is_shared(const struct search *s)
{
	for (size_t i = 0; i < s->narchives; i++)
		if (archive_shared(s->archives[i].dir))
			return true;
	return false;
}

static void
list(struct search *s)
{
	s->descending = true;
	if (is_shared(s))
		search_sorted(s, search_sort_expression(STR("received")));
	else
		search_list(s);
}

static void
run(struct options *o)
{
	struct search *s = &o->search;
	if (o->group)
		search_grouped(s, o->group);
	else if (!s->output)
		search_count(s);
	else if (o->sort)
		search_sorted(s, o->sort);
	else
		list(s);
	if (!s->output && !s->json && !o->table)
		printf("%lld\n", (long long)s->found);
}

/* Without its holds an archive is searched all the same, for what has not expired. */
static struct archive_holds **
load_holds(struct search *s)
{
	struct archive_holds **holds =
		xcalloc(s->narchives + 1, sizeof(struct archive_holds *));
	for (size_t i = 0; i < s->narchives; i++)
		if (!(holds[i] = archive_holds_load(s->archives[i].dir)))
			s->failed = true;
	return holds;
}

/* The first in: that names none of the archives. */
static const struct query *
unknown_archive(const struct query *q, const struct search *s)
{
	const struct query *found = q->kind == QUERY_ARCHIVE ? q : NULL;
	for (size_t i = 0; found && i < s->narchives; i++)
		if (str_ieq(str_of(s->archives[i].name), str_of(q->text)))
			found = NULL;
	for (size_t i = 0; !found && i < q->n; i++)
		found = unknown_archive(q->kids[i], s);
	return found;
}

static void
refuse_unknown(const struct options *o)
{
	const struct search *s = &o->search;
	const struct query *in = unknown_archive(s->query, s);
	struct query_error e;
	struct buf text = {0};
	if (!in)
		return;
	for (size_t i = 0; i < s->narchives; i++)
		buf_addf(&text, "%s%s",
			i == 0                  ? ""
			: i + 1 == s->narchives ? " or "
						: ", ",
			s->archives[i].name);
	e.column = in->place;
	snprintf(e.text, sizeof(e.text), "no archive \"%s\" is searched; expected %s", in->text,
		buf_cstr(&text));
	query_report(str_of(o->text), &e);
	exit(EX_USAGE);
}

/* 0: something was found, 1: nothing. */
static int
search(struct options *o)
{
	struct mail_archive *list = xcalloc(o->narchives + 1, sizeof(*list));
	struct archive_holds **holds = NULL;
	int status = EX_NOINPUT;
	size_t n;
	if (open_archives(o, list, &n)) {
		o->search.archives = list;
		o->search.narchives = n;
		refuse_unknown(o);
		o->search.holds = holds = load_holds(&o->search);
		if (o->table)
			start_table(o);
		sandbox_enter(SANDBOX_WRITE); /* SQLite keeps files beside an index */
		run(o);
		output_table_end();
		status = o->search.failed ? EX_DATAERR : o->search.found == 0;
	}
	for (size_t i = 0; i < n; i++) {
		mail_archive_release(&list[i]);
		if (holds)
			archive_holds_free(holds[i]);
	}
	free(holds);
	free(list);
	return status;
}

static void
all_archives(struct options *o)
{
	if (mail_archive_names(o->site, &o->archives, &o->narchives) < 0)
		exit(EX_NOINPUT);
	if (o->narchives)
		return;
	log_error("%s has no archives; expected -a with one, or mm-archive create", o->site);
	exit(EX_NOINPUT);
}

int
main(int argc, char **argv)
{
	struct options o;
	log_init("mm-search");
	columns_init();
	/* counting what is allocated takes a mutex that all threads wait for */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	signal(SIGPIPE, SIG_DFL); /* mm-search ... | head */
	int at = options_read(&o, argc, argv);
	o.site = site_dir(o.site);
	struct query *q = read_all(&o, argv + at);
	if (o.narchives == 0)
		all_archives(&o);
	o.search.query = q;
	int status = search(&o);
	query_free(q);
	options_release(&o);
	opt_finish(status);
}
