#include <math.h>
#include <stdlib.h>

#include "rspamd_answer.h"

static bool
is_word(const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < n; i++)
		if (name[i] <= ' ' || name[i] == 0x7f)
			return false;
	return n > 0 && n <= 100;
}

static bool
number(const json_t *object, const char *key, double *out)
{
	const json_t *value = json_object_get(object, key);
	*out = json_number_value(value);
	return json_is_number(value) && isfinite(*out);
}

/* Keeps the weightiest, in order. */
static void
insert(struct rspamd_answer *a, struct rspamd_symbol s)
{
	size_t at = a->nsymbols;
	while (at > 0 && fabs(a->symbols[at - 1].score) < fabs(s.score))
		at--;
	if (at == RSPAMD_MAX_SYMBOLS)
		return;
	if (a->nsymbols < RSPAMD_MAX_SYMBOLS)
		a->nsymbols++;
	memmove(&a->symbols[at + 1], &a->symbols[at], (a->nsymbols - at - 1) * sizeof(s));
	a->symbols[at] = s;
}

static void
take_symbols(struct rspamd_answer *a)
{
	const char *name;
	json_t *symbol;
	json_object_foreach (json_object_get(a->root, "symbols"), name, symbol) {
		struct rspamd_symbol s = {.name = name};
		if (is_word(name) && number(symbol, "score", &s.score))
			insert(a, s);
	}
}

static int
check(struct rspamd_answer *a, const char **why)
{
	if (!number(a->root, "score", &a->score))
		*why = "its answer has no score";
	else if (!(a->action = json_string_value(json_object_get(a->root, "action"))))
		*why = "its answer has no action";
	else if (json_is_true(json_object_get(a->root, "is_skipped")) &&
		 rspamd_verdict(a->action) == SCAN_PASS)
		*why = "its settings say to skip the message";
	else
		return 0;
	return -1;
}

int
rspamd_answer_parse(struct rspamd_answer *a, struct str json, const char **why)
{
	*a = (struct rspamd_answer){.root = json_loadb(json.p, json.n, 0, NULL)};
	*why = "its answer is no JSON object";
	if (json_is_object(a->root) && check(a, why) == 0) {
		(void)number(a->root, "required_score", &a->required);
		take_symbols(a);
		return 0;
	}
	rspamd_answer_release(a);
	return -1;
}

void
rspamd_answer_release(struct rspamd_answer *a)
{
	json_decref(a->root);
	a->root = NULL;
}

enum scan_verdict
rspamd_verdict(const char *action)
{
	static const char *const fail[] = {"reject", "discard", "quarantine"};
	for (size_t i = 0; i < sizeof(fail) / sizeof(*fail); i++)
		if (str_eq(str_of(action), str_of(fail[i])))
			return SCAN_FAIL;
	return str_eq(str_of(action), STR("no action")) ? SCAN_PASS : SCAN_GRAY;
}
