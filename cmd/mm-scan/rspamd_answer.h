/* rspamd_answer.h: what rspamd says of a message, in JSON. */
#ifndef MM_SCAN_RSPAMD_ANSWER_H
#define MM_SCAN_RSPAMD_ANSWER_H

#include <jansson.h>

#include "analyser.h"

#define RSPAMD_MAX_SYMBOLS 100

struct rspamd_symbol {
	const char *name; /* one word; of the answer */
	double score;
};

struct rspamd_answer {
	json_t *root;
	double score, required;
	const char *action;
	struct rspamd_symbol symbols[RSPAMD_MAX_SYMBOLS]; /* the weightiest first */
	size_t nsymbols;
};

/* 0; or -1 with *why a literal, and nothing to release. */
int rspamd_answer_parse(struct rspamd_answer *a, struct str json, const char **why);
void rspamd_answer_release(struct rspamd_answer *a);

/* The verdict that an action is. */
enum scan_verdict rspamd_verdict(const char *action);

#endif
