#include <stdlib.h>

#include "log.h"
#include "mem.h"
#include "num.h"
#include "scanner.h"

struct scanner {
	struct ev_loop *loop;
	const struct analyser *analyser;
	void *state;
	const struct scan_settings *settings;
	scan_done *done;
	void *arg;
	int active;
	struct scan *first, **last; /* waiting */
	bool starting;              /* keeps scan_finish() from recursing */
};

struct scanner *
scanner_new(struct ev_loop *loop, const struct analyser *analyser,
	const struct scan_settings *settings, scan_done *done, void *arg)
{
	struct scanner *sc = xcalloc(1, sizeof(*sc));
	sc->loop = loop;
	sc->analyser = analyser;
	sc->settings = settings;
	sc->done = done;
	sc->arg = arg;
	sc->last = &sc->first;
	sc->state = analyser->open(loop, settings);
	if (sc->state)
		return sc;
	free(sc);
	return NULL;
}

void
scanner_free(struct scanner *sc)
{
	sc->analyser->close(sc->state);
	free(sc);
}

void
scan_found(struct scan *s, const char *field, struct str value)
{
	record_addf(s->rec, "analysis", "%s %s %.*s", s->scanner->settings->name, field,
		STR_ARG(value));
}

static void
write_verdict(struct scan *s, enum scan_verdict verdict, const char *reason)
{
	static const char *const words[] = {"PASS", "FAIL", "GRAY", "PROCESSING_FAILED"};
	scan_found(s, "verdict", str_of(words[verdict]));
	if (verdict != SCAN_PROCESSING_FAILED) {
		scan_found(s, "is_passed", verdict == SCAN_FAIL ? STR("FALSE") : STR("TRUE"));
		return;
	}
	scan_found(s, "reason", str_of(reason));
	struct logline l;
	log_begin(&l, LOG_WARN, "not analysed");
	log_str(&l, "id", record_get(s->rec, "id"));
	log_cstr(&l, "analyser", s->scanner->settings->name);
	log_cstr(&l, "reason", reason);
	log_end(&l);
}

static void
on_timeout(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct scan *s = w->data;
	(void)loop, (void)events;
	s->scanner->analyser->cancel(s->scanner->state, s);
	scan_finish(s, SCAN_PROCESSING_FAILED, "timeout");
}

static void
begin(struct scanner *sc, struct scan *s)
{
	sc->active++;
	ev_timer_init(&s->timer, on_timeout, (double)sc->settings->timeout_ms / 1000, 0.);
	s->timer.data = s;
	ev_now_update(sc->loop);
	if (!sc->analyser->keeps_time)
		ev_timer_start(sc->loop, &s->timer);
	sc->analyser->start(sc->state, s);
}

static void
start_waiting(struct scanner *sc)
{
	if (sc->starting)
		return;
	sc->starting = true;
	while (sc->first && sc->active < sc->settings->parallel) {
		struct scan *s = sc->first;
		sc->first = s->next;
		if (!sc->first)
			sc->last = &sc->first;
		begin(sc, s);
	}
	sc->starting = false;
}

void
scan_finish(struct scan *s, enum scan_verdict verdict, const char *reason)
{
	struct scanner *sc = s->scanner;
	struct record *rec = s->rec;
	ev_timer_stop(sc->loop, &s->timer);
	write_verdict(s, verdict, reason);
	free(s);
	sc->active--;
	sc->done(sc->arg, rec);
	start_waiting(sc);
}

/* Does a field's value begin with our name?  *rest is what follows it. */
static bool
is_ours(struct str value, const char *name, struct str *rest)
{
	*rest = value;
	return str_eq(str_word(rest), str_of(name));
}

/* A queue's retry keeps the verdict of the first time, if it was one. */
static bool
known_from_before(const struct record *rec, const char *name)
{
	uint64_t attempt;
	struct str value = record_get(rec, "attempt"), rest;
	size_t at = 0;
	if (!value.p || num_u64(value, 0, UINT32_MAX, &attempt) < 0 || attempt < 2)
		return false;
	while (record_next(rec, "analysis", &at, &value)) {
		if (is_ours(value, name, &rest) && str_eq(str_word(&rest), STR("verdict")))
			return !str_eq(str_word(&rest), STR("PROCESSING_FAILED"));
	}
	return false;
}

static void
remove_old(struct record *rec, const char *name)
{
	struct str rest;
	for (size_t i = rec->nfields; i-- > 0;)
		if (str_eq(record_name_at(rec, i), STR("analysis")) &&
			is_ours(record_value_at(rec, i), name, &rest))
			record_remove_at(rec, i);
}

void
scanner_take(struct scanner *sc, struct record *rec)
{
	const char *name = sc->settings->name;
	if (known_from_before(rec, name)) {
		sc->done(sc->arg, rec);
		return;
	}
	remove_old(rec, name);
	if (rec->body->n == 0 && !sc->analyser->envelope) {
		sc->done(sc->arg, rec);
		return;
	}
	struct scan *s = xcalloc(1, sizeof(*s));
	s->scanner = sc;
	s->rec = rec;
	if (rec->body->n > sc->settings->max_size && !sc->analyser->any_size) {
		sc->active++;
		scan_finish(s, SCAN_PROCESSING_FAILED, "larger than --max-size");
		return;
	}
	*sc->last = s;
	sc->last = &s->next;
	start_waiting(sc);
}
