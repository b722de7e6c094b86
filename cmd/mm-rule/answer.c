#include <stdlib.h>

#include "answer.h"
#include "mem.h"
#include "reply.h"

void
answer_read(struct answer *a, const struct record *record, const char *action)
{
	size_t at = 0;
	struct str value;
	*a = (struct answer){.record = record, .action = action};
	a->results = xcalloc(record_count(record, "result") + 1, sizeof(*a->results));
	while (record_next(record, "result", &at, &value))
		if (result_parse(value, &a->results[a->n]))
			a->n++;
}

void
answer_release(struct answer *a)
{
	free(a->results);
	*a = (struct answer){0};
}

/* Results mostly come in the order in which they are asked for. */
static const struct result *
find_result(struct answer *a, struct str path)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct result *r = &a->results[(a->next + i) % a->n];
		if (!str_eq(r->path, path))
			continue;
		a->next = (a->next + i + 1) % a->n;
		return r;
	}
	return NULL;
}

static char *
whole_reply(const struct answer *a, enum status status, struct str reply)
{
	struct reply parsed;
	if (reply.p && reply_parse(reply, &parsed) == 0)
		return str_dup(reply);
	if (status == STATUS_OK)
		return xstrdup("250 2.0.0 ok");
	return xasprintf("%s %s %s", status == STATUS_TEMPFAIL ? "451 4.3.0" : "554 5.3.0",
		a->action, reply.n ? "failed, without a proper reply" : "failed");
}

enum status
answer_for(struct answer *a, struct str path, char **reply)
{
	const struct result *result = find_result(a, path);
	enum status status = result ? result->status : record_status(a->record);
	struct str text = result ? result->reply : record_last(a->record, "reply");
	status = status == STATUS_NONE ? STATUS_OK : status;
	*reply = whole_reply(a, status, text);
	return status;
}

static bool
is_no_finding(struct str name)
{
	static const char *const names[] = {"id", "mail-from", "rcpt-to", "status", "reply",
		"result", "done", "plan", "rule", "action", "tag"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_eq(name, str_of(names[i])))
			return true;
	return false;
}

static struct str
line_at(const struct record *r, size_t i)
{
	struct str name = record_name_at(r, i), value = record_value_at(r, i);
	return str_n(name.p, (size_t)(value.p + value.n - name.p));
}

/* The search begins at *from, where the fields of both records mostly agree. */
static bool
has_line(const struct record *r, struct str line, size_t *from)
{
	for (size_t i = 0; i < r->nfields; i++) {
		size_t at = (*from + i) % r->nfields;
		if (!str_eq(line_at(r, at), line))
			continue;
		*from = at + 1;
		return true;
	}
	return false;
}

void
answer_learn(const struct answer *a, const struct record *sent, struct record *learned)
{
	size_t in_sent = 0, in_learned = 0;
	for (size_t i = 0; i < a->record->nfields; i++) {
		struct str line = line_at(a->record, i), name = record_name_at(a->record, i);
		if (!is_no_finding(name) && !has_line(sent, line, &in_sent) &&
			!has_line(learned, line, &in_learned))
			record_adopt_line(learned, line, name.n);
	}
}
