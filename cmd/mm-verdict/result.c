#include "result.h"

static const char *const words[] = {
	[AUTH_NONE] = "none",
	[AUTH_NEUTRAL] = "neutral",
	[AUTH_PASS] = "pass",
	[AUTH_FAIL] = "fail",
	[AUTH_SOFTFAIL] = "softfail",
	[AUTH_POLICY] = "policy",
	[AUTH_TEMPERROR] = "temperror",
	[AUTH_PERMERROR] = "permerror",
};

const char *
auth_word(enum auth_result r)
{
	return words[r];
}

int
auth_parse(struct str word, enum auth_result *out)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (str_ieq(word, str_of(words[i]))) {
			*out = (enum auth_result)i;
			return 0;
		}
	}
	return -1;
}
