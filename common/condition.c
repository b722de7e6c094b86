#include <stdlib.h>
#include <string.h>

#include "condition_impl.h"

#define FOUND_MAX 200 /* octets of values that are shown */

void
condition_say(struct buf *found, struct str text)
{
	if (!found)
		return;
	if (text.p)
		buf_adds(found, str_n(text.p, text.n < FOUND_MAX ? text.n : FOUND_MAX));
	else
		buf_addstr(found, "absent");
}

void
condition_say_values(struct buf *found, struct values v)
{
	if (!found)
		return;
	if (v.n == 0)
		condition_say(found, STR_NONE);
	size_t start = found->n;
	for (size_t i = 0; i < v.n; i++) {
		if (found->n - start > FOUND_MAX) {
			buf_addf(found, ", and %zu more", v.n - i);
			break;
		}
		if (i > 0)
			buf_addstr(found, ", ");
		condition_say(found, v.list[i].text);
	}
}

bool
condition_compare(enum operator op, struct str have, struct str want)
{
	switch (op) {
	case OP_EQUALS:
		return str_eq(have, want);
	case OP_STARTS_WITH:
		return str_starts(have, want);
	case OP_ENDS_WITH:
		return str_ends(have, want);
	default:
		return str_contains(have, want);
	}
}

static bool
any_value(const struct condition *c, struct values v)
{
	for (size_t i = 0; i < v.n; i++) {
		struct str have = c->folded ? v.list[i].folded : v.list[i].text;
		for (size_t j = 0; j < c->n; j++)
			if (condition_compare(c->op, have, c->values[j]))
				return true;
	}
	return false;
}

static bool
match_text(const struct condition *c, struct facts *f, struct buf *found)
{
	struct values v = facts_texts(f, c->id, c->header);
	bool any = any_value(c, v);
	condition_say_values(found, v);
	if (!any && c->text_id)
		any = any_value(c, facts_texts(f, c->text_id, NULL));
	return any != c->negative;
}

static struct str
analysis_value(const struct condition *c, const struct facts *f, struct buf *found)
{
	struct str value = facts_analysis(f, str_of(c->analyzer), str_of(c->field));
	condition_say(found, value);
	return value;
}

static bool
match_analysis(const struct condition *c, struct facts *f, struct buf *found)
{
	struct str value = analysis_value(c, f, found);
	struct buf folded = {0};
	if (!value.p)
		return c->negative;
	for (size_t i = 0; c->folded && i < value.n; i++)
		buf_addc(&folded, ascii_lower(value.p[i]));
	struct value one = {value, buf_str(&folded)};
	bool any = any_value(c, (struct values){&one, 1});
	buf_release(&folded);
	return any != c->negative;
}

static bool
match_boolean(const struct condition *c, struct facts *f, struct buf *found)
{
	bool is = c->id == BOOLEAN_TLS           ? facts_tls_version(f) > 0
		  : c->id == BOOLEAN_TLS_WRAPPED ? facts_tls_wrapped(f)
						 : facts_receipt_requested(f);
	condition_say(found, is ? STR("true") : STR("false"));
	return is != c->negative;
}

static bool
match_list(const struct condition *c, struct facts *f, struct buf *found)
{
	struct values v = facts_texts(f, c->id, NULL);
	bool any = false;
	for (size_t i = 0; i < v.n && !any; i++)
		any = c->list && addrlist_contains(c->list, v.list[i].text);
	condition_say_values(found, v);
	return any != c->negative;
}

bool
condition_number_holds(const struct condition *c, double have)
{
	switch (c->op) {
	case OP_LESS:
		return have < c->number;
	case OP_LESS_OR_EQUAL:
		return have <= c->number;
	case OP_GREATER:
		return have > c->number;
	case OP_GREATER_OR_EQUAL:
		return have >= c->number;
	default:
		return (have == c->number) != c->negative;
	}
}

static bool
number_of(enum number_fact which, struct facts *f, uint64_t *number)
{
	if (which == NUMBER_ATTACHMENT_SIZE)
		return facts_attachment_size(f, number);
	if (which == NUMBER_SIZE)
		return facts_size(f, number);
	*number = facts_attachments(f);
	return f->msg != NULL;
}

static bool
match_number(const struct condition *c, struct facts *f, struct buf *found)
{
	uint64_t number;
	if (!number_of((enum number_fact)c->id, f, &number)) {
		condition_say(found, STR_NONE);
		return c->negative;
	}
	if (found)
		buf_addf(found, "%llu", (unsigned long long)number);
	return condition_number_holds(c, (double)number);
}

static bool
match_ip(const struct condition *c, struct facts *f, struct buf *found)
{
	const struct ip *ip = facts_client_ip(f);
	bool any = false;
	for (size_t i = 0; ip && i < c->n && !any; i++)
		any = (!c->family || c->family == ip->family) &&
		      cidr_contains(&c->networks[i], ip);
	if (found)
		condition_say(found, record_get(f->rec, "client-ip"));
	return any != c->negative;
}

static bool
match_tls(const struct condition *c, struct facts *f, struct buf *found)
{
	int have = facts_tls_version(f);
	if (found)
		condition_say(found, have ? record_get(f->rec, "tls") : STR("no TLS"));
	return c->op == OP_MINIMUM ? have >= c->tls_version : have == c->tls_version;
}

static bool
match_verdict(const struct condition *c, struct facts *f, struct buf *found)
{
	enum verdict v;
	struct str why;
	if (c->subject == SUBJECT_SPF) {
		v = verdict_of_spf(f->rec, c->settings, &why);
	} else if (c->subject == SUBJECT_DKIM) {
		v = verdict_of_dkim(f->rec, &why);
	} else {
		why = facts_analysis(f, str_of(c->analyzer), str_of(c->field));
		v = verdict_of_analysis(why);
	}
	condition_say(found, why);
	if (found)
		buf_addf(found, " -> %s", verdict_word(v));
	return ((c->verdicts & v) != 0) != c->negative;
}

static bool
match_dmarc(const struct condition *c, struct facts *f, struct buf *found)
{
	static const struct str words[] = {
		{"none", 4},
		{"quarantine", 10},
		{"reject", 6},
	};
	int policy = dmarc_policy_of(f->rec);
	condition_say(found, policy < 0 ? STR_NONE : words[policy]);
	bool any = policy >= 0 && (c->verdicts >> policy & 1);
	return any != c->negative;
}

static bool
match_analysis_boolean(const struct condition *c, struct facts *f, struct buf *found)
{
	struct str value = analysis_value(c, f, found);
	if (!value.p)
		return false;
	return (verdict_of_analysis(value) == VERDICT_PASS) != c->negative;
}

bool
condition_match(const struct condition *c, struct facts *f, struct buf *found)
{
	switch (c->subject) {
	case SUBJECT_TEXT:
		return match_text(c, f, found);
	case SUBJECT_ANALYSIS:
		return match_analysis(c, f, found);
	case SUBJECT_BOOLEAN:
		return match_boolean(c, f, found);
	case SUBJECT_LIST:
		return match_list(c, f, found);
	case SUBJECT_NUMBER:
		return match_number(c, f, found);
	case SUBJECT_IP:
		return match_ip(c, f, found);
	case SUBJECT_TLS:
		return match_tls(c, f, found);
	case SUBJECT_DMARC:
		return match_dmarc(c, f, found);
	case SUBJECT_ANALYSIS_BOOLEAN:
		return match_analysis_boolean(c, f, found);
	case SUBJECT_SPF:
	case SUBJECT_DKIM:
	case SUBJECT_ANALYSIS_VERDICT:
		return match_verdict(c, f, found);
	default:
		return condition_ext_match(c, f, found);
	}
}

bool
condition_per_recipient(const struct condition *c)
{
	for (size_t i = 0; i < c->all.n; i++)
		if (condition_per_recipient(&c->all.list[i]))
			return true;
	return c->id == FACT_RECIPIENT &&
	       (c->subject == SUBJECT_TEXT || c->subject == SUBJECT_LIST ||
		       c->subject == SUBJECT_RATE ||
		       (c->subject == SUBJECT_REGEX && !c->analyzer));
}

const char *
condition_text(const struct condition *c)
{
	return c->text;
}

const struct condition *
conditions_at(const struct conditions *c, size_t i)
{
	return &c->list[i];
}

static void
release_one(struct condition *c)
{
	for (size_t i = 0; c->values && i < c->n; i++)
		free((char *)c->values[i].p);
	free(c->values);
	free(c->networks);
	free(c->header);
	free(c->analyzer);
	free(c->field);
	free(c->text);
	condition_ext_release(c);
}

void
conditions_release(struct conditions *c)
{
	for (size_t i = 0; i < c->n; i++)
		release_one(&c->list[i]);
	free(c->list);
	*c = (struct conditions){0};
}
