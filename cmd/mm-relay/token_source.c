#include <stdlib.h>
#include <utlist.h>

#include "clock.h"
#include "http.h"
#include "log.h"
#include "mem.h"
#include "token_fetch.h"
#include "token_source.h"
#include "wipe.h"

#define MAX_FETCHES 4
#define MIN_SECRET 6
#define MARGIN_MS 300000     /* before it expires, if it lives that long, it is renewed */
#define FIRST_PAUSE_MS 10000 /* after a failure; twice as long after each further one */
#define MAX_PAUSE_MS 300000
#define REFUSED_EVERY_MS 60000 /* a refusal leads to another token once in that time */

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
	bool refused;
	int64_t fetched_ms, renew_ms, expires_ms; /* monotonic */
	char *failure;
	int64_t again_ms, pause_ms, refused_ms;
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
	free(s->failure);
	free(s);
}

struct access_token *
token_source_current(const struct token_source *s)
{
	return s->current;
}

enum token_state
token_source_state(struct token_source *s, const char **why)
{
	int64_t now = clock_mono_ms();
	bool good = s->current && !s->refused;
	if (good && now < s->renew_ms)
		return TOKEN_READY;
	if (s->fetch || !s->failure || now >= s->again_ms)
		return TOKEN_WANTED;
	*why = s->failure;
	return good && now < s->expires_ms ? TOKEN_READY : TOKEN_FAILED;
}

static void
log_failure(const struct token_source *s, const char *why)
{
	struct logline l;
	log_begin(&l, LOG_ERROR, "no access token");
	log_cstr(&l, "secret", s->grant.file);
	log_cstr(&l, "endpoint", s->grant.endpoint);
	log_cstr(&l, "reason", why);
	log_num(&l, "again-in-ms", s->pause_ms);
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

/* An endpoint may say what it was asked.  A short secret is in any text. */
static bool
betrays(const struct token_grant *g, const char *text)
{
	const char *const secrets[] = {g->client_secret, g->refresh_token};
	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++)
		if (secrets[i] && strlen(secrets[i]) >= MIN_SECRET && strstr(text, secrets[i]))
			return true;
	return false;
}

static void
note_failure(struct token_source *s, const char *error)
{
	const char *why = betrays(&s->grant, error)
				  ? "the token endpoint answers an error with the secret in it"
				  : error;
	s->pause_ms = s->pause_ms == 0                 ? FIRST_PAUSE_MS
		      : s->pause_ms < MAX_PAUSE_MS / 2 ? 2 * s->pause_ms
						       : MAX_PAUSE_MS;
	s->again_ms = clock_mono_ms() + s->pause_ms;
	free(s->failure);
	s->failure = xasprintf("454 4.7.0 no access token: %s", why);
	log_failure(s, why);
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
	int64_t lifetime = a->lifetime_s * 1000, tenth = lifetime / 10;
	if (!s->grant.refresh_token ||
		(a->refresh_token && strcmp(a->refresh_token, s->grant.refresh_token) == 0)) {
		free(a->refresh_token);
		a->refresh_token = NULL;
	}
	access_token_unref(s->current);
	s->current = access_token_new(str_of(a->access_token));
	s->refused = false;
	s->fetched_ms = clock_mono_ms();
	s->expires_ms = s->fetched_ms + lifetime;
	s->renew_ms = s->expires_ms - (tenth < MARGIN_MS ? tenth : MARGIN_MS);
	free(s->failure);
	s->failure = NULL;
	s->pause_ms = 0;
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
	if (a->access_token)
		take(s, a);
	else
		note_failure(s, a->error);
	s->refs++;
	wake_all(s);
	token_source_unref(s);
}

void
token_source_wait(struct token_source *s, struct token_wait *w)
{
	w->waiting = true;
	w->turn = s->turn;
	DL_APPEND(s->waiters, w);
	if (!s->fetch)
		s->fetch = token_fetch_start(s->all->http, s->dns, &s->grant, on_fetched, s);
}

void
token_source_cancel(struct token_source *s, struct token_wait *w)
{
	if (!w->waiting)
		return;
	DL_DELETE(s->waiters, w);
	w->waiting = false;
}

/* A token that was never taken is as good as the next one would be; unless it has been
 * there for long, and something has changed. */
bool
token_source_refused(struct token_source *s, const struct access_token *t)
{
	int64_t now = clock_mono_ms();
	bool recent = s->refused_ms && now - s->refused_ms < REFUSED_EVERY_MS;
	if (t != s->current || s->refused)
		return true;
	if (recent || (!t->accepted && now - s->fetched_ms < REFUSED_EVERY_MS))
		return false;
	s->refused = true;
	s->refused_ms = now;
	log_warn("%s: the server refuses the access token, another is fetched", s->grant.file);
	return true;
}
