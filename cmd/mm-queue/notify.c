#include <stdlib.h>

#include "address.h"
#include "clock.h"
#include "dsn.h"
#include "log.h"
#include "mem.h"
#include "notify.h"

void
notify_log(enum log_level level, const char *msg, const struct flight *f,
	const struct record *r, struct str rcpt_to, struct str reply)
{
	struct logline l;
	log_begin(&l, level, msg);
	log_str(&l, "id", record_get(r, "id"));
	log_str(&l, "rcpt", rcpt_to);
	log_num(&l, "attempt", f->attempts);
	log_str(&l, "reply", reply);
	log_end(&l);
}

bool
notify_delay_due(const struct attempt *a)
{
	const struct schedule *s = &a->flight->runner->schedule;
	return s->delay_warning > 0 && !a->expired && a->outcome->tempfail > 0 &&
	       clock_now_ms() - a->flight->queued >= s->delay_warning &&
	       !record_has(a->stored, "delay-told");
}

static bool
says_yes(struct str words, struct str wanted)
{
	while (words.n > 0)
		if (str_ieq(str_word(&words), wanted))
			return true;
	return false;
}

static struct str
host_of(struct str words)
{
	while (words.n > 0) {
		struct str word = str_word(&words);
		if (str_starts(word, STR("host=")))
			return str_skip(word, strlen("host="));
	}
	return STR_NONE;
}

/* The last `relayed` of this recipient: behind the path; absent if there is none. */
static struct str
relayed_by(const struct record *answer, struct str rcpt_to)
{
	struct path wanted, got;
	struct str value, found = STR_NONE;
	if (path_parse(rcpt_to, &wanted) < 0)
		return found;
	for (size_t at = 0; record_next(answer, "relayed", &at, &value);)
		if (path_parse(value, &got) == 0 && same_mailbox(&got, &wanted))
			found = got.params;
	return found;
}

/* Whoever took it with the sender's wishes will tell. */
static bool
success(const struct attempt *a, const struct recipient *r, struct dsn_recipient *out)
{
	struct str relayed = relayed_by(a->answer, r->rcpt_to);
	if (relayed.p && says_yes(relayed, STR("dsn=yes")))
		return false;
	bool final = !relayed.p || says_yes(relayed, STR("delivered=yes"));
	out->action = final ? DSN_DELIVERED : DSN_RELAYED;
	out->host = relayed.p ? host_of(relayed) : STR_NONE;
	return dsn_wanted(r->rcpt_to, out->action);
}

/* Is there something to tell about it? */
static bool
judged(const struct attempt *a, bool delayed, const struct recipient *r,
	struct dsn_recipient *out)
{
	*out = (struct dsn_recipient){
		.rcpt_to = r->rcpt_to, .reply = r->reply, .action = DSN_FAILED};
	if (r->status == STATUS_OK)
		return success(a, r, out);
	if (r->status == STATUS_PERMFAIL)
		return true;
	out->expired = a->expired;
	if (!a->expired)
		out->action = DSN_DELAYED;
	return a->expired || (delayed && dsn_wanted(r->rcpt_to, DSN_DELAYED));
}

static size_t
gather(const struct attempt *a, struct dsn_recipient *out)
{
	size_t n = 0;
	bool delayed = notify_delay_due(a);
	for (size_t i = 0; i < a->outcome->n; i++)
		n += judged(a, delayed, &a->outcome->recipients[i], &out[n]);
	return n;
}

/* Nobody hears of a failure: that is worth a warning. */
static void
log_silence(const struct attempt *a, const struct dsn *d, const char *why)
{
	bool failed = false;
	for (size_t i = 0; i < d->n; i++)
		failed = failed || d->recipients[i].action == DSN_FAILED;
	notify_log(
		failed ? LOG_WARN : LOG_DEBUG, why, a->flight, a->stored, STR_NONE, STR_NONE);
}

static bool
allowed(const struct attempt *a)
{
	enum bounce bounce = a->flight->runner->bounce;
	return bounce == BOUNCE_ALWAYS ||
	       (bounce == BOUNCE_VERIFIED && sender_verified(a->stored, a->answer));
}

static struct record *
make(const struct attempt *a, const struct dsn *d)
{
	struct record *notification = NULL;
	struct store *store = a->flight->runner->store;
	enum dsn_answer answer = dsn_check(d);
	if (answer != DSN_MADE || !allowed(a)) {
		log_silence(a, d,
			answer == DSN_NO_SENDER ? "nobody to notify"
			: answer == DSN_NOT_WANTED
				? "the sender wants no notification"
				: "the sender is not notified: not verified");
		return NULL;
	}
	if (store_load_body(store, a->flight->seq, a->size, a->stored) < 0)
		log_error("%s; the notification goes without the message's header",
			store_error(store));
	if (dsn_make(d, &notification) == DSN_MADE)
		notify_log(LOG_INFO, "notifying the sender", a->flight, notification,
			record_get(notification, "rcpt-to"), STR_NONE);
	return notification;
}

struct record *
notify_sender(const struct attempt *a)
{
	struct runner *r = a->flight->runner;
	struct dsn_recipient *list = xcalloc(a->outcome->n, sizeof(*list));
	struct dsn d = {.hostname = r->hostname,
		.of = a->stored,
		.queued = a->flight->queued,
		.now = clock_now_ms(),
		.until = a->flight->queued + r->schedule.lifetime,
		.recipients = list,
		.n = gather(a, list)};
	for (size_t i = 0; i < d.n; i++)
		if (list[i].action == DSN_FAILED)
			notify_log(LOG_WARN, list[i].expired ? "expired" : "refused", a->flight,
				a->stored, list[i].rcpt_to, list[i].reply);
	struct record *notification = d.n > 0 ? make(a, &d) : NULL;
	free(list);
	return notification;
}
