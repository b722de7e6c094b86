/* diff_group.h: recipients that differ alike. */
#ifndef MM_RULE_DIFF_GROUP_H
#define MM_RULE_DIFF_GROUP_H

#include <uthash.h>

#include "diff.h"

struct diff_example {
	char *id, *recipient;
};

struct diff_group {
	UT_hash_handle hh;
	char *key;
	char *old_rules, *old_text, *new_rules, *new_text;
	uint64_t messages, recipients, last_message;
	struct diff_example *examples;
	size_t nexamples;
};

#endif
