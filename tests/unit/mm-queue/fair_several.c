/* A queue, a worker and a clock in miniature: the healthy destinations do not wait for
 * mail that is to them and to a slow one. */
#include "../../../cmd/mm-queue/fair.h"
#include "tap.h"

#include <string.h>

#define WINDOW 100
#define EACH 200 /* records of a kind */
#define KINDS 3
#define SLOW_MS 4000
#define FAST_MS 5

static struct fair f;
static const char *slow;
static int64_t now = 1000;

static struct flight {
	struct fair_share share;
	int64_t end; /* 0: the place is free */
	size_t kind;
} flights[WINDOW];
static size_t in_flight;

static const char *const *kinds; /* their recipients; # is a number of each record's own */
static size_t left[KINDS];
static int64_t took[KINDS]; /* until the last of a kind was done */

static struct fair_room
places(void)
{
	return (struct fair_room){.records = WINDOW - in_flight, .bytes = 1000000};
}

static struct record *
record_of(int64_t seq)
{
	struct record *rec = record_new();
	char rcpt_to[100];
	for (struct str rest = str_of(kinds[seq / EACH]), one; rest.p;) {
		one = str_cut(&rest, ' ');
		struct str before = str_cut(&one, '#');
		if (one.p)
			(void)snprintf(rcpt_to, sizeof(rcpt_to), "%.*s%d%.*s", STR_ARG(before),
				(int)(seq % EACH), STR_ARG(one));
		record_add(rec, "rcpt-to", one.p ? str_of(rcpt_to) : before);
	}
	return rec;
}

static void
give(int64_t seq)
{
	int64_t next;
	struct flight *fl = flights;
	struct fair_room room = places();
	struct store_row row = {.seq = seq, .next = -1, .rec = record_of(seq)};
	while (fl->end)
		fl++;
	enum fair_answer answer = fair_ask(&f, &row, &room, now, &fl->share, &next);
	if (answer == FAIR_GO) {
		fl->kind = (size_t)seq / EACH;
		fl->end = now + (strstr(kinds[fl->kind], slow) ? SLOW_MS : FAST_MS);
		fair_take(&f, &fl->share, now);
		in_flight++;
	} else if (answer != FAIR_PARKED) {
		ok(false, "%d is neither given nor parked", (int)seq);
	}
	record_free(row.rec);
}

static void
land(int64_t start)
{
	for (struct flight *fl = flights; fl < flights + WINDOW; fl++) {
		if (!fl->end || fl->end > now)
			continue;
		fair_learn_pace(&fl->share, now);
		fair_leave(&f, &fl->share);
		fl->end = 0;
		in_flight--;
		if (--left[fl->kind] == 0)
			took[fl->kind] = now - start;
	}
}

static void
feed(int64_t *fresh)
{
	int64_t seq;
	fair_recount(&f, now);
	for (struct fair_room room; in_flight < WINDOW; give(seq)) {
		room = places();
		if (!fair_next(&f, &room, &seq))
			break;
	}
	while (in_flight < WINDOW && *fresh < (int64_t)EACH * KINDS && kinds[*fresh / EACH])
		give((*fresh)++);
}

/* All of them, in the order of the kinds. */
static void
deliver(const char *const these[KINDS])
{
	int64_t start = now, fresh = 0, missing = 0;
	kinds = these;
	for (size_t i = 0; i < KINDS; i++) {
		left[i] = kinds[i] ? EACH : 0;
		took[i] = -1;
	}
	do {
		land(start);
		feed(&fresh);
		now++;
	} while (in_flight > 0 && now - start < 100000);
	for (size_t i = 0; i < KINDS; i++)
		missing += (int64_t)left[i];
	is_int(missing, 0, "all are done");
}

static void
done_soon(size_t kind, int64_t ms, const char *name)
{
	if (!ok(took[kind] >= 0 && took[kind] <= ms, "%s", name))
		fprintf(stderr, "# got: %lld ms, expected: at most %lld\n",
			(long long)took[kind], (long long)ms);
}

static void
strangers(void)
{
	slow = "@slow.";
	deliver((const char *[KINDS]){"<a@slow.example>", "<a@good.example>"});
	int64_t apart = took[1];
	done_soon(1, SLOW_MS / 10, "good does not wait for slow");
	fair_release(&f);
	deliver((const char *[KINDS]){"<a@good.example> <a@slow.example>", "<a@good.example>"});
	done_soon(1, apart * 2, "nor when they have mail together");
	done_soon(0, SLOW_MS * 5, "and slow has its share");
	fair_release(&f);
	deliver((const char *[KINDS]){"<a@slow.example> <a@good.example> <a@fine.example>",
		"<a@good.example>", "<a@fine.example>"});
	done_soon(1, apart * 3, "three together: one healthy destination does not wait");
	done_soon(2, apart * 3, "nor the other one");
	fair_release(&f);
	deliver((const char *[KINDS]){"<a@slow.example> <a@x#.example>", "<a@good.example>"});
	done_soon(1, apart * 2, "a slow one has no more for being with one that nobody knows");
	deliver((const char *[KINDS]){
		"<a@good.example> <a@slow#.example>", "<a@good.example>"});
	fair_release(&f);
}

/* Only mail to several is there. */
static void
never_alone(void)
{
	deliver((const char *[KINDS]){"<a@good.example> <a@fine.example>",
		"<a@good.example> <a@slow.example>", "<a@good.example> <a@fine.example>"});
	done_soon(2, SLOW_MS / 10, "a bound is enough");
	deliver((const char *[KINDS]){
		"<a@good.example> <a@slow.example>", "<a@fine.example> <a@good.example>"});
	done_soon(1, SLOW_MS / 10, "and lasts");
}

/* They change places. */
static void
changed(void)
{
	slow = "@good.";
	deliver((const char *[KINDS]){"<a@good.example> <a@slow.example>", "<a@slow.example>"});
	done_soon(1, SLOW_MS / 2, "a slow one that has recovered is soon known");
	deliver((const char *[KINDS]){"<a@good.example> <a@slow.example>", "<a@slow.example>"});
	done_soon(1, SLOW_MS / 10, "as is the one that has become slow");
	fair_release(&f);
}

int
main(void)
{
	strangers();
	never_alone();
	changed();
	return done();
}
