#include <stdlib.h>

#include "dkim_check.h"
#include "mem.h"

struct dkim_check {
	const struct dkim_engine *engine;
	struct answers *answers;
	const struct message *msg;
	struct dkim_signature *sigs;
	size_t n;
};

/* RFC 5322 section 3.6: at most one of each. */
static const char *const singles[] = {"From", "Sender", "Reply-To", "To", "Cc", "Date",
	"Subject", "Message-ID", "In-Reply-To", "References", "Content-Type", "MIME-Version"};

static size_t
count_signed(struct str list, const char *name)
{
	size_t n = 0;
	while (list.p)
		n += str_ieq(str_trim(str_cut(&list, ':')), str_of(name));
	return n;
}

/* RFC 6376 section 8.15: a field added above a signed one must not profit from
 * the signature; readers may show either. */
static void
check_singles(struct dkim_check *c)
{
	for (size_t k = 0; k < sizeof(singles) / sizeof(*singles); k++) {
		size_t there = message_count(c->msg, singles[k]);
		for (size_t i = 0; i < c->n && (there > 1 || k == 0); i++) {
			struct dkim_signature *s = &c->sigs[i];
			size_t covered = count_signed(s->signed_fields, singles[k]);
			if (s->decided || (k == 0 && there == 1))
				continue;
			if (k == 0 && there != 1)
				dkim_signature_decide(s, AUTH_PERMERROR,
					there ? "more than one From field" : "no From field");
			else if (covered && covered < there)
				dkim_signature_decide(s, AUTH_PERMERROR,
					"more than one %s field, not all signed", singles[k]);
		}
	}
}

/* What is not verified must not ride on a signature: the fields beyond the index,
 * and what readers who end the header at a stray line take for the body. */
static const char *
irregular(const struct message *m)
{
	if (m->stray)
		return "a line in the header is no field";
	return m->dropped ? "too many header fields" : NULL;
}

static void
collect(struct dkim_check *c, size_t max, int64_t now_s)
{
	const struct header_field *f;
	const char *fault = irregular(c->msg);
	size_t at = 0;
	size_t there = message_count(c->msg, "DKIM-Signature");
	if (there > DKIM_MAX_REPORTED)
		there = DKIM_MAX_REPORTED;
	c->sigs = xcalloc(there + 1, sizeof(*c->sigs));
	while (c->n < there && message_next(c->msg, "DKIM-Signature", &at, &f)) {
		struct dkim_signature *s = &c->sigs[c->n++];
		dkim_signature_parse(s, DKIM_SIGNATURE, f, now_s);
		if (c->n > max && !s->decided)
			dkim_signature_decide(s, AUTH_POLICY, "more than %zu signatures", max);
		if (fault && !s->decided)
			dkim_signature_decide(s, AUTH_PERMERROR, "%s", fault);
	}
	check_singles(c);
}

struct dkim_check *
dkim_start(const struct dkim_engine *engine, const struct message *msg, struct answers *answers,
	size_t max, int64_t now_s)
{
	struct dkim_check *c = xcalloc(1, sizeof(*c));
	c->engine = engine;
	c->answers = answers;
	c->msg = msg;
	collect(c, max, now_s);
	return c;
}

enum step
dkim_step(struct dkim_check *c)
{
	bool waiting = false, work = false;
	for (size_t i = 0; i < c->n; i++) {
		struct dkim_signature *s = &c->sigs[i];
		if (s->decided || s->key.base64.n)
			continue;
		const struct answer *a = answers_get(c->answers, s->key_name, DNS_TXT);
		waiting |= !a;
		if (a)
			dkim_signature_take_key(s, a);
	}
	if (waiting)
		return STEP_WAIT;
	for (size_t i = 0; i < c->n; i++)
		work |= !c->sigs[i].decided;
	if (work)
		c->engine->verify(c->msg, c->sigs, c->n);
	return STEP_DONE;
}

const struct dkim_signature *
dkim_results(const struct dkim_check *c, size_t *n)
{
	*n = c->n;
	return c->sigs;
}

void
dkim_end(struct dkim_check *c)
{
	for (size_t i = 0; i < c->n; i++)
		dkim_signature_release(&c->sigs[i]);
	free(c->sigs);
	free(c);
}
