#include <stdlib.h>

#include "address.h"
#include "log.h"
#include "mem.h"
#include "outcome.h"
#include "reply.h"

#define REPLY_MAX 480 /* RFC 5321 section 4.5.3.1.5: 512 with code and CRLF */

static enum status
status_of_word(struct str word)
{
	for (enum status s = STATUS_OK; s <= STATUS_PERMFAIL; s++)
		if (str_eq(word, str_of(status_word(s))))
			return s;
	return STATUS_NONE;
}

static bool
worse(enum status a, enum status b)
{
	static const int rank[] = {0, 1, 3, 2}; /* NONE, OK, TEMPFAIL, PERMFAIL */
	return rank[a] > rank[b];
}

/* "<bob@example.org> tempfail 451 4.3.0 full"; a path may hold spaces in quotes. */
static struct str
split_result(struct str result, enum status *s, struct str *reply)
{
	bool quoted = false;
	size_t i = 0;
	for (; i < result.n && (quoted || result.p[i] != '>'); i++) {
		if (quoted && result.p[i] == '\\')
			i++;
		else if (result.p[i] == '"')
			quoted = !quoted;
	}
	struct str rest = str_skip(result, i + 1);
	*s = status_of_word(str_word(&rest));
	*reply = str_trim(rest);
	return str_n(result.p, i < result.n ? i + 1 : result.n);
}

/* The reply goes out only if its code says what the status says. */
static char *
fitting(enum status s, struct str reply)
{
	struct reply parsed;
	if (!reply.p || reply_parse(reply, &parsed) < 0 || reply_status(&parsed) != s)
		return NULL;
	char *text = str_dup(str_n(reply.p, reply.n < REPLY_MAX ? reply.n : REPLY_MAX));
	for (char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	text[3] = text[3] ? ' ' : '\0';
	return text;
}

enum status
outcome_of_message(const struct record *r, const char *id, char **reply)
{
	enum status status = record_status(r), one;
	struct str words = record_get(r, "reply"), text, result;
	size_t at = 0;
	while (record_next(r, "result", &at, &result)) {
		(void)split_result(result, &one, &text);
		if (worse(one, status)) {
			status = one;
			words = text;
		}
	}
	*reply = fitting(status, words);
	if (status == STATUS_NONE) {
		log_error("id=%s: the handler returned the message without a status", id);
		status = STATUS_TEMPFAIL;
	}
	if (*reply)
		return status;
	if (status == STATUS_OK)
		*reply = xasprintf("250 2.0.0 accepted as %s", id);
	else
		*reply = xstrdup(status == STATUS_PERMFAIL ? "554 5.0.0 the message was refused"
							   : "451 4.3.0 try again later");
	return status;
}

enum status
outcome_of_recipient(const struct record *r, struct str path, char **reply)
{
	struct path wanted, got;
	struct str result, words;
	enum status status;
	size_t at = 0;
	*reply = NULL;
	if (path_parse(path, &wanted) < 0)
		return STATUS_NONE;
	while (!*reply && record_next(r, "result", &at, &result)) {
		struct str whose = split_result(result, &status, &words);
		if (path_parse(whose, &got) == 0 && str_eq(got.address, wanted.address))
			*reply = fitting(status, words);
	}
	return *reply ? status : STATUS_NONE;
}

enum status
outcome_of_probe(const struct record *r, char **reply)
{
	enum status status = record_status(r);
	struct str decision = record_last(r, "policy");
	if (status == STATUS_NONE && decision.p) {
		struct str word = str_word(&decision);
		if (str_eq(word, STR("allow")))
			status = STATUS_OK;
		else if (str_eq(word, STR("deny")))
			status = STATUS_PERMFAIL;
	}
	*reply = status == STATUS_OK ? NULL : fitting(status, record_get(r, "reply"));
	if (*reply)
		return status;
	if (status == STATUS_OK)
		*reply = xstrdup("250 2.1.5 recipient ok");
	else if (status == STATUS_PERMFAIL)
		*reply = xstrdup("550 5.7.1 not allowed by policy");
	else
		*reply = xstrdup("451 4.3.0 the policy gives no answer, try again later");
	return status == STATUS_NONE ? STATUS_TEMPFAIL : status;
}
