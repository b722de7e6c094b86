#include <stdlib.h>

#include "mem.h"
#include "mta_sts_policy.h"
#include "num.h"

static const char *const mode_words[] = {"none", "testing", "enforce"};

static bool
is_letter_or_digit(char c)
{
	c = ascii_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* "mx.example.org", or "*." before it. */
static bool
is_pattern(struct str s)
{
	size_t label = 0;
	if (str_starts(s, STR("*.")))
		s = str_skip(s, 2);
	if (s.n == 0 || s.n > 253)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.' && label == 0)
			return false;
		if (s.p[i] != '.' && s.p[i] != '-' && s.p[i] != '_' &&
			!is_letter_or_digit(s.p[i]))
			return false;
		label = s.p[i] == '.' ? 0 : label + 1;
	}
	return label > 0;
}

struct seen {
	bool version, mode, max_age;
};

static const char *
take_mode(struct sts_policy *p, struct str value)
{
	for (int i = 0; i < 3; i++)
		if (str_eq(value, str_of(mode_words[i]))) {
			p->mode = (enum sts_mode)i;
			return NULL;
		}
	return "an unknown mode";
}

static const char *
take_mx(struct sts_policy *p, struct str value)
{
	if (p->n == STS_MAX_PATTERNS)
		return "too many mx patterns";
	if (!is_pattern(value))
		return "an mx that is no pattern";
	p->patterns[p->n++] = str_dup(value);
	return NULL;
}

/* Of a key that comes again the first one counts (RFC 8461 section 3.2). */
static const char *
take_field(struct sts_policy *p, struct seen *seen, struct str key, struct str value)
{
	uint64_t age;
	if (str_eq(key, STR("mx")))
		return take_mx(p, value);
	if (str_eq(key, STR("version")) && !seen->version) {
		seen->version = true;
		return str_eq(value, STR("STSv1")) ? NULL : "an unknown version";
	}
	if (str_eq(key, STR("mode")) && !seen->mode) {
		seen->mode = true;
		return take_mode(p, value);
	}
	if (str_eq(key, STR("max_age")) && !seen->max_age) {
		seen->max_age = true;
		if (num_u64(value, 0, 9999999999, &age) < 0)
			return "a max_age that is no number";
		p->max_age_s = age < STS_MAX_AGE_S ? (uint32_t)age : STS_MAX_AGE_S;
	}
	return NULL;
}

static const char *
take_all(struct sts_policy *p, struct str text)
{
	struct seen seen = {0};
	while (text.p) {
		struct str value = str_trim(str_cut(&text, '\n'));
		if (value.n == 0)
			continue;
		struct str key = str_cut(&value, ':');
		const char *wrong =
			value.p ? take_field(p, &seen, str_trim(key), str_trim(value))
				: "a line without a colon";
		if (wrong)
			return wrong;
	}
	if (!seen.version || !seen.mode || !seen.max_age)
		return "no version, mode or max_age";
	return p->n == 0 && p->mode != STS_NONE ? "no mx" : NULL;
}

const char *
sts_policy_read(struct sts_policy *p, struct str text)
{
	*p = (struct sts_policy){0};
	const char *wrong = text.n > STS_MAX_POLICY ? "too much text" : take_all(p, text);
	if (wrong)
		sts_policy_release(p);
	return wrong;
}

void
sts_policy_release(struct sts_policy *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->patterns[i]);
	*p = (struct sts_policy){0};
}

/* RFC 8461 section 4.1: an asterisk stands for one label. */
static bool
matches(struct str pattern, struct str host)
{
	if (!str_starts(pattern, STR("*.")))
		return str_ieq(pattern, host);
	const char *dot = memchr(host.p, '.', host.n);
	return dot && dot > host.p &&
	       str_ieq(str_skip(pattern, 1), str_skip(host, (size_t)(dot - host.p)));
}

bool
sts_policy_allows(const struct sts_policy *p, const char *host)
{
	for (size_t i = 0; i < p->n; i++)
		if (matches(str_of(p->patterns[i]), str_of(host)))
			return true;
	return false;
}

static void
add_text(json_t *list, const char *key, const char *value)
{
	char *text = xasprintf("%s: %s", key, value);
	json_array_append_new(list, json_string(text));
	free(text);
}

json_t *
sts_policy_report(const struct sts_policy *p, const char *domain)
{
	json_t *lines = json_array(), *patterns = json_array();
	char *age = xasprintf("%u", p->max_age_s);
	add_text(lines, "version", "STSv1");
	add_text(lines, "mode", mode_words[p->mode]);
	for (size_t i = 0; i < p->n; i++) {
		add_text(lines, "mx", p->patterns[i]);
		json_array_append_new(patterns, json_string(p->patterns[i]));
	}
	add_text(lines, "max_age", age);
	free(age);
	return json_pack("{s:s,s:o,s:s,s:o}", "policy-type", "sts", "policy-string", lines,
		"policy-domain", domain, "mx-host", patterns);
}

bool
sts_record_is(struct str txt)
{
	struct str version = str_cut(&txt, ';');
	return txt.p && str_eq(str_trim(version), STR("v=STSv1"));
}

int
sts_record_id(struct str txt, char id[STS_ID_SIZE])
{
	while (txt.p) {
		struct str value = str_trim(str_cut(&txt, ';')), key = str_cut(&value, '=');
		if (!value.p || !str_eq(str_trim(key), STR("id")))
			continue;
		value = str_trim(value);
		for (size_t i = 0; i < value.n; i++)
			if (!is_letter_or_digit(value.p[i]))
				return -1;
		return value.n && str_copy(value, id, STS_ID_SIZE) ? 0 : -1;
	}
	return -1;
}
