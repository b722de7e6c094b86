#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <sysexits.h>

#include "log.h"
#include "mem.h"
#include "schema_pattern.h"

#define MATCH_STEPS 100000

struct compiled {
	const char *pattern;
	pcre2_code *code;
	pcre2_match_data *data;
};

static struct compiled *patterns;
static size_t npatterns, cap;
static pcre2_match_context *limits;

static struct compiled *
compile(const char *pattern)
{
	int error;
	PCRE2_SIZE at;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
		PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_UTF, &error, &at, NULL);
	if (!code)
		log_die(EX_SOFTWARE, "pattern %s: error %d at %zu", pattern, error, (size_t)at);
	if (!limits) {
		limits = pcre2_match_context_create(NULL);
		pcre2_set_match_limit(limits, MATCH_STEPS);
		pcre2_set_depth_limit(limits, MATCH_STEPS);
	}
	patterns = xgrow(patterns, &cap, npatterns + 1, sizeof(*patterns));
	patterns[npatterns] = (struct compiled){
		pattern, code, pcre2_match_data_create_from_pattern(code, NULL)};
	return &patterns[npatterns++];
}

static struct compiled *
find(const char *pattern)
{
	for (size_t i = 0; i < npatterns; i++)
		if (patterns[i].pattern == pattern)
			return &patterns[i];
	return compile(pattern);
}

bool
pattern_matches(const char *pattern, struct str text)
{
	struct compiled *c = find(pattern);
	return pcre2_match(c->code, (PCRE2_SPTR)text.p, text.n, 0, 0, c->data, limits) >= 0;
}
