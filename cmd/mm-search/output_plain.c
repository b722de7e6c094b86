#include <stdio.h>
#include <string.h>
#include <time.h>

#include "address.h"
#include "output.h"

int
output_ids(struct buf *out, const struct result *r)
{
	buf_adds(out, r->row->id);
	buf_addc(out, '\n');
	return 0;
}

int
output_stream(struct buf *out, const struct result *r)
{
	struct record *rec = frame_record(r->frames, r->db, r->row);
	if (!rec)
		return -1;
	buf_addf(out, "mail 1 %zu\n", rec->body->n);
	buf_adds(out, buf_str(&rec->head));
	buf_addc(out, '\n');
	buf_add(out, rec->body->p, rec->body->n);
	record_free(rec);
	return 0;
}

static void
from_line(struct buf *out, const struct record *rec, int64_t received)
{
	struct str field = record_get(rec, "mail-from");
	struct path path;
	time_t seconds = (time_t)(received / 1000);
	struct tm tm;
	char when[32] = "";
	gmtime_r(&seconds, &tm);
	asctime_r(&tm, when);
	bool known = field.p && path_parse(field, &path) == 0 && path.address.n &&
		     !memchr(path.address.p, ' ', path.address.n);
	buf_addstr(out, "From ");
	buf_adds(out, known ? path.address : STR("MAILER-DAEMON"));
	buf_addc(out, ' ');
	buf_addstr(out, when);
}

/* mboxrd: LF ends lines; a line of any number of '>' and "From " gets one '>' more. */
int
output_mbox(struct buf *out, const struct result *r)
{
	struct record *rec = frame_record(r->frames, r->db, r->row);
	if (!rec)
		return -1;
	from_line(out, rec, r->row->received);
	struct str rest = str_n(rec->body->p, rec->body->n);
	while (rest.n) {
		struct str line = str_cut(&rest, '\n');
		size_t quotes = 0;
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		while (quotes < line.n && line.p[quotes] == '>')
			quotes++;
		if (str_starts(str_skip(line, quotes), STR("From ")))
			buf_addc(out, '>');
		buf_adds(out, line);
		buf_addc(out, '\n');
	}
	buf_addc(out, '\n');
	record_free(rec);
	return 0;
}
