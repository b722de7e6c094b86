/* mm-archive hold: add, remove and the choice between its commands. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "archive_query_report.h"
#include "clock.h"
#include "columns.h"
#include "hold.h"
#include "hold_count.h"
#include "hold_write.h"
#include "ids.h"
#include "journal.h"
#include "json.h"
#include "log.h"
#include "mail_archive.h"
#include "mem.h"
#include "opt.h"

static void
check_name(const char *name)
{
	if (!mail_archive_name_valid(str_of(name)))
		opt_usage(EX_USAGE,
			"expected a hold's name of 2 to 64 letters, digits, - and _, not "
			"\"%s\"",
			name);
}

/* Of the command line and standard input. */
static int
fill_in(struct archive_hold *h, const struct options *o, const char *name)
{
	char created[CLOCK_RFC3339_SIZE];
	struct query_error e;
	h->name = xstrdup(name);
	h->reason = xstrdup(options_reason(o));
	h->created = xstrdup(clock_rfc3339(clock_now_ms(), created));
	h->by = journal_user();
	if (!o->query && !o->ids)
		opt_usage(EX_USAGE, "expected --query, or --ids and a list on standard input");
	if (o->query) {
		h->query_text = xstrdup(o->query);
		h->query = archive_hold_query(str_of(o->query), &e);
		if (!h->query) {
			columns_init();
			query_report(str_of(o->query), &e);
			return EX_USAGE;
		}
	}
	if (o->ids && ids_read(&h->ids, &h->nids) < 0)
		return EX_DATAERR;
	if (!o->query && h->nids == 0) {
		log_error("standard input: expected ids, found none");
		return EX_NOINPUT;
	}
	return EX_OK;
}

/* Would it be one that can be read again? */
static int
check_document(const struct archive_hold *h)
{
	struct problems ps = {0};
	struct archive_hold again;
	json_t *root = hold_json(h);
	char *text = json_dumps(root, JSON_INDENT(2));
	int rc = text ? archive_hold_parse(&again, h->name, str_of(text), &ps) : -1;
	if (text)
		archive_hold_release(&again);
	else
		log_error("expected --reason and --query in UTF-8");
	problems_log(&ps);
	problems_release(&ps);
	free(text);
	json_decref(root);
	return rc < 0 ? EX_DATAERR : EX_OK;
}

/* Every id must be there. */
static int
count(const struct mail_archive *a, struct archive_hold *h, struct hold_count *c)
{
	const struct archive_holds one = {h, 1};
	bool *found = xcalloc(h->nids + 1, sizeof(*found));
	int status = hold_count(a, &one, c, found) < 0 ? EX_DATAERR : EX_OK;
	for (size_t i = 0; i < h->nids && status != EX_DATAERR; i++) {
		if (found[i])
			continue;
		log_error("archive %s has no message with the id \"%s\"", a->name, h->ids[i]);
		status = EX_NOINPUT;
	}
	free(found);
	return status;
}

static int
check_new(const struct mail_archive *a, const char *name)
{
	char *path = hold_path(a->dir, name);
	bool there = access(path, F_OK) == 0;
	free(path);
	if (there)
		log_error("archive %s has a hold %s already; remove that first, or give this "
			  "one another name",
			a->name, name);
	return there ? EX_CANTCREAT : EX_OK;
}

static int
add(const struct options *o, const struct mail_archive *a, struct archive_hold *h)
{
	struct hold_count c;
	int status = check_new(a, h->name);
	if (status == EX_OK)
		status = check_document(h);
	if (status == EX_OK)
		status = count(a, h, &c);
	if (status == EX_OK && !o->dry_run && hold_write(a, h) < 0)
		status = EX_CANTCREAT;
	if (status == EX_OK)
		printf("%s %s %" PRId64 " messages, %" PRId64 " octets, of %s\n", h->name,
			o->dry_run ? "would hold" : "holds", c.messages, c.octets, a->name);
	return status;
}

/* Counted and written under the lock: what is told to be held does not go meanwhile. */
int
hold_add(struct options *o, char **operands)
{
	struct archive_hold h = {0};
	struct mail_archive a = {0};
	int lock = -1;
	check_name(operands[1]);
	int status = fill_in(&h, o, operands[1]);
	if (status == EX_OK && mail_archive_open(&a, o->site, o->root, operands[0]) < 0)
		status = EX_NOINPUT;
	if (status == EX_OK && !o->dry_run && (lock = archive_holds_lock(a.dir, true)) < 0)
		status = EX_CANTCREAT;
	if (status == EX_OK)
		status = add(o, &a, &h);
	if (lock >= 0)
		close(lock);
	archive_hold_release(&h);
	mail_archive_release(&a);
	return status;
}

static int
remove_hold(const struct mail_archive *a, const char *name, const char *reason)
{
	char *path = hold_path(a->dir, name);
	int lock = archive_holds_lock(a->dir, true), status = EX_TEMPFAIL;
	if (lock >= 0 && access(path, F_OK) < 0) {
		log_error("archive %s has no hold %s", a->name, name);
		status = EX_NOINPUT;
	} else if (lock >= 0 && hold_unlink(a, name, reason) == 0) {
		printf("%s of %s is no more\n", name, a->name);
		status = EX_OK;
	}
	if (lock >= 0)
		close(lock);
	free(path);
	return status;
}

int
hold_remove(struct options *o, char **operands)
{
	struct mail_archive a;
	int status = EX_NOINPUT;
	const char *reason = options_reason(o);
	check_name(operands[1]);
	if (mail_archive_open(&a, o->site, o->root, operands[0]) == 0)
		status = remove_hold(&a, operands[1], reason);
	mail_archive_release(&a);
	return status;
}

int
command_hold(struct options *o, char **operands)
{
	static const struct {
		const char *name;
		int (*run)(struct options *o, char **operands);
		int min, max; /* operands; max -1: any number */
		const char *expected;
	} list[] = {
		{"add", hold_add, 2, 2, "an archive and a name"},
		{"remove", hold_remove, 2, 2, "an archive and a name"},
		{"list", hold_list, 0, -1, ""},
		{"find", hold_find, 2, 2, "an archive and an id"},
	};
	int n = 0;
	while (operands[n + 1])
		n++;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		if (strcmp(operands[0], list[i].name) != 0)
			continue;
		if (n < list[i].min || (list[i].max >= 0 && n > list[i].max))
			opt_usage(EX_USAGE, "hold %s: expected %s", list[i].name,
				list[i].expected);
		return list[i].run(o, operands + 1);
	}
	opt_usage(EX_USAGE, "expected hold add, remove, list or find");
}
