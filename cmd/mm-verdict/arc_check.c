#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "arc_check.h"
#include "authres.h"
#include "dkim_hash.h"
#include "mem.h"

struct arc_check {
	const struct message *msg;
	struct answers *answers;
	struct arc_chain chain;
	const char *fault;
	struct dkim_signature newest; /* message signature */
	struct dkim_signature *seals; /* of the chain.n sets; NULL where something is wrong */
};

static void
parse(struct arc_check *c, int64_t now_s)
{
	const struct arc_chain *chain = &c->chain;
	c->seals = xcalloc(chain->n, sizeof(*c->seals));
	dkim_signature_parse(
		&c->newest, ARC_MESSAGE_SIGNATURE, chain->sets[chain->n - 1].signature, now_s);
	for (unsigned i = 0; i < chain->n; i++)
		dkim_signature_parse(&c->seals[i], ARC_SEAL, chain->sets[i].seal, now_s);
}

struct arc_check *
arc_start(const struct message *msg, struct answers *answers, int64_t now_s)
{
	struct arc_check *c = xcalloc(1, sizeof(*c));
	c->msg = msg;
	c->answers = answers;
	c->fault = arc_chain_collect(&c->chain, msg);
	if (c->chain.n && !c->fault)
		parse(c, now_s);
	return c;
}

void
arc_end(struct arc_check *c)
{
	if (c->seals) {
		dkim_signature_release(&c->newest);
		for (unsigned i = 0; i < c->chain.n; i++)
			dkim_signature_release(&c->seals[i]);
		free(c->seals);
	}
	free(c);
}

const struct arc_chain *
arc_found(const struct arc_check *c)
{
	return &c->chain;
}

/* Has it all that is needed to verify it?  Asks for its key. */
static bool
ready(struct arc_check *c, struct dkim_signature *s)
{
	if (s->decided || s->key.base64.n)
		return true;
	const struct answer *a = answers_get(c->answers, s->key_name, DNS_TXT);
	if (a)
		dkim_signature_take_key(s, a);
	return a != NULL;
}

static struct dkim_pkey *
usable_key(struct dkim_signature *s)
{
	char reason[sizeof(s->reason)];
	struct dkim_pkey *key =
		s->decided ? NULL : dkim_pkey_get(&s->key, reason, sizeof(reason));
	if (!key && !s->decided)
		dkim_signature_decide(s, AUTH_PERMERROR, "%s", reason);
	return key;
}

static void
verify_newest(struct arc_check *c, struct dkim_hash *h)
{
	struct dkim_pkey *key = usable_key(&c->newest);
	if (!key)
		return;
	enum dkim_outcome outcome = dkim_hash_verify(h, &c->newest, key);
	dkim_signature_decide(&c->newest, outcome == DKIM_GOOD ? AUTH_PASS : AUTH_FAIL, "%s",
		dkim_outcome_text(outcome));
}

/* Section 5.1.1: a seal is of all sets up to its own, in this order. */
static void
verify_seals(struct arc_check *c, struct dkim_hash *h)
{
	unsigned char hash[DKIM_HASH_SIZE];
	dkim_hash_begin(h);
	for (unsigned i = 0; i < c->chain.n; i++) {
		const struct arc_set *set = &c->chain.sets[i];
		struct dkim_signature *s = &c->seals[i];
		dkim_hash_add(h, set->results);
		dkim_hash_add(h, set->signature);
		struct dkim_pkey *key = usable_key(s);
		if (!key)
			return;
		dkim_hash_chain(h, set->seal, hash);
		bool good = dkim_pkey_verifies(key, hash, buf_str(&s->signature));
		dkim_signature_decide(s, good ? AUTH_PASS : AUTH_FAIL, "%s",
			dkim_outcome_text(good ? DKIM_GOOD : DKIM_BAD_HEADER));
		if (!good)
			return;
		dkim_hash_add(h, set->seal);
	}
}

static void
verify(struct arc_check *c, struct arc_outcome *out)
{
	struct dkim_hash *h = dkim_hash_new(c->msg);
	const struct dkim_signature *bad = NULL;
	verify_newest(c, h);
	if (c->newest.result == AUTH_PASS)
		verify_seals(c, h);
	dkim_hash_free(h);
	out->result = AUTH_PASS;
	if (c->newest.result != AUTH_PASS) {
		out->result = AUTH_FAIL;
		(void)snprintf(out->reason, sizeof(out->reason), "message signature %u: %s",
			c->chain.n, c->newest.reason);
	}
	for (unsigned i = 0; i < c->chain.n && out->result == AUTH_PASS; i++) {
		bad = &c->seals[i];
		if (bad->result == AUTH_PASS)
			continue;
		out->result = AUTH_FAIL;
		(void)snprintf(
			out->reason, sizeof(out->reason), "seal %u: %s", i + 1, bad->reason);
	}
}

enum step
arc_step(struct arc_check *c, struct arc_outcome *out)
{
	bool waiting = false;
	*out = (struct arc_outcome){.result = AUTH_NONE, .instance = c->chain.n};
	if (!c->chain.present)
		return STEP_DONE;
	if (!c->seals) {
		out->result = AUTH_FAIL;
		(void)str_copy(str_of(c->fault), out->reason, sizeof(out->reason));
		return STEP_DONE;
	}
	waiting |= !ready(c, &c->newest);
	for (unsigned i = 0; i < c->chain.n; i++)
		waiting |= !ready(c, &c->seals[i]);
	if (waiting)
		return STEP_WAIT;
	out->domain = c->seals[c->chain.n - 1].domain;
	verify(c, out);
	return STEP_DONE;
}

bool
arc_trusts(char *const *trusted, const char *domain)
{
	for (; trusted && *trusted; trusted++)
		if (strcasecmp(*trusted, domain) == 0)
			return true;
	return false;
}

bool
arc_vouched(const struct arc_check *c, char *const *trusted, const char *author)
{
	for (unsigned i = c->chain.n; i-- > 0;) {
		if (!arc_trusts(trusted, c->seals[i].domain))
			return false;
		struct str said = arc_results_payload(c->chain.sets[i].results);
		if (author && authres_says_dmarc_pass(said, str_of(author)))
			return true;
	}
	return false;
}
