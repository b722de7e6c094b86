#include "disposition.h"

static const char *const words[] = {
	[DISPOSITION_CONTINUE] = "CONTINUE",
	[DISPOSITION_STOP_RULE] = "STOP_RULE",
	[DISPOSITION_STOP_RULE_SET] = "STOP_RULE_SET",
};

enum disposition
disposition_parse(struct str word)
{
	for (int d = DISPOSITION_STOP_RULE; d <= DISPOSITION_STOP_RULE_SET; d++)
		if (str_eq(word, str_of(words[d])))
			return (enum disposition)d;
	return DISPOSITION_CONTINUE;
}

const char *
disposition_word(enum disposition d)
{
	return words[d];
}
