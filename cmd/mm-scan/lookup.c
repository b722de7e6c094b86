#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "lists.h"
#include "lookup.h"
#include "mem.h"

#define MAX_TEXT 200 /* octets taken of a TXT record */

struct question {
	struct lookup *lookup;
	const struct dns_list *list;
	const char *subject, *where;
	char *name;
	struct dns_query *query; /* while it is open */
	bool listed;
	struct buf meaning, text;
};

struct lookup {
	struct dns *dns;
	const struct scan_settings *settings;
	lookup_done *done;
	void *arg;
	int64_t deadline;
	struct question **list;
	size_t n, cap, open;
	char failure[300]; /* the first; empty if there was none */
};

void *
list_asker_open(struct ev_loop *loop, const struct scan_settings *settings)
{
	struct dns *dns = dns_new(loop);
	if (!dns)
		return NULL;
	struct list_asker *a = xcalloc(1, sizeof(*a));
	a->dns = dns;
	a->settings = settings;
	return a;
}

void
list_asker_close(void *state)
{
	struct list_asker *a = state;
	dns_free(a->dns);
	free(a);
}

struct lookup *
lookup_new(const struct list_asker *asker, lookup_done *done, void *arg)
{
	struct lookup *l = xcalloc(1, sizeof(*l));
	l->dns = asker->dns;
	l->settings = asker->settings;
	l->done = done;
	l->arg = arg;
	l->deadline = clock_mono_ms() + l->settings->timeout_ms;
	return l;
}

void
lookup_free(struct lookup *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct question *q = l->list[i];
		if (q->query)
			dns_cancel(q->query);
		buf_release(&q->meaning);
		buf_release(&q->text);
		free(q->name);
		free(q);
	}
	free(l->list);
	free(l);
}

static void
failed(struct question *q, const char *what)
{
	struct lookup *l = q->lookup;
	if (!*l->failure)
		(void)snprintf(l->failure, sizeof(l->failure), "%s: %s", q->list->name, what);
}

static void
answered(struct question *q)
{
	struct lookup *l = q->lookup;
	if (--l->open == 0)
		l->done(l->arg);
}

static void
take_address(struct question *q, struct str rdata)
{
	char text[IP_TEXT_SIZE], what[100];
	struct ip ip;
	if (dns_rdata_ip(rdata, &ip) < 0)
		return;
	const uint8_t *o = ip.octets;
	const struct list_code *code = list_meaning(q->list,
		(uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3]);
	if (!code) {
		(void)snprintf(what, sizeof(what), "answered %s, by which it lists nothing",
			ip_text(&ip, text));
		failed(q, what);
		return;
	}
	q->listed = true;
	if (!code->meaning)
		return;
	if (q->meaning.n)
		buf_addstr(&q->meaning, ", ");
	buf_addstr(&q->meaning, code->meaning);
}

static void
on_text(void *arg, const struct dns_answer *a)
{
	struct question *q = arg;
	q->query = NULL;
	if (a->status == DNS_FOUND && dns_rdata_txt(a->rdata[0], &q->text) == 0 &&
		q->text.n > MAX_TEXT)
		q->text.n = MAX_TEXT;
	answered(q);
}

static void
on_address(void *arg, const struct dns_answer *a)
{
	struct question *q = arg;
	struct lookup *l = q->lookup;
	int64_t left = l->deadline - clock_mono_ms();
	q->query = NULL;
	if (a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS)
		failed(q, a->why);
	for (size_t i = 0; i < a->n; i++)
		take_address(q, a->rdata[i]);
	if (q->listed && l->settings->txt && left > 0)
		q->query = dns_ask(l->dns, q->name, DNS_TXT, left, on_text, q);
	else
		answered(q);
}

void
lookup_ask(struct lookup *l, const char *label, const char *subject, const char *where)
{
	const struct dns_lists *lists = l->settings->lists;
	for (size_t i = 0; i < lists->n; i++) {
		struct question *q = xcalloc(1, sizeof(*q));
		q->lookup = l;
		q->list = &lists->list[i];
		q->subject = subject;
		q->where = where;
		q->name = xasprintf("%s.%s", label, q->list->zone);
		l->list = xgrow(l->list, &l->cap, l->n + 1, sizeof(*l->list));
		l->list[l->n++] = q;
		l->open++;
		q->query =
			dns_ask(l->dns, q->name, DNS_A, l->settings->timeout_ms, on_address, q);
	}
}

static void
write_subject(const struct question *q, struct scan *s)
{
	struct buf b = {0};
	buf_addf(&b, "%s zone=%s where=%s", q->subject, q->list->name, q->where);
	if (q->meaning.n)
		buf_addf(&b, " meaning=\"%.*s\"", STR_ARG(buf_str(&q->meaning)));
	scan_found(s, q->list->weight >= 0 ? "listed" : "allowed", buf_str(&b));
	buf_release(&b);
}

/* The list with what it means by its first answer, and what it says of it. */
static void
write_list(const struct question *q, struct scan *s)
{
	struct buf b = {0};
	buf_addstr(&b, q->list->name);
	if (q->meaning.n)
		buf_addf(&b, " (%.*s)", STR_ARG(buf_str(&q->meaning)));
	scan_found(s, q->list->weight >= 0 ? "listed_on" : "allowed_on", buf_str(&b));
	if (q->text.n)
		scan_found(s, "text", buf_str(&q->text));
	buf_release(&b);
}

/* Each list counts once, however much of a message it lists. */
static int
write_lists(const struct lookup *l, struct scan *s)
{
	const struct dns_lists *lists = l->settings->lists;
	int score = 0;
	for (size_t i = 0; i < lists->n; i++) {
		bool first = true;
		for (size_t k = 0; k < l->n; k++) {
			const struct question *q = l->list[k];
			if (q->list != &lists->list[i] || !q->listed)
				continue;
			if (first)
				write_list(q, s);
			if (q->subject)
				write_subject(q, s);
			score += first ? q->list->weight : 0;
			first = false;
		}
	}
	return score;
}

void
lookup_conclude(struct lookup *l, struct scan *s)
{
	char number[16], failure[sizeof(l->failure)];
	int score = write_lists(l, s);
	bool listed = score >= l->settings->lists->threshold;
	(void)snprintf(number, sizeof(number), "%d", score);
	(void)snprintf(failure, sizeof(failure), "%s", l->failure);
	scan_found(s, "score", str_of(number));
	scan_found(s, "is_listed", listed ? STR("TRUE") : STR("FALSE"));
	lookup_free(l);
	if (listed)
		scan_finish(s, SCAN_FAIL, NULL);
	else if (*failure)
		scan_finish(s, SCAN_PROCESSING_FAILED, failure);
	else
		scan_finish(s, score > 0 ? SCAN_GRAY : SCAN_PASS, NULL);
}
