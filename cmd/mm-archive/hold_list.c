/* mm-archive hold list, hold find. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "columns.h"
#include "commands.h"
#include "hold.h"
#include "hold_count.h"
#include "hold_write.h"
#include "json_line.h"
#include "log.h"
#include "lookup.h"
#include "mem.h"

#define INDENT 4

static void
print_json(
	const struct mail_archive *a, const struct archive_hold *h, const struct hold_count *c)
{
	json_t *line = json_pack("{s:s}", "Archive", a->name), *hold = hold_json(h);
	json_object_update(line, hold);
	json_object_set_new(line, "Messages", json_integer(c->messages));
	json_object_set_new(line, "Octets", json_integer(c->octets));
	json_line_print(line);
	json_decref(hold);
	json_decref(line);
}

static void
print_line(const char *label, struct str text)
{
	int columns = isatty(STDOUT_FILENO) ? columns_of_terminal() : 0;
	int used = printf("%*s%s", INDENT, "", label);
	(void)columns_fit(text, columns == 0 || columns <= used ? 0 : columns - used);
	putchar('\n');
}

/* Its texts have lines of their own, so that the table fits 80 columns. */
static void
print_hold(
	const struct mail_archive *a, const struct archive_hold *h, const struct hold_count *c)
{
	printf("%-20s %-20s %9" PRId64 " %14" PRId64 "  ", a->name, h->name, c->messages,
		c->octets);
	columns_fit(str_n(h->created, strnlen(h->created, 10)), 10);
	putchar('\n');
	print_line("reason  ", str_of(h->reason));
	if (h->query_text)
		print_line("query   ", str_of(h->query_text));
	if (h->nids)
		printf("%*sids     %zu\n", INDENT, "", h->nids);
	print_line("by      ", str_of(h->by));
}

static bool
list_archive(const struct options *o, const char *name)
{
	struct mail_archive a;
	struct archive_holds *h = NULL;
	bool good = mail_archive_open(&a, o->site, o->root, name) == 0 &&
		    (h = archive_holds_load(a.dir));
	if (good) {
		struct hold_count *counts = xcalloc(h->n + 1, sizeof(*counts));
		good = hold_count(&a, h, counts, NULL) == 0;
		for (size_t i = 0; i < h->n; i++)
			(o->json ? print_json : print_hold)(&a, &h->list[i], &counts[i]);
		free(counts);
	}
	archive_holds_free(h);
	mail_archive_release(&a);
	return good;
}

int
hold_list(struct options *o, char **operands)
{
	columns_init();
	if (!o->json)
		printf("%-20s %-20s %9s %14s  %s\n", "archive", "hold", "messages", "octets",
			"since");
	return each_archive(o, operands, list_archive) ? EX_OK : EX_DATAERR;
}

/* 0 when it is under a hold, 1 when not. */
static int
print_holds_of(struct lookup *l, struct str id)
{
	struct archive_row row;
	struct lookup_month *m;
	int rc = lookup_find(l, id, &row, &m), status = 1;
	if (rc == 0)
		log_error("archive %s shows no message with the id \"%.*s\"", l->archive->name,
			STR_ARG(id));
	if (rc <= 0)
		return rc == 0 ? EX_NOINPUT : EX_DATAERR;
	for (size_t i = 0; i < l->holds->n; i++) {
		rc = archive_hold_covers(&l->holds->list[i], m->db, row.n);
		if (rc < 0)
			return EX_DATAERR;
		if (rc > 0) {
			puts(l->holds->list[i].name);
			status = EX_OK;
		}
	}
	return status;
}

int
hold_find(struct options *o, char **operands)
{
	struct mail_archive a;
	struct lookup l = {0};
	int status = EX_NOINPUT;
	if (mail_archive_open(&a, o->site, o->root, operands[0]) == 0 &&
		lookup_init(&l, &a, o->now) == 0)
		status = print_holds_of(&l, str_of(operands[1]));
	lookup_release(&l);
	mail_archive_release(&a);
	return status;
}
