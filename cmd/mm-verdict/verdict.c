#include <stdlib.h>

#include "arc_chain.h"
#include "mem.h"
#include "num.h"
#include "verdict.h"

/* The word of RFC 9990 for a policy that is overridden so. */
#define TRUSTED_FORWARDER "trusted_forwarder"

void
verdict_release(struct verdict *v)
{
	for (size_t i = 0; i < v->ndkim; i++) {
		free(v->dkim[i].domain);
		free(v->dkim[i].selector);
		free(v->dkim[i].reason);
		free(v->dkim[i].diagnosis);
	}
	free(v->spf_domain);
	free(v->spf_reason);
	free(v->spf_explanation);
	free(v->helo_domain);
	free(v->helo_reason);
	free(v->arc_domain);
	free(v->arc_reason);
	free(v->dmarc_domain);
	free(v->dmarc_reason);
	free(v->iprev_name);
	free(v->dmarc_details.where);
	free(v->dmarc_details.record);
	free(v->dmarc_details.override);
	*v = (struct verdict){0};
}

/* KEY=VALUE or KEY="VALUE" among the words of a field; NULL if it is not there.
 * The caller frees. */
static char *
word_value(struct str rest, const char *key)
{
	struct str wanted = str_of(key);
	while (rest.n) {
		struct str value = str_trim(rest), word;
		size_t n = 0;
		bool quoted = false;
		for (; n < value.n && (quoted || value.p[n] != ' '); n++)
			quoted ^= value.p[n] == '"';
		word = str_n(value.p, n);
		rest = str_skip(value, n);
		struct str text = word, name = str_cut(&text, '=');
		if (!text.p || !str_eq(name, wanted))
			continue;
		if (text.n > 1 && text.p[0] == '"' && text.p[text.n - 1] == '"')
			text = str_n(text.p + 1, text.n - 2);
		return str_dup(text);
	}
	return NULL;
}

static bool
read_result(const struct record *rec, const char *name, struct str *rest, enum auth_result *out)
{
	*rest = record_get(rec, name);
	return rest->p && auth_parse(str_word(rest), out) == 0;
}

static void
read_spf(struct verdict *v, const struct record *rec)
{
	struct str rest, from = record_get(rec, "mail-from");
	if ((v->spf_known = read_result(rec, "spf", &rest, &v->spf))) {
		v->spf_domain = word_value(rest, "domain");
		v->spf_explanation = word_value(rest, "explanation");
		char *local = word_value(rest, "local");
		v->spf_local = local && strcmp(local, "yes") == 0;
		v->spf_reason = v->spf_local ? xstrdup(SPF_LOCAL_REASON) : NULL;
		free(local);
	}
	if ((v->helo_known = read_result(rec, "spf-helo", &rest, &v->helo)))
		v->helo_domain = word_value(rest, "domain");
	v->spf_helo = !from.p || str_starts(from, STR("<>"));
}

static void
read_dkim(struct verdict *v, const struct record *rec)
{
	struct str value;
	size_t at = 0;
	while (v->ndkim < VERDICT_MAX_DKIM && record_next(rec, "dkim", &at, &value)) {
		struct verdict_dkim *d = &v->dkim[v->ndkim];
		enum auth_result result;
		if (auth_parse(str_word(&value), &result) < 0)
			continue;
		v->dkim_known = true;
		if (result == AUTH_NONE)
			continue;
		*d = (struct verdict_dkim){.result = result,
			.domain = word_value(value, "d"),
			.selector = word_value(value, "s"),
			.reason = word_value(value, "reason")};
		v->ndkim++;
	}
}

static bool
word_is(char *word, const char *expected)
{
	bool same = word && str_eq(str_of(word), str_of(expected));
	free(word);
	return same;
}

static void
read_arc(struct verdict *v, const struct record *rec)
{
	struct str rest;
	uint64_t instance = 0;
	if (!(v->arc_known = read_result(rec, "arc", &rest, &v->arc)))
		return;
	char *i = word_value(rest, "i");
	(void)num_u64(str_of(i), 1, ARC_MAX_INSTANCE, &instance);
	free(i);
	v->arc_domain = word_value(rest, "d");
	v->arc_instance = (unsigned)instance;
	v->arc_reason = word_value(rest, "reason");
	v->arc_trusted = word_is(word_value(rest, "trusted"), "yes");
}

static enum dmarc_policy
policy_of(char *word)
{
	enum dmarc_policy p = DMARC_REJECT;
	while (p > DMARC_UNSET && !(word && str_eq(str_of(word), str_of(dmarc_policy_word(p)))))
		p--;
	free(word);
	return p;
}

void
verdict_read(struct verdict *v, const struct record *rec)
{
	struct str rest;
	read_spf(v, rec);
	read_dkim(v, rec);
	read_arc(v, rec);
	if ((v->dmarc_known = read_result(rec, "dmarc", &rest, &v->dmarc))) {
		v->dmarc_domain = word_value(rest, "d");
		v->dmarc_policy = policy_of(word_value(rest, "policy"));
		v->dmarc_disposition = policy_of(word_value(rest, "applied"));
		v->dmarc_overridden = word_is(word_value(rest, "override"), TRUSTED_FORWARDER);
	}
	if ((v->iprev_known = read_result(rec, "iprev", &rest, &v->iprev)))
		v->iprev_name = word_value(rest, "name");
}

static void
add_word(struct buf *b, const char *key, const char *value)
{
	if (value && *value)
		buf_addf(b, " %s=%s", key, value);
}

static void
write_dkim(const struct verdict *v, struct record *rec)
{
	struct buf b = {0};
	record_remove(rec, "dkim");
	for (size_t i = 0; i < v->ndkim; i++) {
		const struct verdict_dkim *d = &v->dkim[i];
		buf_reset(&b);
		buf_addstr(&b, auth_word(d->result));
		add_word(&b, "d", d->domain);
		add_word(&b, "s", d->selector);
		if (d->reason && *d->reason)
			buf_addf(&b, " reason=\"%s\"", d->reason);
		record_add(rec, "dkim", buf_str(&b));
	}
	if (v->ndkim == 0)
		record_add(rec, "dkim", STR("none"));
	buf_release(&b);
}

static void
add_quoted(struct buf *b, const char *key, const char *text)
{
	if (!text || !*text)
		return;
	buf_addf(b, " %s=\"", key);
	for (; *text; text++)
		buf_addc(b, *text == '"' ? '\'' : *text);
	buf_addc(b, '"');
}

static void
write_spf(const struct verdict *v, struct record *rec)
{
	struct buf b = {0};
	buf_addstr(&b, auth_word(v->spf));
	add_word(&b, "domain", v->spf_domain);
	add_word(&b, "local", v->spf_local ? "yes" : NULL);
	add_quoted(&b, "explanation", v->spf_explanation);
	record_set(rec, "spf", buf_str(&b));
	record_remove(rec, "spf-helo");
	if (v->helo_known) {
		buf_reset(&b);
		buf_addstr(&b, auth_word(v->helo));
		add_word(&b, "domain", v->helo_domain);
		record_add(rec, "spf-helo", buf_str(&b));
	}
	buf_release(&b);
}

static void
write_arc(const struct verdict *v, struct record *rec)
{
	struct buf b = {0};
	buf_addstr(&b, auth_word(v->arc));
	add_word(&b, "d", v->arc_domain);
	if (v->arc_instance)
		buf_addf(&b, " i=%u", v->arc_instance);
	add_word(&b, "trusted", v->arc_trusted ? "yes" : NULL);
	if (v->arc_reason && *v->arc_reason)
		buf_addf(&b, " reason=\"%s\"", v->arc_reason);
	record_set(rec, "arc", buf_str(&b));
	buf_release(&b);
}

void
verdict_write(const struct verdict *v, struct record *rec)
{
	struct buf b = {0};
	if (v->spf_known)
		write_spf(v, rec);
	if (v->dkim_known)
		write_dkim(v, rec);
	if (v->arc_known)
		write_arc(v, rec);
	if (v->dmarc_known) {
		buf_reset(&b);
		buf_addstr(&b, auth_word(v->dmarc));
		add_word(&b, "d", v->dmarc_domain);
		add_word(&b, "policy", dmarc_policy_word(v->dmarc_policy));
		if (v->dmarc == AUTH_FAIL)
			add_word(&b, "applied", dmarc_policy_word(v->dmarc_disposition));
		add_word(&b, "override", v->dmarc_overridden ? TRUSTED_FORWARDER : NULL);
		record_set(rec, "dmarc", buf_str(&b));
	}
	if (v->iprev_known) {
		buf_reset(&b);
		buf_addstr(&b, auth_word(v->iprev));
		add_word(&b, "name", v->iprev_name);
		record_set(rec, "iprev", buf_str(&b));
	}
	buf_release(&b);
}
