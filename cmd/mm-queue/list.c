#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "commands.h"
#include "io.h"
#include "look.h"
#include "opt.h"
#include "stream.h"

#define PAGE_ROWS 500 /* a long read would keep the log from being taken back */

static const char *const held_words[] = {"", "held", "poison"};

struct listing {
	bool json;
	int64_t last_seq;
	size_t page, total;
	uint64_t octets;
};

static struct str
address_of(struct str field)
{
	struct path p;
	return field.p && path_parse(field, &p) == 0 ? p.address : str_of("");
}

static json_t *
json_str(struct str s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

static json_t *
json_time(int64_t ms)
{
	char text[CLOCK_RFC3339_SIZE];
	return ms < 0 ? json_null() : json_string(clock_rfc3339(ms, text));
}

static void
print_json(const struct store_row *row)
{
	json_t *recipients = json_array();
	struct str rcpt, reason = look_reason(row);
	for (size_t at = 0; record_next(row->rec, "rcpt-to", &at, &rcpt);)
		json_array_append_new(recipients, json_str(address_of(rcpt)));
	json_t *o = json_pack("{s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:s, s:o}", "id",
		json_str(record_get(row->rec, "id")), "queued", json_time(row->queued), "next",
		json_time(row->held       ? -1
			  : row->next < 0 ? row->queued
					  : row->next),
		"attempts", (json_int_t)row->attempts, "size", (json_int_t)row->size, "sender",
		json_str(address_of(record_get(row->rec, "mail-from"))), "recipients",
		recipients, "reply", row->reply.p ? json_str(row->reply) : json_null(), "held",
		held_words[row->held], "reason", reason.n ? json_str(reason) : json_null());
	char *line = json_dumps(o, JSON_COMPACT);
	puts(line);
	free(line);
	json_decref(o);
}

/* "11-22 12:52" */
static struct str
minute(int64_t ms, char text[CLOCK_RFC3339_SIZE])
{
	clock_rfc3339(ms, text);
	text[10] = ' ';
	return str_n(text + 5, 11);
}

/* Addresses have lines of their own, so that the table fits 80 columns. */
static void
print_table_row(const struct store_row *row)
{
	char queued[CLOCK_RFC3339_SIZE], next[CLOCK_RFC3339_SIZE];
	struct str sender = address_of(record_get(row->rec, "mail-from")), rcpt;
	struct str reason = look_reason(row);
	struct str when = row->held       ? str_of(held_words[row->held])
			  : row->next < 0 ? str_of("now")
					  : minute(row->next, next);
	printf("%-26.*s %9zu  %.*s  %5u  %.*s\n", STR_ARG(record_get(row->rec, "id")),
		row->size, STR_ARG(minute(row->queued, queued)), row->attempts, STR_ARG(when));
	if (row->held == HELD_BY_HAND && reason.n)
		printf("    (held: %.*s)\n", STR_ARG(reason));
	if (row->reply.n)
		printf("    (%.*s)\n", STR_ARG(row->reply));
	printf("    from <%.*s>\n", STR_ARG(sender));
	for (size_t at = 0; record_next(row->rec, "rcpt-to", &at, &rcpt);)
		printf("    to   <%.*s>\n", STR_ARG(address_of(rcpt)));
}

static bool
list_row(void *arg, struct store_row *row)
{
	struct listing *l = arg;
	l->last_seq = row->seq;
	l->page++;
	l->total++;
	l->octets += row->size;
	if (l->json)
		print_json(row);
	else
		print_table_row(row);
	return true;
}

static const struct option options[] = {
	{"json", no_argument, NULL, 'j'},
	{0},
};

static bool
wants_json(int argc, char **argv)
{
	bool json = false;
	int c;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'j')
			opt_usage(EX_USAGE, "%s: an option that it does not know", argv[0]);
		json = true;
	}
	return json;
}

int
command_list(int argc, char **argv)
{
	struct listing l = {.json = wants_json(argc, argv)};
	struct store *s = look_open(argc, argv, STORE_READ);
	look_no_more(argc, argv);
	if (!l.json)
		printf("%-26s %9s  %-11s  %5s  %s\n", "ID", "SIZE", "QUEUED, UTC", "TRIES",
			"NEXT, UTC");
	do {
		l.page = 0;
		if (store_each_row(s, l.last_seq, PAGE_ROWS, list_row, &l) < 0)
			look_failed(s);
	} while (l.page == PAGE_ROWS);
	if (!l.json)
		printf("-- %zu message%s, %" PRIu64 " octets\n", l.total,
			l.total == 1 ? "" : "s", l.octets);
	store_close(s);
	opt_finish(EX_OK);
}

struct showing {
	struct store *store;
	struct stream_writer out;
};

static bool
show_row(void *arg, struct store_row *row)
{
	struct showing *sh = arg;
	char queued[CLOCK_RFC3339_SIZE];
	if (store_load_body(sh->store, row->seq, row->size, row->rec) < 0)
		look_failed(sh->store);
	struct str reason = look_reason(row);
	if (reason.p && row->held == HELD_POISON)
		record_set(row->rec, "held", reason);
	else if (!reason.n)
		record_remove(row->rec, "held");
	record_set(row->rec, "queued", str_of(clock_rfc3339(row->queued, queued)));
	if (row->attempts)
		record_setf(row->rec, "attempt", "%u", row->attempts);
	stream_push(&sh->out, row->rec);
	row->rec = NULL;
	return true;
}

int
command_show(int argc, char **argv)
{
	struct showing sh = {0};
	int status = EX_OK;
	if (wants_json(argc, argv))
		opt_usage(EX_USAGE, "show: it prints stream records");
	sh.store = look_open(argc, argv, STORE_READ);
	look_ids(argc);
	for (; optind < argc; optind++) {
		int found = store_find(sh.store, str_of(argv[optind]), show_row, &sh);
		if (found < 0)
			look_failed(sh.store);
		if (found == 0)
			status = look_missing(argv[optind], "");
		if (stream_flush(&sh.out, STDOUT_FILENO) != 0)
			look_unwritable();
	}
	stream_writer_release(&sh.out);
	store_close(sh.store);
	opt_finish(status);
}

int
command_stat(int argc, char **argv)
{
	bool json = wants_json(argc, argv);
	struct store *s = look_open(argc, argv, STORE_READ);
	struct store_stat st;
	char oldest[CLOCK_RFC3339_SIZE] = "-";
	look_no_more(argc, argv);
	if (store_stat(s, &st) < 0)
		look_failed(s);
	if (st.oldest >= 0)
		clock_rfc3339(st.oldest, oldest);
	printf(json ? "{\"messages\":%" PRId64 ",\"octets\":%" PRId64 ",\"fresh\":%" PRId64
		      ",\"deferred\":%" PRId64 ",\"held\":%" PRId64 ",\"oldest\":%s%s%s}\n"
		    : "messages: %" PRId64 "\noctets: %" PRId64 "\nfresh: %" PRId64
		      "\ndeferred: %" PRId64 "\nheld: %" PRId64 "\noldest: %s%s%s\n",
		st.messages, st.octets, st.fresh, st.deferred, st.held,
		json && st.oldest >= 0 ? "\"" : "", json && st.oldest < 0 ? "null" : oldest,
		json && st.oldest >= 0 ? "\"" : "");
	store_close(s);
	opt_finish(EX_OK);
}
