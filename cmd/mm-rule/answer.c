#include <stdlib.h>

#include "answer.h"
#include "mem.h"
#include "reply.h"

void
answer_read(struct answer *a, const struct record *record, const char *action)
{
	size_t at = 0;
	struct str value;
	*a = (struct answer){.record = record,
		.action = action,
		.status = record_status(record),
		.reply = record_last(record, "reply")};
	a->results = xcalloc(record_count(record, "result") + 1, sizeof(*a->results));
	while (record_next(record, "result", &at, &value))
		if (result_parse(value, &a->results[a->n]))
			a->n++;
	for (size_t i = 0; a->n > 1 && i < a->n; i++)
		textmap_add(&a->by_path, a->results[i].path, i);
}

void
answer_release(struct answer *a)
{
	free(a->results);
	textmap_release(&a->by_path);
	*a = (struct answer){0};
}

static const struct result *
find_result(const struct answer *a, struct str path)
{
	if (a->n == 1)
		return str_eq(a->results[0].path, path) ? &a->results[0] : NULL;
	const size_t *i = textmap_find(&a->by_path, path);
	return i ? &a->results[*i] : NULL;
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
answer_for(const struct answer *a, struct str path, char **reply)
{
	const struct result *result = find_result(a, path);
	enum status status = result ? result->status : a->status;
	struct str text = result ? result->reply : a->reply;
	status = status == STATUS_NONE ? STATUS_OK : status;
	*reply = whole_reply(a, status, text);
	return status;
}

enum disposition
answer_disposition(const struct answer *a)
{
	return disposition_parse(record_last(a->record, "disposition"));
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

/* Is it the next of the findings that were sent?  Answers mostly begin with what
 * was sent, as it was. */
static bool
is_next_of(const struct record *sent, size_t *at, struct str line)
{
	while (*at < sent->nfields && is_no_finding(record_name_at(sent, *at)))
		++*at;
	if (*at == sent->nfields || !str_eq(record_line_at(sent, *at), line))
		return false;
	++*at;
	return true;
}

static void
add_lines(struct textmap *m, const struct record *r)
{
	for (size_t i = 0; i < r->nfields; i++)
		textmap_add(m, record_line_at(r, i), i);
}

/* Lists the fields of the answer that are news; returns how many there are. */
static size_t
find_news(const struct answer *a, const struct record *sent, const struct record *learned,
	size_t *news)
{
	struct textmap known = {0};
	size_t in_sent = 0, n = 0;
	for (size_t i = 0; i < a->record->nfields; i++) {
		struct str line = record_line_at(a->record, i);
		if (is_no_finding(record_name_at(a->record, i)) ||
			is_next_of(sent, &in_sent, line))
			continue;
		if (!known.entries) {
			add_lines(&known, sent);
			add_lines(&known, learned);
		}
		if (textmap_add(&known, line, i))
			news[n++] = i;
	}
	textmap_release(&known);
	return n;
}

void
answer_learn(const struct answer *a, const struct record *sent, struct record *learned)
{
	size_t *news = xcalloc(a->record->nfields, sizeof(*news));
	size_t n = find_news(a, sent, learned, news);
	for (size_t i = 0; i < n; i++)
		record_copy_field(learned, a->record, news[i]);
	free(news);
}
