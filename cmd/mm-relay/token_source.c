#include <stdlib.h>
#include <utlist.h>

#include "clock.h"
#include "http.h"
#include "log.h"
#include "mem.h"
#include "token_fetch.h"
#include "token_life.h"
#include "token_source.h"
#include "wipe.h"

#define MAX_FETCHES 4

struct token_sources {
	struct ev_loop *loop;
	struct http *http; /* NULL: not needed so far */
	struct token_source *list;
};

struct token_source {
	struct token_sources *all;
	struct dns *dns;
	struct token_grant grant, asked; /* as it is by now; as the secret has it */
	unsigned refs;
	struct access_token *current;
	struct token_life life;
	struct token_fetch *fetch;
	struct token_wait *waiters;
	uint64_t turn; /* the number of the next fetch */
	struct token_source *prev, *next;
};

struct token_sources *
token_sources_new(struct ev_loop *loop)
{
	struct token_sources *all = xcalloc(1, sizeof(*all));
	all->loop = loop;
	return all;
}

void
token_sources_free(struct token_sources *all)
{
	if (all->http)
		http_free(all->http);
	free(all);
}

struct token_source *
token_source_of(struct token_sources *all, struct dns *dns, const struct token_grant *g)
{
	struct token_source *s;
	DL_FOREACH (all->list, s)
		if (token_grant_equal(&s->asked, g)) {
			s->refs++;
			return s;
		}
	if (!all->http && !(all->http = http_new(all->loop, MAX_FETCHES)))
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->all = all;
	s->dns = dns;
	token_grant_copy(&s->grant, g);
	token_grant_copy(&s->asked, g);
	s->refs = 1;
	DL_APPEND(all->list, s);
	return s;
}

void
token_source_unref(struct token_source *s)
{
	if (!s || --s->refs > 0)
		return;
	if (s->fetch)
		token_fetch_cancel(s->fetch);
	DL_DELETE(s->all->list, s);
	access_token_unref(s->current);
	token_grant_release(&s->grant);
	token_grant_release(&s->asked);
	free(s);
}

struct access_token *
token_source_current(const struct token_source *s)
{
	return s->current;
}

static void
log_failure(const struct token_source *s, const struct token_answer *a)
{
	char why[TOKEN_ERROR_MAX + 1];
	token_error_text(why, a->error);
	struct logline l;
	log_begin(&l, LOG_ERROR, "no access token");
	log_cstr(&l, "secret", s->grant.file);
	log_cstr(&l, "endpoint", s->grant.endpoint);
	log_cstr(&l, "reason", why);
	log_num(&l, "again-in-ms", s->life.pause_ms);
	log_end(&l);
}

static void
log_token(const struct token_source *s, const struct token_answer *a)
{
	struct logline l;
	log_begin(&l, LOG_INFO, "access token");
	log_cstr(&l, "secret", s->grant.file);
	log_num(&l, "lifetime", a->lifetime_s);
	if (a->refresh_token)
		log_cstr(&l, "refresh-token", "replaced, until the program ends");
	log_end(&l);
}

static void
replace_refresh_token(struct token_source *s, struct token_answer *a)
{
	char *old = s->grant.refresh_token;
	if (!old || !a->refresh_token)
		return;
	wipe_str(old);
	s->grant.refresh_token = a->refresh_token;
	a->refresh_token = NULL;
}

static void
take(struct token_source *s, struct token_answer *a)
{
	if (!s->grant.refresh_token ||
		(a->refresh_token && strcmp(a->refresh_token, s->grant.refresh_token) == 0)) {
		wipe_str(a->refresh_token);
		a->refresh_token = NULL;
	}
	access_token_unref(s->current);
	s->current = access_token_new(str_of(a->access_token));
	token_life_fetched(&s->life, a->lifetime_s, clock_mono_ms());
	log_token(s, a);
	replace_refresh_token(s, a);
}

/* Who waits again from within is told of the next one. */
static void
wake_all(struct token_source *s)
{
	uint64_t turn = s->turn++;
	while (s->waiters && s->waiters->turn <= turn) {
		struct token_wait *w = s->waiters;
		token_source_cancel(s, w);
		w->over(w->arg);
	}
}

static void
on_fetched(void *arg, struct token_answer *a)
{
	struct token_source *s = arg;
	s->fetch = NULL;
	if (a->access_token) {
		take(s, a);
	} else {
		token_life_failed(&s->life, clock_mono_ms());
		log_failure(s, a);
	}
	s->refs++;
	wake_all(s);
	token_source_unref(s);
}

static void
fetch(struct token_source *s)
{
	if (!s->fetch)
		s->fetch = token_fetch_start(
			s->all->loop, s->all->http, s->dns, &s->grant, on_fetched, s);
}

enum token_state
token_source_state(struct token_source *s)
{
	int64_t now = clock_mono_ms();
	bool good = token_life_good(&s->life, now), due = token_life_due(&s->life, now);
	if (good && due)
		fetch(s);
	return good ? TOKEN_READY : s->fetch || due ? TOKEN_WANTED : TOKEN_FAILED;
}

void
token_source_wait(struct token_source *s, struct token_wait *w)
{
	w->waiting = true;
	w->turn = s->turn;
	DL_APPEND(s->waiters, w);
	fetch(s);
}

void
token_source_cancel(struct token_source *s, struct token_wait *w)
{
	if (!w->waiting)
		return;
	DL_DELETE(s->waiters, w);
	w->waiting = false;
}

bool
token_source_refused(struct token_source *s, const struct access_token *t, const char *reply)
{
	struct logline l;
	if (t != s->current || s->life.refused)
		return true;
	if (!token_life_refused(&s->life, t->accepted, clock_mono_ms()))
		return false;
	log_begin(&l, LOG_WARN, "the server refuses the access token, another is fetched");
	log_cstr(&l, "secret", s->grant.file);
	log_cstr(&l, "reply", reply);
	log_end(&l);
	return true;
}
