/* result.h: the result words of RFC 8601 section 2.7. */
#ifndef MM_VERDICT_RESULT_H
#define MM_VERDICT_RESULT_H

#include "str.h"

enum auth_result {
	AUTH_NONE,
	AUTH_NEUTRAL,
	AUTH_PASS,
	AUTH_FAIL,
	AUTH_SOFTFAIL,
	AUTH_POLICY,
	AUTH_TEMPERROR,
	AUTH_PERMERROR,
};

const char *auth_word(enum auth_result r);
int auth_parse(struct str word, enum auth_result *out); /* 0, or -1: no such word */

/* What a step of something that needs the DNS says: done, or to be stepped again
 * once more answers are there. */
enum step { STEP_DONE, STEP_WAIT };

#endif
