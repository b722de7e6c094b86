#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clock.h"
#include "commands.h"
#include "num.h"
#include "opt.h"

enum kind { TEXT, FLAG, MOMENT, DURATION, FORM, FORMAT };

static const struct rule {
	const char *name;
	enum kind kind;
	size_t at;            /* in struct options */
	const char *commands; /* that have it; NULL: all */
	enum get_form form;
	char letter; /* its name, as it has no long one; or 0 */
} rules[] = {
#define OPTION(name, kind, member, commands) \
	{ \
		name, kind, offsetof(struct options, member), commands, 0, 0 \
	}
#define LETTER(name, kind, member, commands, letter) \
	{ \
		name, kind, offsetof(struct options, member), commands, 0, letter \
	}
#define GET(name, kind, member, form) \
	{ \
		name, kind, offsetof(struct options, member), "get", form, 0 \
	}
	LETTER("C", TEXT, site, NULL, 'C'),
	OPTION("root", TEXT, root, NULL),
	OPTION("key-file", TEXT, key_file, NULL),
	OPTION("now", MOMENT, now, "get export hold forget prune compact seal"),
	LETTER("n", FLAG, dry_run, "hold forget prune compact seal", 'n'),
	OPTION("idle", DURATION, idle, "add"),
	OPTION("retention", TEXT, retention, "create"),
	OPTION("encrypt", FLAG, encrypt, "create"),
	OPTION("shared", FLAG, shared, "create"),
	OPTION("new-key-file", TEXT, new_key_file, "rekey"),
	OPTION("new-data-key", FLAG, new_data_key, "rekey"),
	OPTION("format", FORMAT, source_kind, "import"),
	OPTION("metadata", FLAG, metadata, "import export"),
	OPTION("to", TEXT, to, "export"),
	OPTION("all", FLAG, all, "export"),
	OPTION("since", MOMENT, since, "export"),
	OPTION("until", MOMENT, until, "export"),
	OPTION("query", TEXT, query, "get export hold"),
	OPTION("ids", FLAG, ids, "hold"),
	OPTION("reason", TEXT, reason, "hold forget"),
	OPTION("json", FLAG, json, "get hold"),
	OPTION("key", TEXT, seal_key, "seal"),
	OPTION("print", FLAG, print, "seal"),
	OPTION("public-key", TEXT, public_key, "verify"),
	OPTION("head", TEXT, head, "verify"),
	GET("record", FORM, form, GET_RECORD),
	GET("headers", FORM, form, GET_HEADERS),
	GET("text", FORM, form, GET_TEXT),
	GET("html", FORM, form, GET_HTML),
	GET("attachments", FORM, form, GET_ATTACHMENTS),
	GET("extract", TEXT, extract, GET_EXTRACT),
	LETTER("d", TEXT, directory, "get", 'd'),
};
#define RULES (sizeof(rules) / sizeof(rules[0]))
#define FIRST_LONG 256

static const struct option filter_options[] = {FILTER_OPTIONS};
#define FILTER_OPTION_COUNT (sizeof(filter_options) / sizeof(filter_options[0]))

static void
make_table(struct option table[RULES + FILTER_OPTION_COUNT + 2])
{
	size_t n = 0;
	table[n++] = (struct option){"help", no_argument, NULL, 'h'};
	for (size_t i = 0; i < RULES; i++)
		if (!rules[i].letter)
			table[n++] = (struct option){rules[i].name,
				rules[i].kind == FLAG || rules[i].kind == FORM
					? no_argument
					: required_argument,
				NULL, FIRST_LONG + (int)i};
	memcpy(table + n, filter_options, sizeof(filter_options));
	table[n + FILTER_OPTION_COUNT] = (struct option){0};
}

static const struct rule *
find_rule(int opt)
{
	for (size_t i = 0; i < RULES; i++)
		if (opt == FIRST_LONG + (int)i || (rules[i].letter && opt == rules[i].letter))
			return &rules[i];
	return NULL;
}

static bool
is_for(const struct rule *r, const char *command)
{
	struct str list = str_of(r->commands ? r->commands : "");
	while (list.n)
		if (str_eq(str_cut(&list, ' '), str_of(command)))
			return true;
	return !r->commands;
}

static enum mbox_kind
format_of(const char *word)
{
	static const char *const words[] = {"auto", "mbox", "message"};
	for (int i = 0; i < 3; i++)
		if (strcmp(word, words[i]) == 0)
			return (enum mbox_kind)i;
	opt_usage(EX_USAGE, "expected --format auto, mbox or message");
}

static int64_t
time_of(const char *option)
{
	int64_t ms;
	if (clock_parse_rfc3339(str_of(optarg), &ms) < 0)
		opt_usage(EX_USAGE, "expected --%s with a time such as 2026-11-22T10:00:00Z",
			option);
	return ms;
}

static int64_t
duration_of(const char *option)
{
	int64_t ms;
	if (num_duration(str_of(optarg), &ms) < 0 || ms == 0)
		opt_usage(EX_TEMPFAIL, "expected --%s with a duration such as 60s", option);
	return ms;
}

static void
take_form(struct options *o, enum get_form form)
{
	if (o->form != GET_MESSAGE && o->form != form)
		opt_usage(EX_USAGE, "expected one of --record, --headers, --text, --html, "
				    "--attachments, --extract");
	o->form = form;
}

static void
take(struct options *o, const struct rule *r)
{
	void *at = (char *)o + r->at;
	if (r->form != GET_MESSAGE)
		take_form(o, r->form);
	switch (r->kind) {
	case TEXT:
		*(const char **)at = optarg;
		break;
	case FLAG:
		*(bool *)at = true;
		break;
	case MOMENT:
		*(int64_t *)at = time_of(r->name);
		break;
	case DURATION:
		*(int64_t *)at = duration_of(r->name);
		break;
	case FORMAT:
		*(enum mbox_kind *)at = format_of(optarg);
		break;
	case FORM:
		break;
	}
}

char **
options_read(struct options *o, const char *command, bool filter, int argc, char **argv,
	const char *help)
{
	struct option table[RULES + FILTER_OPTION_COUNT + 2];
	int opt, usage = filter ? EX_TEMPFAIL : EX_USAGE;
	*o = (struct options){.now = clock_now_ms(), .since = INT64_MIN, .until = INT64_MAX};
	if (filter)
		filter_init(&o->filter, NULL, NULL);
	make_table(table);
	while ((opt = getopt_long(argc, argv, "hC:d:n", table, NULL)) != -1) {
		const struct rule *r = find_rule(opt);
		if (opt == 'h')
			opt_help(help);
		if (r && !is_for(r, command))
			opt_usage(usage, "%s has no option %s%s", command,
				r->letter ? "-" : "--", r->name);
		if (r)
			take(o, r);
		else if (!filter || !filter_option(&o->filter, opt, optarg))
			opt_usage(usage, "bad option");
	}
	return argv + optind;
}
