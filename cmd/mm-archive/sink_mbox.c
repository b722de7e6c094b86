#include <string.h>
#include <time.h>

#include "address.h"
#include "sink.h"

/* mboxrd: a '>' before each line that is '>'s and "From ", so that reading it back, which
 * takes one off, gives the message as it was. */
static void
add_quoted(struct buf *out, struct str s)
{
	while (s.n) {
		const char *lf = memchr(s.p, '\n', s.n);
		struct str line = str_n(s.p, lf ? (size_t)(lf - s.p) + 1 : s.n);
		size_t n = 0;
		while (n < line.n && line.p[n] == '>')
			n++;
		if (str_starts(str_skip(line, n), STR("From ")))
			buf_addc(out, '>');
		buf_adds(out, line);
		s = str_skip(s, line.n);
	}
}

static void
add_from_line(struct buf *out, const struct message_out *m)
{
	struct str field = record_get(m->rec, "mail-from");
	struct path from;
	time_t seconds = (time_t)(m->received / 1000);
	struct tm tm;
	char when[32];
	bool known = field.p && path_parse(field, &from) == 0 && from.address.n &&
		     !memchr(from.address.p, ' ', from.address.n);
	gmtime_r(&seconds, &tm);
	strftime(when, sizeof(when), "%a %b %e %H:%M:%S %Y", &tm);
	buf_addf(out, "From %.*s %s\n", STR_ARG(known ? from.address : STR("MAILER-DAEMON")),
		when);
}

static int
start(struct sink *s)
{
	(void)s;
	return 0;
}

static int
put(struct sink *s, const struct message_out *m)
{
	add_from_line(&s->out, m);
	add_quoted(&s->out, m->octets);
	if (m->octets.n && m->octets.p[m->octets.n - 1] != '\n')
		buf_addc(&s->out, '\n');
	buf_addc(&s->out, '\n');
	return s->out.n < SINK_FLUSH ? 0 : sink_flush(s);
}

const struct sink_ops sink_mbox = {.open = start, .put = put, .end = sink_flush};
