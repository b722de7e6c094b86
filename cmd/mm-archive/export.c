#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "archive_metadata.h"
#include "commands.h"
#include "ids.h"
#include "log.h"
#include "lookup.h"
#include "mem.h"
#include "opt.h"
#include "progress.h"
#include "sink.h"
#include "ulid.h"

struct exporting {
	struct mail_archive archive;
	struct lookup lookup;
	const struct query *query; /* NULL: none */
	struct sink sink;
	struct progress progress;
	size_t messages;
	uint64_t octets;
	int status;  /* of what was met so far */
	bool failed; /* the sink */
	bool metadata;
};

static char *
metadata_of(const struct exporting *x, const struct archive_row *row, const struct record *rec)
{
	json_t *o = archive_metadata(x->archive.name, row, rec);
	char *text = json_dumps(o, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	json_decref(o);
	char *line = xasprintf("%s\n", text);
	free(text);
	return line;
}

/* 0, or -1 when the sink failed. */
static int
export_row(void *arg, struct lookup_month *m, const struct archive_row *row)
{
	struct exporting *x = arg;
	struct record *rec = frame_record(&m->frames, m->db, row);
	if (!rec) {
		x->status = EX_DATAERR;
		return 0;
	}
	char *metadata = x->metadata ? metadata_of(x, row, rec) : NULL;
	struct message_out out = {.rec = rec,
		.id = row->id,
		.octets = str_n(rec->body->p, rec->body->n),
		.metadata = metadata ? str_of(metadata) : STR_NONE,
		.received = row->received};
	x->failed = sink_put(&x->sink, &out) < 0;
	x->messages++;
	x->octets += out.octets.n;
	free(metadata);
	record_free(rec);
	progress_show(&x->progress, x->messages, x->octets, 0);
	return x->failed ? -1 : 0;
}

static void
export_id(struct exporting *x, struct str id)
{
	struct archive_row row;
	struct lookup_month *m;
	int rc = id_valid(id) ? lookup_find(&x->lookup, id, &row, &m) : 0;
	if (rc > 0)
		(void)export_row(x, m, &row);
	else if (rc < 0)
		x->status = EX_DATAERR;
	else {
		log_error("archive %s shows no message with the id \"%.*s\"", x->archive.name,
			STR_ARG(id));
		x->status = EX_NOINPUT;
	}
}

static void
export_listed(struct exporting *x)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	while (!x->failed && (n = getline(&line, &cap, stdin)) >= 0) {
		struct str id = str_trim(str_n(line, (size_t)n));
		if (id.n)
			export_id(x, id);
	}
	free(line);
	if (!ids_were_read())
		x->status = EX_DATAERR;
}

static void
export_chosen(struct exporting *x, const struct options *o, char **ids)
{
	if (x->query) {
		if (lookup_query(&x->lookup, x->query, export_row, x) < 0 && !x->failed)
			x->status = EX_DATAERR;
	} else if (o->all || o->since != INT64_MIN || o->until != INT64_MAX) {
		if (lookup_range(&x->lookup, o->since, o->until, export_row, x) < 0 &&
			!x->failed)
			x->status = EX_DATAERR;
	} else if (*ids) {
		for (; *ids && !x->failed; ids++)
			export_id(x, str_of(*ids));
	} else {
		export_listed(x);
	}
}

static int
run(struct exporting *x, const struct options *o, enum sink_kind kind, char **operands)
{
	int status = EX_CANTCREAT;
	progress_start(&x->progress);
	if (sink_open(&x->sink, kind, operands[1]) == 0) {
		export_chosen(x, o, operands + 2);
		progress_clear(&x->progress);
		status = x->failed || sink_finish(&x->sink) < 0 ? EX_TEMPFAIL : x->status;
	}
	if (status != EX_CANTCREAT && status != EX_TEMPFAIL && strcmp(operands[1], "-") != 0)
		printf("%zu exported to %s\n", x->messages, operands[1]);
	sink_close(&x->sink);
	return status;
}

int
command_export(struct options *o, char **operands)
{
	struct exporting x = {.sink.fd = -1};
	enum sink_kind kind = o->to ? sink_named(o->to) : sink_by_ending(operands[1]);
	bool range = o->all || o->since != INT64_MIN || o->until != INT64_MAX;
	int status = EX_NOINPUT;
	if (kind == SINK_NONE)
		opt_usage(EX_USAGE,
			"expected --to mbox, maildir, eml, tar, tar.gz, tar.zst or zip");
	if ((operands[2] != NULL) + range + (o->query != NULL) > 1)
		opt_usage(EX_USAGE,
			"expected one of ids, a --query, and --all or --since and --until");
	if (o->metadata && !sink_takes_metadata(kind))
		opt_usage(
			EX_USAGE, "expected --metadata with eml, tar, tar.gz, tar.zst or zip");
	x.metadata = o->metadata;
	struct query *query = o->query ? options_query(o) : NULL;
	x.query = query;
	if (mail_archive_open(&x.archive, o->site, o->root, operands[0]) == 0 &&
		lookup_init(&x.lookup, &x.archive, o->now) == 0)
		status = run(&x, o, kind, operands);
	query_free(query);
	lookup_release(&x.lookup);
	mail_archive_release(&x.archive);
	return status;
}
