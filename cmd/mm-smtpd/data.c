#include <string.h>

#include "data.h"

/* What is decoded goes out in runs: everything between two places where an octet
 * must be left out, so nearly always the whole of a read. */
struct run {
	const char *start;
	data_sink *sink;
	void *arg;
};

static void
run_end(struct run *r, const char *end, const char *next)
{
	if (end > r->start)
		r->sink(r->arg, r->start, (size_t)(end - r->start));
	r->start = next;
}

static void
count(struct data_decoder *d, size_t n)
{
	d->line += n;
	if (d->line > d->longest)
		d->longest = d->line;
}

/* Passes over text up to and with the end of its line.  A CR that ends the input
 * is held back: whether it is allowed shows with the next octet. */
static enum data_result
take_text(struct data_decoder *d, const char **at, const char *end, struct run *run)
{
	const char *p = *at, *lf = memchr(p, '\n', (size_t)(end - p));
	const char *stop = lf ? lf : end, *cr = memchr(p, '\r', (size_t)(stop - p));
	if (cr && cr + 1 < stop)
		return DATA_BARE_CR;
	count(d, (size_t)((cr ? cr : stop) - p));
	if (!lf) {
		d->state = cr ? DATA_CR : DATA_TEXT;
		if (cr)
			run_end(run, cr, end);
		*at = end;
		return DATA_MORE;
	}
	if (!cr)
		return DATA_BARE_LF;
	*at = lf + 1;
	d->state = DATA_LINE_START;
	d->line = 0;
	return DATA_MORE;
}

static enum data_result
take_held_cr(struct data_decoder *d, const char **at, struct run *run)
{
	if (**at != '\n')
		return DATA_BARE_CR;
	run->sink(run->arg, "\r\n", 2);
	run->start = ++*at;
	d->state = DATA_LINE_START;
	d->line = 0;
	return DATA_MORE;
}

/* A dot at the start of a line: left out, or the end if CRLF follows. */
static enum data_result
take_after_dot(struct data_decoder *d, const char **at, struct run *run)
{
	char c = **at;
	if (d->state == DATA_DOT_CR) {
		++*at;
		return c == '\n' ? DATA_END : DATA_BARE_CR;
	}
	if (c == '\n')
		return DATA_BARE_LF;
	d->state = c == '\r' ? DATA_DOT_CR : DATA_TEXT;
	if (c == '\r')
		run->start = ++*at;
	return DATA_MORE;
}

static enum data_result
step(struct data_decoder *d, const char **at, const char *end, struct run *run)
{
	switch (d->state) {
	case DATA_CR:
		return take_held_cr(d, at, run);
	case DATA_DOT:
	case DATA_DOT_CR:
		return take_after_dot(d, at, run);
	case DATA_LINE_START:
		if (**at == '.') {
			run_end(run, *at, *at + 1);
			++*at;
			d->state = DATA_DOT;
			return DATA_MORE;
		}
		break;
	case DATA_TEXT:
		break;
	}
	return take_text(d, at, end, run);
}

enum data_result
data_decode(struct data_decoder *d, struct str in, size_t *used, data_sink *sink, void *arg)
{
	const char *p = in.p, *nul = in.n ? memchr(p, '\0', in.n) : NULL;
	const char *end = nul ? nul : p + in.n;
	struct run run = {.start = p, .sink = sink, .arg = arg};
	enum data_result result = DATA_MORE;
	while (result == DATA_MORE && p < end)
		result = step(d, &p, end, &run);
	if (result == DATA_MORE && nul)
		return DATA_NUL;
	if (result == DATA_MORE && d->state < DATA_CR)
		run_end(&run, end, end);
	*used = (size_t)(p - in.p);
	return result;
}
