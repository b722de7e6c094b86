#include "../../../cmd/mm-queue/fair.h"
#include "tap.h"

#include <stdlib.h>

static struct fair f;
static struct fair_room room = {.records = 10, .bytes = 1000000, .retried = 5};
static const struct schedule schedule = {1000, 4000, 100000, 0};
static int64_t later;

static enum fair_answer
ask(int64_t seq, int64_t next, const char *rcpt_to, int64_t now, struct fair_share *share)
{
	struct store_row row = {.seq = seq, .next = next, .rec = record_new()};
	for (struct str rest = str_of(rcpt_to), one; rest.p;) {
		one = str_cut(&rest, ' ');
		record_add(row.rec, "rcpt-to", one);
	}
	enum fair_answer answer = fair_ask(&f, &row, &room, now, share, &later);
	record_free(row.rec);
	if (answer == FAIR_GO)
		fair_take(&f, share, now);
	return answer;
}

static void
learn(struct fair_share *share, const char *rcpt_to, enum status status, const char *reply,
	int64_t now)
{
	struct recipient r = {str_of(rcpt_to), status, str_of(reply)};
	struct outcome o = {.recipients = &r, .n = 1};
	fair_learn(share, &o, &schedule, now);
}

static void
shares(void)
{
	struct fair_share a[3], b, c;
	int64_t seq = 0;
	room.records = 1;
	ok(ask(1, -1, "<a@X.example>", 0, &a[0]) == FAIR_GO, "the first goes");
	ok(ask(2, -1, "<b@x.example>", 0, &a[1]) == FAIR_GO, "as many as are free");
	ok(ask(3, -1, "<c@x.example>", 0, &a[2]) == FAIR_PARKED, "no more");
	ok(fair_is_parked(&f, 3) && !fair_is_parked(&f, 2), "it is parked");
	ok(ask(4, -1, "<a@y.example>", 0, &b) == FAIR_GO, "another destination finds room");
	ok(ask(5, -1, "<a@z.example> <d@x.example>", 0, &c) == FAIR_PARKED,
		"a record is all its destinations'");
	ok(!fair_next(&f, &room, &seq), "still no room");
	fair_leave(&f, &a[0]);
	ok(fair_next(&f, &room, &seq) && seq == 3, "first come, first served");
	ok(ask(3, -1, "<c@x.example>", 0, &a[2]) == FAIR_GO, "now it goes");
	ok(!fair_next(&f, &room, &seq), "then there is no room again");
	room.records = 10;
	ok(fair_next(&f, &room, &seq) && seq == 5 && !fair_is_parked(&f, 5), "more room");
	room.bytes = 0;
	ok(ask(6, -1, "<a@y.example>", 0, &c) == FAIR_PARKED, "octets count too");
	room.bytes = 1000000;
	room.retried = 0;
	ok(ask(7, 1, "<a@y.example>", 0, &c) == FAIR_PARKED, "so do those tried before");
	fair_leave(&f, &a[1]);
	fair_leave(&f, &a[2]);
	fair_leave(&f, &b);
	ok(fair_next(&f, &room, &seq) && seq == 6, "fresh ones do not wait for those");
	ok(!fair_next(&f, &room, &seq), "who wait for their own");
	room.retried = 5;
	ok(fair_next(&f, &room, &seq) && seq == 7, "until there is room");
}

static void
dead(void)
{
	struct fair_share s;
	int64_t seq = 0;
	for (int i = 0; i < REACH_DEAD_AFTER; i++) {
		ok(ask(i, 1, "<a@x.example>", 100, &s) == FAIR_GO, "tried");
		learn(&s, "<a@x.example>", STATUS_TEMPFAIL, "451 4.4.1 no route", 100);
		fair_leave(&f, &s);
	}
	ok(ask(9, 1, "<b@x.example>", 100, &s) == FAIR_LATER, "dead");
	ok(later > 100 + 800 && later <= 100 + 1200 + 1 + 200, "until about the first retry");
	ok(ask(9, 1, "<b@x.example> <b@y.example>", 100, &s) == FAIR_GO,
		"but not for one that has a living destination");
	fair_leave(&f, &s);
	room.last_attempt = true;
	ok(ask(9, 1, "<b@x.example>", 100, &s) == FAIR_GO, "nor at the last attempt");
	fair_leave(&f, &s);
	room.last_attempt = false;
	ok(ask(9, -1, "<b@x.example>", 100, &s) == FAIR_GO, "nor for a fresh one");
	fair_leave(&f, &s);
	ok(ask(9, 1, "<b@x.example>", 1400, &s) == FAIR_GO, "a probe");
	struct fair_share t;
	ok(ask(10, 1, "<c@x.example>", 1400, &t) == FAIR_PARKED, "the next waits for it");
	ok(!fair_next(&f, &room, &seq), "whatever room there is");
	learn(&s, "<b@x.example>", STATUS_TEMPFAIL, "451 4.4.1 no route", 1400);
	fair_leave(&f, &s);
	ok(fair_next(&f, &room, &seq) && seq == 10, "it is back");
	ok(ask(10, 1, "<c@x.example>", 1400, &s) == FAIR_LATER && later > 1400 + 1600,
		"still dead, for twice as long");
	ok(ask(9, 1, "<b@x.example>", 9000, &s) == FAIR_GO, "the next probe");
	ok(ask(10, 1, "<c@x.example>", 9000, &t) == FAIR_PARKED &&
			ask(11, 1, "<d@x.example>", 9000, &t) == FAIR_PARKED,
		"two wait for it, until their lifetime ends");
	learn(&s, "<b@x.example>", STATUS_TEMPFAIL, "451 4.4.1 no route", 9000);
	fair_leave(&f, &s);
	room.last_attempt = true;
	ok(fair_next(&f, &room, &seq) && seq == 10 &&
			ask(10, 1, "<c@x.example>", 100000, &s) == FAIR_GO,
		"it is back: one has its last attempt");
	ok(fair_next(&f, &room, &seq) && seq == 11 &&
			ask(11, 1, "<d@x.example>", 100000, &t) == FAIR_GO,
		"the other at the same time");
	fair_leave(&f, &s);
	fair_leave(&f, &t);
	room.last_attempt = false;
	fair_forgive(&f);
	ok(ask(10, 1, "<c@x.example>", 1400, &s) == FAIR_GO, "by hand");
	fair_leave(&f, &s);
}

static void
alive(void)
{
	static const struct {
		enum status status;
		const char *reply, *name;
	} cases[] = {{STATUS_TEMPFAIL, "450 4.7.1 greylisted", "greylisting is life"},
		{STATUS_PERMFAIL, "550 5.1.1 no such user", "so is a refusal"},
		{STATUS_OK, "250 2.0.0 ok", "and success"}};
	struct fair_share s;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (int n = 0; n < REACH_DEAD_AFTER * 2; n++) {
			bool last = n % REACH_DEAD_AFTER == REACH_DEAD_AFTER - 1;
			ask(1, -1, "<a@x.example>", 0, &s);
			learn(&s, "<a@X.example>", last ? cases[i].status : STATUS_TEMPFAIL,
				last ? cases[i].reply : "451 4.4.2 lost", 0);
			fair_leave(&f, &s);
		}
		ok(ask(1, 1, "<a@x.example>", 0, &s) == FAIR_GO, "%s", cases[i].name);
		fair_leave(&f, &s);
	}
}

static void
remembered(void)
{
	struct fair_share s;
	char rcpt[64];
	for (int i = 0; i < REACH_DEAD_AFTER; i++) {
		ask(i, 1, "<a@x.example>", 100, &s);
		learn(&s, "<a@x.example>", STATUS_TEMPFAIL, "451 4.4.1 no route", 100);
		fair_leave(&f, &s);
	}
	for (int i = 0; i < 50000; i++) {
		(void)snprintf(rcpt, sizeof(rcpt), "<a@x%d.example>", i);
		ask(1000000 + i, -1, rcpt, 100, &s);
		fair_learn_pace(&s, 200);
		fair_leave(&f, &s);
	}
	ok(f.sweep_at > 0 && f.sweep_at < 30000, "how long they take is not kept for ever");
	ok(ask(9, 1, "<b@x.example>", 100, &s) == FAIR_LATER, "who is dead is kept longer");
	fair_release(&f);
	f = (struct fair){0};
}

static void
limits(void)
{
	struct fair_share s, first;
	char rcpt[64];
	room.records = 0;
	ask(1, -1, "<a@x.example>", 0, &first);
	for (int64_t seq = 2; seq < FAIR_PARKED_MAX + 2; seq++)
		if (ask(seq, -1, "<a@x.example>", 0, &s) != FAIR_PARKED)
			ok(false, "%lld is not parked", (long long)seq);
	ok(ask(FAIR_PARKED_MAX + 2, -1, "<a@x.example>", 0, &s) == FAIR_FULL,
		"so many are parked, no more");
	fair_leave(&f, &first);
	for (int i = 0; i < 50000; i++) {
		(void)snprintf(rcpt, sizeof(rcpt), "<a@x%d.example>", i);
		ask(1000000 + i, -1, rcpt, 0, &s);
		learn(&s, rcpt, STATUS_TEMPFAIL, "451 4.4.1 no route", 0);
		fair_leave(&f, &s);
	}
	ok(f.sweep_at > 0 && f.sweep_at < 30000,
		"destinations that are not in use are forgotten");
	ok(ask(1, -1, "", 0, &s) == FAIR_GO && s.n == 1, "no recipients");
	fair_leave(&f, &s);
	fair_release(&f);
	ok(!f.all && !f.parked && !f.waiting, "all is released");
}

int
main(void)
{
	shares();
	dead();
	alive();
	remembered();
	limits();
	return done();
}
