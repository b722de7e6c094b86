#include <sysexits.h>

#include "adder.h"
#include "clock.h"
#include "commands.h"
#include "sandbox.h"
#include "ulid.h"

#define IDLE_MS 60000

struct adding {
	struct adder adder;
	struct ev_timer idle;
};

static void
on_done(void *ctx, struct pending *p, int rc, bool full)
{
	struct filter *f = ctx;
	const char *archive = ((struct adding *)f->ctx)->adder.archive.name;
	if (rc == 0) {
		record_addf(
			p->rec, "archived", "%s%s", archive, p->duplicate ? " duplicate" : "");
		record_outcome(p->rec, STATUS_OK, "250 2.0.0 archived in %s", archive);
	} else if (full) {
		record_outcome(
			p->rec, STATUS_TEMPFAIL, "452 4.3.1 no space in archive %s", archive);
	} else {
		record_outcome(p->rec, STATUS_TEMPFAIL, "451 4.3.0 cannot write to archive %s",
			archive);
	}
	filter_emit(f, p->rec);
}

static void
on_drain(struct filter *f)
{
	struct adding *a = f->ctx;
	if (a->adder.n && !ev_is_active(&a->idle))
		ev_timer_again(f->loop, &a->idle);
	adder_commit(&a->adder);
}

/* What compacts, seals or prunes leaves files alone that somebody holds. */
static void
on_idle(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct adding *a = w->data;
	(void)events;
	if (!adder_let_go(&a->adder))
		ev_timer_stop(loop, w);
}

static int64_t
received_at(struct record *r)
{
	char text[CLOCK_RFC3339_SIZE];
	int64_t ms;
	struct str given = record_get(r, "received");
	if (given.p && clock_parse_rfc3339(given, &ms) == 0 && ms >= 0)
		return ms;
	ms = clock_now_ms();
	record_set(r, "received", str_of(clock_rfc3339(ms, text)));
	return ms;
}

static void
on_record(struct filter *f, struct record *r)
{
	char id[ULID_SIZE];
	if (!record_has(r, "id"))
		record_set(r, "id", str_of(ulid_new(clock_now_ms(), id)));
	if (!id_valid(record_get(r, "id")) || r->body->n == 0) {
		record_outcome(r, STATUS_PERMFAIL, "554 5.6.0 %s",
			r->body->n ? "the message's id is malformed"
				   : "there is no message to archive");
		filter_emit(f, r);
		return;
	}
	adder_take(&((struct adding *)f->ctx)->adder, r, received_at(r));
}

int
command_add(struct options *o, char **operands)
{
	static const struct filter_ops ops = {.record = on_record, .drain = on_drain};
	struct adding a = {.adder = {.done = on_done, .ctx = &o->filter}};
	double idle = (double)(o->idle ? o->idle : IDLE_MS) / 1000;
	int status = EX_TEMPFAIL;
	if (adder_open(&a.adder, o->site, o->root, operands[0]) == 0) {
		o->filter.ops = &ops;
		o->filter.ctx = &a;
		ev_timer_init(&a.idle, on_idle, idle, idle);
		a.idle.data = &a;
		sandbox_enter(SANDBOX_WRITE);
		status = filter_run(&o->filter, operands + 1);
	}
	adder_close(&a.adder);
	return status;
}
