#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "ages.h"
#include "clock.h"
#include "columns.h"
#include "commands.h"
#include "look.h"
#include "opt.h"

#define DOMAIN_COLUMNS 24
#define TABLE_DOMAINS 100 /* the table ends; JSON has all */

struct stat_options {
	bool json, by, by_sender;
};

static const struct option options[] = {
	{"json", no_argument, NULL, 'j'},
	{"by", required_argument, NULL, 'b'},
	{0},
};

static void
read_options(struct stat_options *o, int argc, char **argv)
{
	int c;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'j') {
			o->json = true;
			continue;
		}
		if (c != 'b')
			opt_usage(EX_USAGE, "%s: an option that it does not know", argv[0]);
		o->by = true;
		o->by_sender = strcmp(optarg, "from") == 0;
		if (!o->by_sender && strcmp(optarg, "rcpt") != 0)
			opt_usage(EX_USAGE, "--by: expected from or rcpt");
	}
}

static bool
count_row(void *arg, struct store_row *row)
{
	ages_count(arg, row);
	return true;
}

static struct ages *
count_all(struct store *s, bool by_sender)
{
	static char *const everything[] = {NULL};
	char why[400];
	struct ages *a = ages_new(by_sender, clock_now_ms());
	struct query *q = query_parse(everything, why, sizeof(why));
	if (query_each(s, q, count_row, a, NULL) < 0)
		look_failed(s);
	query_free(q);
	return a;
}

static void
print_row(struct str domain, size_t messages, const size_t by_age[AGES])
{
	columns_cell(domain.n ? domain : STR("<>"), DOMAIN_COLUMNS);
	printf(" %5zu", messages);
	for (size_t i = 0; i < AGES; i++)
		printf(" %4zu", by_age[i]);
	putchar('\n');
}

/* As qshape prints it: minutes, each column up to twice the one before. */
static void
print_ages(struct ages *a)
{
	size_t n, sum = 0, by_age[AGES] = {0};
	const struct domain_ages *d = ages_sorted(a, &n);
	for (size_t i = 0; i < n; i++) {
		sum += d[i].messages;
		for (size_t k = 0; k < AGES; k++)
			by_age[k] += d[i].by_age[k];
	}
	columns_init();
	printf("\n%-*s %5s %4s %4s %4s %4s %4s %4s %4s %4s %4s %4s\n", DOMAIN_COLUMNS,
		"MINUTES", "ALL", "5", "10", "20", "40", "80", "160", "320", "640", "1280",
		"more");
	print_row(STR("total"), sum, by_age);
	for (size_t i = 0; i < n && i < TABLE_DOMAINS; i++)
		print_row(d[i].domain, d[i].messages, d[i].by_age);
}

static json_t *
json_ages(struct ages *a)
{
	size_t n;
	const struct domain_ages *d = ages_sorted(a, &n);
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *by_age = json_array();
		for (size_t k = 0; k < AGES; k++)
			json_array_append_new(by_age, json_integer((json_int_t)d[i].by_age[k]));
		json_array_append_new(list,
			json_pack("{s:s%, s:I, s:o}", "domain", d[i].domain.p, d[i].domain.n,
				"messages", (json_int_t)d[i].messages, "ages", by_age));
	}
	return list;
}

static void
print_json(const struct store_stat *st, struct ages *a)
{
	char oldest[CLOCK_RFC3339_SIZE];
	json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "messages",
		(json_int_t)st->messages, "octets", (json_int_t)st->octets, "fresh",
		(json_int_t)st->fresh, "deferred", (json_int_t)st->deferred, "held",
		(json_int_t)st->held, "oldest",
		st->oldest < 0 ? json_null() : json_string(clock_rfc3339(st->oldest, oldest)));
	if (a)
		json_object_set_new(o, "domains", json_ages(a));
	char *line = json_dumps(o, JSON_COMPACT);
	puts(line);
	free(line);
	json_decref(o);
}

static void
print_text(const struct store_stat *st, struct ages *a)
{
	char oldest[CLOCK_RFC3339_SIZE] = "-";
	if (st->oldest >= 0)
		clock_rfc3339(st->oldest, oldest);
	printf("messages: %" PRId64 "\noctets: %" PRId64 "\nfresh: %" PRId64
	       "\ndeferred: %" PRId64 "\nheld: %" PRId64 "\noldest: %s\n",
		st->messages, st->octets, st->fresh, st->deferred, st->held, oldest);
	if (a)
		print_ages(a);
}

int
command_stat(int argc, char **argv)
{
	struct stat_options o = {0};
	struct store_stat st;
	read_options(&o, argc, argv);
	struct store *s = look_open(argc, argv, STORE_READ);
	look_no_more(argc, argv);
	if (store_stat(s, &st) < 0)
		look_failed(s);
	struct ages *a = o.by ? count_all(s, o.by_sender) : NULL;
	if (o.json)
		print_json(&st, a);
	else
		print_text(&st, a);
	if (a)
		ages_free(a);
	store_close(s);
	opt_finish(EX_OK);
}
