/* mm-search: queries archives. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clock.h"
#include "log.h"
#include "mem.h"
#include "mimetext.h"
#include "num.h"
#include "opt.h"
#include "sandbox.h"
#include "search.h"
#include "site.h"

static const char help[] =
	"mm-search: query archives, newest messages first\n\n"
	"  mm-search [-C SITE] [-a ARCHIVE]... [--json|--stream|--ids|--count] [--limit N] "
	"QUERY...\n"
	"\n"
	"  -a ARCHIVE    name, ARN, or the path of a directory; without, all of the site\n"
	"  --json        JSON Lines, the fields of Mail Manager's Row\n"
	"  --stream      the messages with their envelopes, as a mail stream\n"
	"  --ids         ids, for mm-archive get\n"
	"  --count       how many\n"
	"  --limit N     no more than N\n"
	"  --now TIME    as if it were that time (retention, since:7d)\n"
	"  --root DIR    where the archives are\n\n"
	"query: words, \"phrases\", begin*, -not, OR, (parentheses) and\n"
	"  from: to: cc: subject: body: attachment: mail-from: rcpt: id: ip: ingress: spf:\n"
	"  dkim: dmarc: size:>1M has:attachment since: until: date:2026-09..2026-10\n\n"
	"example: what would the new rules have done?\n"
	"  mm-search -a NutritionCo since:2026-10 --stream | mm-rule -n new-rules.json\n";

enum { OPT_JSON = 256, OPT_STREAM, OPT_IDS, OPT_COUNT, OPT_LIMIT, OPT_NOW, OPT_ROOT };

struct asked {
	const char *site, *root;
	char **archives;
	size_t narchives, cap;
	bool table;
	struct search search;
};

static void
take_option(struct asked *a, int opt)
{
	uint64_t limit;
	switch (opt) {
	case 'h':
		opt_help(help);
	case 'C':
		a->site = optarg;
		return;
	case 'a':
		a->archives = xgrow(a->archives, &a->cap, a->narchives + 1, sizeof(char *));
		a->archives[a->narchives++] = xstrdup(optarg);
		return;
	case OPT_ROOT:
		a->root = optarg;
		return;
	case OPT_LIMIT:
		if (num_u64(str_of(optarg), 0, INT64_MAX, &limit) < 0)
			opt_usage(EX_USAGE, "expected --limit with a number");
		a->search.limit = (int64_t)limit;
		return;
	case OPT_NOW:
		if (clock_parse_rfc3339(str_of(optarg), &a->search.now) < 0)
			opt_usage(EX_USAGE,
				"expected --now with a time such as 2026-11-22T10:00:00Z");
		return;
	case OPT_JSON:
	case OPT_STREAM:
	case OPT_IDS:
	case OPT_COUNT:
		a->table = false;
		a->search.output = opt == OPT_JSON     ? output_json
				   : opt == OPT_STREAM ? output_stream
				   : opt == OPT_IDS    ? output_ids
						       : NULL;
		return;
	default:
		opt_usage(EX_USAGE, "bad option; a query that begins with - comes behind --");
	}
}

static struct query *
read_query(char **words, int64_t now)
{
	struct query_error e;
	struct buf text = {0};
	for (; *words; words++) {
		if (text.n)
			buf_addc(&text, ' ');
		buf_addstr(&text, *words);
	}
	struct query *q = query_parse(buf_str(&text), now, &e);
	if (!q) {
		fprintf(stderr, "mm-search: query, column %zu: %s\n  %s\n  %*s\n", e.column,
			e.text, buf_cstr(&text), (int)e.column, "^");
		exit(EX_USAGE);
	}
	buf_release(&text);
	return q;
}

static bool
open_archives(struct asked *a, struct mail_archive *list)
{
	bool good = true;
	for (size_t i = 0; i < a->narchives; i++)
		if (mail_archive_open(&list[i], a->site, a->root, a->archives[i]) < 0)
			good = false;
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

/* 0: something was found, 1: nothing. */
static int
search(struct asked *a)
{
	struct mail_archive *list = xcalloc(a->narchives + 1, sizeof(*list));
	int status = EX_NOINPUT;
	if (open_archives(a, list)) {
		a->search.archives = list;
		a->search.narchives = a->narchives;
		if (a->table)
			output_table_start(archive_width(list, a->narchives));
		search_run(&a->search);
		if (!a->search.output)
			printf("%lld\n", (long long)a->search.found);
		status = a->search.failed ? EX_DATAERR : a->search.found == 0;
	}
	for (size_t i = 0; i < a->narchives; i++) {
		mail_archive_release(&list[i]);
		free(a->archives[i]);
	}
	free(a->archives);
	free(list);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'},
		{"archive", required_argument, NULL, 'a'},
		{"json", no_argument, NULL, OPT_JSON},
		{"stream", no_argument, NULL, OPT_STREAM}, {"ids", no_argument, NULL, OPT_IDS},
		{"count", no_argument, NULL, OPT_COUNT},
		{"limit", required_argument, NULL, OPT_LIMIT},
		{"now", required_argument, NULL, OPT_NOW},
		{"root", required_argument, NULL, OPT_ROOT}, {NULL, 0, NULL, 0}};
	struct asked a = {.table = true,
		.search = {.now = clock_now_ms(), .limit = -1, .output = output_table}};
	int opt;
	log_init("mm-search");
	signal(SIGPIPE, SIG_DFL); /* mm-search ... | head */
	while ((opt = getopt_long(argc, argv, "hC:a:", options, NULL)) != -1)
		take_option(&a, opt);
	a.site = site_dir(a.site);
	struct query *q = read_query(argv + optind, a.search.now);
	if (a.narchives == 0)
		mail_archive_names(a.site, &a.archives, &a.narchives);
	a.search.query = q;
	mimetext_init();
	sandbox_enter(SANDBOX_WRITE); /* SQLite keeps a file for readers beside an index */
	int status = search(&a);
	query_free(q);
	opt_finish(status);
}
