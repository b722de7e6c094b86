#include <stdlib.h>
#include <strings.h>

#include "answers.h"
#include "clock.h"
#include "mem.h"

/* The library by itself gives a dead server up after 17 seconds. */
#define QUESTION_MS 5000

struct entry {
	struct answers *owner;
	enum dns_type type;
	struct dns_query *query; /* while it is open */
	bool known;
	struct answer answer; /* its octets stand behind its rdata */
	char name[];
};

struct answers {
	struct dns *dns;
	int64_t deadline;
	answers_changed *changed;
	void *arg;
	struct entry **list;
	size_t n, cap, pending;
};

struct answers *
answers_new(struct dns *dns, int64_t budget_ms, answers_changed *changed, void *arg)
{
	struct answers *a = xcalloc(1, sizeof(*a));
	a->dns = dns;
	a->deadline = clock_mono_ms() + budget_ms;
	a->changed = changed;
	a->arg = arg;
	return a;
}

void
answers_free(struct answers *a)
{
	for (size_t i = 0; i < a->n; i++) {
		struct entry *e = a->list[i];
		if (e->query)
			dns_cancel(e->query);
		free(e->answer.rdata);
		free(e);
	}
	free(a->list);
	free(a);
}

static void
keep(struct entry *e, const struct dns_answer *from)
{
	struct answer *to = &e->answer;
	size_t size = from->n * sizeof(*to->rdata);
	*to = (struct answer){.status = from->status, .secure = from->secure, .why = from->why};
	for (size_t i = 0; i < from->n; i++)
		size += from->rdata[i].n;
	to->rdata = xmalloc(size + 1);
	char *octets = (char *)(to->rdata + from->n);
	for (; to->n < from->n; to->n++) {
		struct str one = from->rdata[to->n];
		memcpy(octets, one.p, one.n);
		to->rdata[to->n] = str_n(octets, one.n);
		octets += one.n;
	}
	e->known = true;
}

static void
on_answer(void *arg, const struct dns_answer *answer)
{
	struct entry *e = arg;
	struct answers *a = e->owner;
	e->query = NULL;
	keep(e, answer);
	a->pending--;
	a->changed(a->arg); /* may free a */
}

static struct entry *
find(struct answers *a, const char *name, enum dns_type type)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->list[i]->type == type && strcasecmp(a->list[i]->name, name) == 0)
			return a->list[i];
	return NULL;
}

static struct entry *
ask(struct answers *a, const char *name, enum dns_type type)
{
	size_t size = strlen(name) + 1;
	struct entry *e = xcalloc(1, sizeof(*e) + size);
	int64_t left = a->deadline - clock_mono_ms();
	e->owner = a;
	memcpy(e->name, name, size);
	e->type = type;
	a->list = xgrow(a->list, &a->cap, a->n + 1, sizeof(*a->list));
	a->list[a->n++] = e;
	const struct dns_answer *known = dns_known(a->dns, name, type);
	if (known) {
		keep(e, known);
	} else if (left <= 0) {
		keep(e, &(struct dns_answer){.status = DNS_TEMPFAIL, .why = "timeout"});
	} else {
		left = left < QUESTION_MS ? left : QUESTION_MS;
		e->query = dns_ask(a->dns, name, type, left, on_answer, e);
		a->pending++;
	}
	return e;
}

const struct answer *
answers_get(struct answers *a, const char *name, enum dns_type type)
{
	static const struct answer too_many = {
		.status = DNS_TEMPFAIL, .why = "too many questions"};
	struct entry *e = find(a, name, type);
	if (!e && a->n >= ANSWERS_MAX)
		return &too_many;
	if (!e)
		e = ask(a, name, type);
	return e->known ? &e->answer : NULL;
}

bool
answers_pending(const struct answers *a)
{
	return a->pending > 0;
}
