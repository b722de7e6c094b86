#include <getopt.h>
#include <stdlib.h>
#include <sysexits.h>

#include "clock.h"
#include "mail_archive.h"
#include "mem.h"
#include "num.h"
#include "opt.h"
#include "options.h"

static const char help[] =
	"mm-search: query archives, newest messages first\n\n"
	"  mm-search [-C SITE] [-a ARCHIVE]... [OPTION]... QUERY...\n\n"
	"  -a ARCHIVE    name, ARN, or the path of a directory; without, all of the site\n"
	"  --filters X   also what Mail Manager's ArchiveFilters say, a file or JSON\n"
	"  --json        JSON Lines, the fields of Mail Manager's Row\n"
	"  --stream      the messages with their envelopes, as a mail stream\n"
	"  --mbox        the messages as a mailbox (mboxrd)\n"
	"  --ids         ids, for mm-archive get\n"
	"  --count       how many\n"
	"  --sort KEY    received, date, from, subject, size; -KEY for the other way round\n"
	"  --group-by KEY  count by from, to, day, month, subject, archive, ip, ingress, "
	"list,\n"
	"                spf, dkim, dmarc or arc; with --json for programs\n"
	"  --limit N     no more than N\n"
	"  --offset N    not the first N\n"
	"  --no-pager    even to a terminal\n"
	"  --now TIME    as if it were that time (retention, since:7d)\n"
	"  -C SITE       the site directory ($MM_SITE, /etc/mm)\n"
	"  --key-file F  an encrypted archive's, else what its document names\n"
	"  --root DIR    where the archives are\n\n"
	"query: words, \"phrases\", begin*, -not, OR, (parentheses), from:(alice OR bob) and\n"
	"  from: to: cc: subject: body: attachment: mail-from: rcpt: id: list: ip: ingress:\n"
	"  spf: dkim: dmarc: arc: size:>1M has:attachment since: until:\n"
	"  date:2026-09..2026-10 in:ARCHIVE\n\n"
	"example: what would the new rules have done?\n"
	"  mm-search -a NutritionCo since:2026-10 --stream | mm-rule -n new-rules.json\n";

enum {
	OPT_JSON = 256,
	OPT_STREAM,
	OPT_MBOX,
	OPT_IDS,
	OPT_COUNT,
	OPT_LIMIT,
	OPT_OFFSET,
	OPT_SORT,
	OPT_GROUP,
	OPT_FILTERS,
	OPT_NO_PAGER,
	OPT_NOW,
	OPT_ROOT,
	OPT_KEY_FILE
};

static const struct option table[] = {{"help", no_argument, NULL, 'h'},
	{"archive", required_argument, NULL, 'a'}, {"json", no_argument, NULL, OPT_JSON},
	{"stream", no_argument, NULL, OPT_STREAM}, {"mbox", no_argument, NULL, OPT_MBOX},
	{"ids", no_argument, NULL, OPT_IDS}, {"count", no_argument, NULL, OPT_COUNT},
	{"limit", required_argument, NULL, OPT_LIMIT},
	{"offset", required_argument, NULL, OPT_OFFSET},
	{"sort", required_argument, NULL, OPT_SORT},
	{"group-by", required_argument, NULL, OPT_GROUP},
	{"filters", required_argument, NULL, OPT_FILTERS},
	{"no-pager", no_argument, NULL, OPT_NO_PAGER},
	{"now", required_argument, NULL, OPT_NOW}, {"root", required_argument, NULL, OPT_ROOT},
	{"key-file", required_argument, NULL, OPT_KEY_FILE}, {NULL, 0, NULL, 0}};

static int64_t
number(const char *option)
{
	uint64_t n;
	if (num_u64(str_of(optarg), 0, INT64_MAX, &n) < 0)
		opt_usage(EX_USAGE, "expected %s with a number", option);
	return (int64_t)n;
}

static void
take_sort(struct options *o)
{
	struct str key = str_of(optarg);
	o->search.descending = str_starts(key, STR("-"));
	o->sort = search_sort_expression(o->search.descending ? str_skip(key, 1) : key);
	if (!o->sort)
		opt_usage(EX_USAGE,
			"expected --sort with received, date, from, subject or size, or one of "
			"them with - before it");
}

static void
take_group(struct options *o)
{
	o->group = optarg;
	if (!search_group_known(str_of(optarg)))
		opt_usage(EX_USAGE,
			"expected --group-by with from, to, day, month, subject, archive, ip, "
			"ingress, list, spf, dkim, dmarc or arc");
}

static void
take_form(struct options *o, int opt)
{
	o->table = false;
	o->search.json = opt == OPT_JSON;
	o->search.whole_messages = opt == OPT_STREAM || opt == OPT_MBOX;
	o->search.reads_messages = o->search.whole_messages || opt == OPT_JSON;
	o->search.output = opt == OPT_JSON     ? output_json
			   : opt == OPT_STREAM ? output_stream
			   : opt == OPT_MBOX   ? output_mbox
			   : opt == OPT_IDS    ? output_ids
					       : NULL;
}

static void
take_option(struct options *o, int opt)
{
	switch (opt) {
	case 'h':
		opt_help(help);
	case 'C':
		o->site = optarg;
		return;
	case 'a':
		o->archives = xgrow(o->archives, &o->cap, o->narchives + 1, sizeof(char *));
		o->archives[o->narchives++] = xstrdup(optarg);
		return;
	case OPT_ROOT:
		o->root = optarg;
		return;
	case OPT_KEY_FILE:
		mail_archive_use_key_file(optarg);
		return;
	case OPT_LIMIT:
		o->search.limit = number("--limit");
		o->limited = true;
		return;
	case OPT_OFFSET:
		o->search.offset = number("--offset");
		return;
	case OPT_SORT:
		take_sort(o);
		return;
	case OPT_GROUP:
		take_group(o);
		return;
	case OPT_FILTERS:
		o->filters = optarg;
		return;
	case OPT_NO_PAGER:
		o->pager = false;
		return;
	case OPT_NOW:
		if (clock_parse_rfc3339(str_of(optarg), &o->search.now) < 0)
			opt_usage(EX_USAGE,
				"expected --now with a time such as 2026-11-22T10:00:00Z");
		return;
	case OPT_JSON:
	case OPT_STREAM:
	case OPT_MBOX:
	case OPT_IDS:
	case OPT_COUNT:
		take_form(o, opt);
		return;
	default:
		opt_usage(EX_USAGE, "bad option; a query that begins with - comes behind --");
	}
}

int
options_read(struct options *o, int argc, char **argv)
{
	int opt;
	*o = (struct options){.table = true,
		.pager = true,
		.search = {.now = clock_now_ms(), .limit = -1, .output = output_table}};
	while ((opt = getopt_long(argc, argv, "hC:a:", table, NULL)) != -1)
		take_option(o, opt);
	if (o->group && !o->table && !o->search.json)
		opt_usage(EX_USAGE, "expected --group-by alone or with --json");
	if (o->sort && (o->group || !o->search.output))
		opt_usage(EX_USAGE, "expected --sort with a list of messages");
	return optind;
}

void
options_release(struct options *o)
{
	for (size_t i = 0; i < o->narchives; i++)
		free(o->archives[i]);
	free(o->archives);
	free(o->text);
}
