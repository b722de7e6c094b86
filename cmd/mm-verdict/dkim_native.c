/* The DKIM engine of our own. */
#include "dkim_engine.h"
#include "dkim_hash.h"

static void
verify_one(struct dkim_hash *h, struct dkim_signature *s)
{
	char reason[sizeof(s->reason)];
	struct dkim_pkey *key = dkim_pkey_get(&s->key, reason, sizeof(reason));
	if (!key) {
		dkim_signature_decide(s, AUTH_PERMERROR, "%s", reason);
		return;
	}
	enum dkim_outcome outcome = dkim_hash_verify(h, s, key);
	dkim_signature_decide(s, outcome == DKIM_GOOD ? AUTH_PASS : AUTH_FAIL, "%s",
		dkim_outcome_text(outcome));
}

static void
verify(const struct message *msg, struct dkim_signature *sigs, size_t n)
{
	struct dkim_hash *h = dkim_hash_new(msg);
	for (size_t i = 0; i < n; i++)
		if (!sigs[i].decided)
			verify_one(h, &sigs[i]);
	dkim_hash_free(h);
}

const struct dkim_engine dkim_native = {"native", verify};
