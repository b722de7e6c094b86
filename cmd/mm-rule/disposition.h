/* disposition.h: what a function of InvokeLambda says about the rules to come. */
#ifndef MM_RULE_DISPOSITION_H
#define MM_RULE_DISPOSITION_H

#include "str.h"

enum disposition {
	DISPOSITION_CONTINUE,
	DISPOSITION_STOP_RULE,     /* the further actions of the rule are not done */
	DISPOSITION_STOP_RULE_SET, /* nor any further rule */
};

/* A word that is none is CONTINUE. */
enum disposition disposition_parse(struct str word);
const char *disposition_word(enum disposition d);

#endif
