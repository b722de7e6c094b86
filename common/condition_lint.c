#include <string.h>

#include "cidr.h"
#include "condition_impl.h"
#include "condition_lint.h"
#include "condition_relation.h"
#include "message.h"

#define MAX_COMPARED 4096 /* values that each value is compared with */

struct list {
	const struct condition *condition;
	const json_t *values;
	const struct json_at *at;
	const struct match_settings *settings;
	const struct json_doc *doc;
	struct problems *ps;
};

#define WARN(l, at, ...) \
	json_problem((l)->ps, (l)->doc, at, false, PROBLEM_WARNING, __VA_ARGS__)

static struct str
value_at(const struct list *l, size_t i)
{
	return json_text(json_array_get(l->values, i));
}

/* The first of two that are the same is the one that counts. */
static void
lint_covered(const struct list *l, size_t i)
{
	struct json_at here = {.up = l->at, .index = i};
	for (size_t j = 0; j < json_array_size(l->values) && j < MAX_COMPARED; j++) {
		if (j == i || !condition_value_covered(l->condition, i, j))
			continue;
		bool same = condition_value_covered(l->condition, j, i);
		if (same && j > i)
			continue;
		WARN(l, &here, "needless: %s Values[%zu], \"%.*s\"",
			same ? "the same as" : "covered by", j, STR_ARG(value_at(l, j)));
		return;
	}
}

static void
lint_network(const struct list *l, size_t i)
{
	struct json_at here = {.up = l->at, .index = i};
	struct str text = value_at(l, i), bits = text, address = str_cut(&bits, '/');
	struct cidr network, host;
	char name[IP_TEXT_SIZE];
	if (cidr_parse(text, &network) < 0 || cidr_parse(address, &host) < 0)
		return;
	if (memcmp(&network.ip, &host.ip, sizeof(host.ip)) != 0)
		WARN(l, &here, "has host bits set; it means %s/%d", ip_text(&network.ip, name),
			network.bits);
}

static bool
has_capital(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_lower(s.p[i]) != s.p[i])
			return true;
	return false;
}

static bool
has(struct str s, char c)
{
	return s.n && memchr(s.p, c, s.n);
}

/* Why no recipient matches, NULL when one may.  An address has a second @, a space
 * or an angle bracket only between quotes (RFC 5321 section 4.1.2). */
static const char *
never_matches(struct str op, struct str value)
{
	bool part = str_eq(op, STR("CONTAINS")),
	     whole = str_eq(op, STR("EQUALS")) || str_eq(op, STR("NOT_EQUALS"));
	struct str rest = value;
	if (whole && value.n == 0)
		return "a recipient is not empty";
	if (part || has(value, '"') || has(value, '\\'))
		return NULL;
	(void)str_cut(&rest, '@');
	if (rest.p && has(rest, '@'))
		return "a recipient has one @";
	if (has(value, ' ') || has(value, '\t'))
		return "a recipient has no spaces";
	if (has(value, '<') || has(value, '>'))
		return "a recipient stands here without angle brackets";
	if (whole && !rest.p && !str_ieq(value, STR("postmaster")))
		return "a recipient has an @ and a domain";
	return NULL;
}

static void
lint_recipient(const struct list *l, struct str op, size_t i)
{
	struct json_at here = {.up = l->at, .index = i};
	struct str value = value_at(l, i);
	const char *why = never_matches(op, value);
	if (why)
		WARN(l, &here, "never matches: %s", why);
	else if (value.n == 0)
		WARN(l, &here, "matches every recipient: it is empty");
	else if (l->settings->case_sensitive && has_capital(value))
		WARN(l, &here,
			"matches only recipients that are written with these capitals: "
			"CaseSensitive is true");
}

/* What mm-verdict(1) writes, RFC 8601. */
static void
lint_word(const struct list *l, struct str attribute, size_t i)
{
	static const char *const words[] = {
		"none", "pass", "fail", "temperror", "permerror", NULL};
	struct json_at here = {.up = l->at, .index = i};
	size_t n = str_eq(attribute, STR("ARC_RESULT")) ? 3 : 5;
	for (size_t w = 0; w < n; w++)
		if (condition_compare(
			    l->condition->op, str_of(words[w]), l->condition->values[i]))
			return;
	WARN(l, &here, "never matches: the words are none, pass%s",
		n == 3 ? " and fail" : ", fail, temperror and permerror");
}

static void
lint_header(const json_t *evaluate, const struct json_at *at, const struct json_doc *doc,
	struct problems *ps)
{
	static const char *const members[] = {"MimeHeaderAttribute", "HeaderAttribute"};
	for (size_t i = 0; i < 2; i++) {
		struct json_at in = {.up = at, .key = "Evaluate"},
			       here = {.up = &in, .key = members[i]};
		struct str name = json_str(evaluate, members[i]);
		if (name.p && !header_name_valid(name))
			json_problem(ps, doc, &here, false, PROBLEM_WARNING,
				"no message has a header field of this name; expected "
				"printable ASCII without spaces and colons");
	}
}

static void
lint_list(const struct list *l, const char *kind, const json_t *evaluate, struct str op)
{
	bool recipient = str_eq(json_str(evaluate, "Attribute"), STR("RECIPIENT"));
	struct str extended = json_str(evaluate, "ExtendedAttribute");
	bool word = str_ends(extended, STR("_RESULT"));
	if (json_array_size(l->values) == 0)
		WARN(l, l->at, "%s: there are no values",
			str_starts(op, STR("NOT_")) ? "always holds" : "never holds");
	for (size_t i = 0; i < json_array_size(l->values); i++) {
		lint_covered(l, i);
		if (strcmp(kind, "RegexExpression") == 0)
			continue;
		if (strcmp(kind, "StringExpression") != 0)
			lint_network(l, i);
		else if (recipient)
			lint_recipient(l, op, i);
		else if (word)
			lint_word(l, extended, i);
	}
}

void
condition_lint_values(const struct condition *c, const json_t *item, const struct json_at *at,
	const struct match_settings *settings, const struct json_doc *doc, struct problems *ps)
{
	void *member = json_object_iter((json_t *)item);
	const char *kind = json_object_iter_key(member);
	const json_t *x = json_object_iter_value(member),
		     *evaluate = json_object_get(x, "Evaluate"),
		     *list = json_object_get(x, "Values");
	struct json_at here = {.up = at, .key = kind}, values = {.up = &here, .key = "Values"};
	struct list l = {c, list, &values, settings, doc, ps};
	for (size_t i = 0; i < c->all.n; i++) {
		struct json_at one = {.up = &here, .index = i};
		bool array = json_is_array(x);
		condition_lint_values(&c->all.list[i], array ? json_array_get(x, i) : x,
			array ? &one : &here, settings, doc, ps);
	}
	lint_header(evaluate, &here, doc, ps);
	if (list)
		lint_list(&l, kind, evaluate, json_str(x, "Operator"));
}
