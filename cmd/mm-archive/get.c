#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "columns.h"
#include "commands.h"
#include "get_attachments.h"
#include "ids.h"
#include "log.h"
#include "lookup.h"
#include "message.h"
#include "message_text.h"
#include "opt.h"
#include "sandbox.h"
#include "ulid.h"

static int
put(struct str s)
{
	return s.n == 0 || fwrite(s.p, 1, s.n, stdout) == s.n ? 0 : -1;
}

static int
put_record(struct lookup_month *m, const struct archive_row *row)
{
	struct record *r = frame_record(&m->frames, m->db, row);
	if (!r)
		return -1;
	printf("mail 1 %zu\n", r->body->n);
	put(buf_str(&r->head));
	putchar('\n');
	put(str_n(r->body->p, r->body->n));
	record_free(r);
	return 0;
}

static int
put_headers(struct str octets)
{
	struct message parsed = {0};
	message_parse(&parsed, octets);
	put(parsed.header);
	message_release(&parsed);
	return EX_OK;
}

static int
put_text(struct str octets)
{
	struct buf text = {0};
	message_text(&text, octets);
	put(buf_str(&text));
	buf_release(&text);
	return EX_OK;
}

static int
put_html(struct str id, struct str octets)
{
	struct buf html = {0};
	bool found = message_html(&html, octets);
	if (!found)
		log_error("message %.*s has no HTML", STR_ARG(id));
	put(buf_str(&html));
	buf_release(&html);
	return found ? EX_OK : EX_NOINPUT;
}

static int
put_message(struct lookup_month *m, const struct archive_row *row, const struct options *o)
{
	struct str octets;
	if (frame_message(&m->frames, row, &octets) < 0)
		return EX_DATAERR;
	switch (o->form) {
	case GET_HEADERS:
		return put_headers(octets);
	case GET_TEXT:
		return put_text(octets);
	case GET_HTML:
		return put_html(row->id, octets);
	case GET_ATTACHMENTS:
		return attachments_list(row->id, octets, o->json);
	case GET_EXTRACT:
		return attachments_extract(
			row->id, octets, o->extract, o->directory ? o->directory : ".");
	default:
		put(octets);
		return EX_OK;
	}
}

/* EX_OK, or what else is to be said at the end; the reason was logged. */
static int
put_row(struct lookup_month *m, const struct archive_row *row, const struct options *o)
{
	if (o->form != GET_RECORD)
		return put_message(m, row, o);
	return put_record(m, row) < 0 ? EX_DATAERR : EX_OK;
}

struct getting {
	const struct options *options;
	int status; /* of what was met so far */
};

/* What cannot be read was told; the rest is written. */
static int
get_row(void *arg, struct lookup_month *m, const struct archive_row *row)
{
	struct getting *g = arg;
	int status = put_row(m, row, g->options);
	g->status = status != EX_OK ? status : g->status;
	return ferror(stdout) ? -1 : 0;
}

static int
get_asked_for(struct lookup *l, const struct options *o, const struct query *q)
{
	struct getting g = {o, EX_OK};
	return lookup_query(l, q, get_row, &g) < 0 ? EX_DATAERR : g.status;
}

static int
get_one(struct lookup *l, const struct options *o, struct str id)
{
	struct archive_row row;
	struct lookup_month *m;
	int rc = id_valid(id) ? lookup_find(l, id, &row, &m) : 0;
	if (rc == 0) {
		log_error("archive %s shows no message with the id \"%.*s\"", l->archive->name,
			STR_ARG(id));
		return EX_NOINPUT;
	}
	if (rc > 0)
		return put_row(m, &row, o);
	return rc < 0 ? EX_DATAERR : EX_OK;
}

static int
get_listed(struct lookup *l, const struct options *o)
{
	char *line = NULL;
	size_t cap = 0;
	int status = EX_OK;
	ssize_t n;
	while ((n = getline(&line, &cap, stdin)) >= 0) {
		struct str id = str_trim(str_n(line, (size_t)n));
		int rc = id.n ? get_one(l, o, id) : EX_OK;
		status = rc != EX_OK ? rc : status;
	}
	free(line);
	return ids_were_read() ? status : EX_DATAERR;
}

int
command_get(struct options *o, char **operands)
{
	if (o->directory && o->form != GET_EXTRACT)
		opt_usage(EX_USAGE, "expected -d with --extract");
	if (o->json && o->form != GET_ATTACHMENTS)
		opt_usage(EX_USAGE, "expected --json with --attachments");
	columns_init();
	struct mail_archive a;
	struct lookup l = {0};
	int status = EX_NOINPUT;
	if (o->query && operands[1])
		opt_usage(EX_USAGE, "expected ids or a --query, not both");
	struct query *query = o->query ? options_query(o) : NULL;
	if (mail_archive_open(&a, o->site, o->root, operands[0]) == 0 &&
		lookup_init(&l, &a, o->now) == 0) {
		sandbox_enter(SANDBOX_WRITE); /* SQLite keeps files beside an index */
		status = query         ? get_asked_for(&l, o, query)
			 : operands[1] ? EX_OK
				       : get_listed(&l, o);
		for (char **id = operands + 1; *id; id++) {
			int rc = get_one(&l, o, str_of(*id));
			status = rc != EX_OK ? rc : status;
		}
	}
	query_free(query);
	lookup_release(&l);
	mail_archive_release(&a);
	return status;
}
