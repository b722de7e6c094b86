#include <stdio.h>

#include "metrics.h"
#include "metrics_text.h"

static const char *const types[] = {"counter", "gauge", "histogram", "gauge"};

struct page {
	struct buf *out;
	const char *ingress;
};

static void
label(struct buf *out, const char *name, const char *text)
{
	buf_addf(out, "%s%s=\"", out->p[out->n - 1] == '{' ? "" : ",", name);
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			buf_addc(out, '\\');
		if (*text == '\n')
			buf_addstr(out, "\\n");
		else
			buf_addc(out, *text);
	}
	buf_addc(out, '"');
}

/* The name with what labels there are, and the space before the value.  words: up to
 * METRIC_LABELS values; le: a bucket's bound, or NULL. */
static void
series(const struct page *p, const struct metric_family *f, const char *suffix,
	const char *const words[METRIC_LABELS], const char *le)
{
	struct buf *out = p->out;
	buf_addf(out, "%s%s{", f->name, suffix);
	if (p->ingress)
		label(out, "ingress", p->ingress);
	for (size_t i = 0; i < METRIC_LABELS; i++)
		if (words[i])
			label(out, f->labels[i].name, words[i]);
	if (le)
		label(out, "le", le);
	if (out->p[out->n - 1] == '{')
		out->n--;
	else
		buf_addc(out, '}');
	buf_addc(out, ' ');
}

static void
add_seconds(struct buf *out, uint64_t ms)
{
	buf_addf(out, "%llu.%03llu\n", (unsigned long long)(ms / 1000),
		(unsigned long long)(ms % 1000));
}

static void
add_number(struct buf *out, uint64_t n)
{
	buf_addf(out, "%lld\n", (long long)n);
}

static void
render_values(const struct page *p, enum metric m)
{
	const struct metric_family *f = metric_family(m);
	size_t na = metric_values(&f->labels[0]), nb = metric_values(&f->labels[1]);
	for (size_t i = 0; i < na * nb; i++) {
		const char *words[METRIC_LABELS] = {
			f->labels[0].values ? f->labels[0].values[i / nb] : NULL,
			f->labels[1].values ? f->labels[1].values[i % nb] : NULL};
		series(p, f, "", words, NULL);
		if (f->kind == METRIC_TIME)
			add_seconds(p->out, metric_get(m, i));
		else
			add_number(p->out, metric_get(m, i));
	}
}

/* The count is the last bucket's, so that they agree whoever counts meanwhile. */
static void
render_histogram(const struct page *p, enum metric m)
{
	static const char *const none[METRIC_LABELS];
	const struct metric_family *f = metric_family(m);
	uint64_t total = 0;
	for (size_t i = 0; i <= METRIC_BOUNDS; i++) {
		char le[32] = "+Inf";
		if (i < METRIC_BOUNDS)
			snprintf(le, sizeof(le), "%g", (double)metric_bounds_ms[i] / 1000);
		total += metric_get(m, i);
		series(p, f, "_bucket", none, le);
		add_number(p->out, total);
	}
	series(p, f, "_sum", none, NULL);
	add_seconds(p->out, metric_sum_ms(m));
	series(p, f, "_count", none, NULL);
	add_number(p->out, total);
}

void
metrics_text(struct buf *out, const char *ingress)
{
	const struct page p = {.out = out, .ingress = ingress};
	for (enum metric m = 0; m < METRICS; m++) {
		const struct metric_family *f = metric_family(m);
		buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", f->name, f->help, f->name,
			types[f->kind]);
		if (f->kind == METRIC_HISTOGRAM)
			render_histogram(&p, m);
		else
			render_values(&p, m);
	}
}
