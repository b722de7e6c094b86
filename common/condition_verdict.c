#include "condition_impl.h"

static struct str
first_word(struct str value)
{
	return str_word(&value);
}

enum verdict
verdict_of_spf(const struct record *r, const struct match_settings *s, struct str *why)
{
	struct str word = *why = first_word(record_get(r, "spf"));
	if (str_eq(word, STR("pass")))
		return VERDICT_PASS;
	if (str_eq(word, STR("fail")) || str_eq(word, STR("policy")))
		return VERDICT_FAIL;
	if (str_eq(word, STR("softfail")))
		return s->spf_softfail;
	if (str_eq(word, STR("neutral")))
		return s->spf_neutral;
	if (str_eq(word, STR("permerror")))
		return s->spf_permerror;
	return str_eq(word, STR("none")) ? VERDICT_GRAY : VERDICT_PROCESSING_FAILED;
}

/* RFC 8601 section 2.7.1: "neutral" is a signature with syntax errors. */
static enum verdict
signature_verdict(struct str word)
{
	if (str_eq(word, STR("pass")))
		return VERDICT_PASS;
	if (str_eq(word, STR("fail")) || str_eq(word, STR("policy")))
		return VERDICT_FAIL;
	return str_eq(word, STR("none")) ? VERDICT_GRAY : VERDICT_PROCESSING_FAILED;
}

/* The best signature counts; PASS, FAIL, PROCESSING_FAILED, GRAY in that order. */
static int
rank(enum verdict v)
{
	return v == VERDICT_PASS                ? 4
	       : v == VERDICT_FAIL              ? 3
	       : v == VERDICT_PROCESSING_FAILED ? 2
						: 1;
}

enum verdict
verdict_of_dkim(const struct record *r, struct str *why)
{
	enum verdict best = 0;
	struct str value;
	size_t at = 0;
	*why = STR_NONE;
	while (record_next(r, "dkim", &at, &value)) {
		enum verdict v = signature_verdict(first_word(value));
		if (best && rank(v) <= rank(best))
			continue;
		best = v;
		*why = first_word(value);
	}
	return best ? best : VERDICT_PROCESSING_FAILED;
}

enum verdict
verdict_of_analysis(struct str value)
{
	static const struct {
		const char *word;
		enum verdict verdict;
	} words[] = {{"PASS", VERDICT_PASS}, {"TRUE", VERDICT_PASS}, {"YES", VERDICT_PASS},
		{"1", VERDICT_PASS}, {"FAIL", VERDICT_FAIL}, {"FALSE", VERDICT_FAIL},
		{"NO", VERDICT_FAIL}, {"0", VERDICT_FAIL}, {"GRAY", VERDICT_GRAY}};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_ieq(value, str_of(words[i].word)))
			return words[i].verdict;
	return VERDICT_PROCESSING_FAILED;
}

int
dmarc_policy_of(const struct record *r)
{
	static const char *const words[] = {"none", "quarantine", "reject"};
	struct str rest = record_get(r, "dmarc");
	if (!rest.p)
		return -1;
	while (rest.n) {
		struct str word = str_word(&rest), value = word;
		if (!str_eq(str_cut(&value, '='), STR("policy")))
			continue;
		for (int i = 0; i < 3; i++)
			if (str_ieq(value, str_of(words[i])))
				return i;
	}
	return 0;
}
