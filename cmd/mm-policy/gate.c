#include <stdlib.h>

#include "address.h"
#include "debug_log.h"
#include "gate.h"
#include "log.h"
#include "num.h"

static void
log_decision(const struct policy *p, const struct decision *d, const struct record *r,
	struct str rcpt, struct facts *f)
{
	struct logline l;
	struct buf reason = {0};
	if (!log_wanted(LOG_DEBUG))
		return;
	policy_reason(p, d, f, &reason);
	log_begin(&l, LOG_DEBUG, d->allow ? "allowed" : "denied");
	log_str(&l, "id", record_get(r, "id"));
	log_str(&l, "session", record_get(r, "session"));
	log_str(&l, "client-ip", record_get(r, "client-ip"));
	log_str(&l, "mail-from", record_get(r, "mail-from"));
	log_str(&l, "rcpt-to", rcpt);
	log_cstr(&l, "policy", p->name);
	if (d->by_default)
		log_cstr(&l, "by", "default");
	else
		log_num(&l, "statement", (int64_t)d->statement);
	log_str(&l, "reason", buf_str(&reason));
	log_end(&l);
	buf_release(&reason);
}

static bool
has_line(struct str lines, struct str wanted)
{
	while (lines.n)
		if (str_eq(str_cut(&lines, '\n'), wanted))
			return true;
	return false;
}

/* What decided, unless it is there already. */
static void
note_decision(struct gate *g, const struct policy *p, const struct decision *d)
{
	struct str note = str_of(policy_note(p, d));
	if (has_line(buf_str(&g->policy), note))
		return;
	buf_adds(&g->policy, note);
	buf_addc(&g->policy, '\n');
}

/* The path without its parameters, in brackets. */
static void
note_refused(struct gate *g, struct str rcpt)
{
	struct path path;
	struct str address = path_parse(rcpt, &path) == 0 ? path.address : STR_NONE;
	if (address.p)
		buf_addf(&g->refused, "<%.*s>\n", STR_ARG(address));
	else
		buf_addf(&g->refused, "%.*s\n", STR_ARG(rcpt));
}

/* Octets of a message that is larger than the policy allows, whether they are
 * there or only declared; 0 when it is not larger. */
static uint64_t
excess_size(const struct policy *p, const struct record *r)
{
	struct path path;
	uint64_t size = 0;
	if (p->max_size == 0)
		return 0;
	if (path_parse(record_get(r, "mail-from"), &path) == 0)
		(void)num_u64(path_param(&path, "SIZE"), 0, UINT64_MAX, &size);
	size = r->body->n > size ? r->body->n : size;
	return size > p->max_size ? size : 0;
}

static void
decide_recipients(struct gate *g, const struct policy *p, struct record *r, bool dry)
{
	struct facts *f = &g->facts;
	for (size_t i = 0; i < r->nfields;) {
		if (!str_eq(record_name_at(r, i), STR("rcpt-to"))) {
			i++;
			continue;
		}
		struct str rcpt = record_value_at(r, i);
		facts_begin(f, r, NULL);
		facts_set_recipient(f, rcpt);
		struct decision d = policy_decide(p, f);
		note_decision(g, p, &d);
		log_decision(p, &d, r, rcpt, f);
		if (g->log_json)
			debug_log(p, &d, f, d.allow ? excess_size(p, r) : 0);
		g->allowed += d.allow;
		g->denied += !d.allow;
		if (d.allow || dry) {
			i++;
			continue;
		}
		note_refused(g, rcpt);
		record_remove_at(r, i);
	}
}

static void
add_decisions(const struct gate *g, struct record *r)
{
	for (struct str rest = buf_str(&g->policy); rest.n;)
		record_add(r, "policy", str_cut(&rest, '\n'));
}

static void
add_results(const struct gate *g, const struct policy *p, struct record *r)
{
	for (struct str rest = buf_str(&g->refused); rest.n;) {
		struct str rcpt = str_cut(&rest, '\n');
		record_addf(r, "result", "%.*s permfail %s", STR_ARG(rcpt), p->deny_reply);
	}
	if (g->denied > 0 && g->allowed == 0)
		record_outcome(r, STATUS_PERMFAIL, "%s", p->deny_reply);
	else if (excess_size(p, r))
		record_outcome(r, STATUS_PERMFAIL, "%s", p->size_reply);
}

void
gate_record(struct gate *g, const struct policy *p, struct record *r, bool dry)
{
	buf_reset(&g->policy);
	buf_reset(&g->refused);
	g->allowed = g->denied = 0;
	decide_recipients(g, p, r, dry);
	record_remove(r, "policy");
	record_remove(r, "size-limit");
	add_decisions(g, r);
	if (p->size_limit)
		record_add(r, "size-limit", str_of(p->size_limit));
	if (!dry)
		add_results(g, p, r);
}

void
gate_release(struct gate *g)
{
	facts_release(&g->facts);
	buf_release(&g->policy);
	buf_release(&g->refused);
}
