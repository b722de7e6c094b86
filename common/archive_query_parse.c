#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "archive_query.h"
#include "archive_query_term.h"
#include "words.h"

struct parser {
	struct str all, rest;
	int64_t now;
	struct query_error *error;
	unsigned terms;
	int depth;
	struct str field; /* of the parenthesis that terms are in */
};

static struct query *parse_or(struct parser *p);

struct query *
query_new(enum query_kind kind)
{
	struct query *q = xcalloc(1, sizeof(*q));
	q->kind = kind;
	return q;
}

void
query_free(struct query *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < q->n; i++)
		query_free(q->kids[i]);
	free(q->kids);
	free(q->text);
	free(q);
}

void
query_add_kid(struct query *q, struct query *kid)
{
	q->kids = xgrow(q->kids, &q->cap, q->n + 1, sizeof(struct query *));
	q->kids[q->n++] = kid;
}

const struct query *
query_find(const struct query *q, enum query_kind kind)
{
	const struct query *found = q->kind == kind ? q : NULL;
	for (size_t i = 0; !found && i < q->n; i++)
		found = query_find(q->kids[i], kind);
	return found;
}

static size_t
column_of(const struct parser *p, const char *at)
{
	size_t column = 1;
	for (const char *c = p->all.p; c < at; c++)
		column += ((unsigned char)*c & 0xc0) != 0x80;
	return column;
}

/* Takes `kid` away and gives nothing back, so that callers can return it. */
__attribute__((format(printf, 4, 5))) static struct query *
fail(struct parser *p, const char *at, struct query *kid, const char *fmt, ...)
{
	va_list ap;
	query_free(kid);
	if (p->error->text[0])
		return NULL;
	p->error->column = column_of(p, at);
	va_start(ap, fmt);
	vsnprintf(p->error->text, sizeof(p->error->text), fmt, ap);
	va_end(ap);
	return NULL;
}

/* Octets of the space that s begins with: also that of CJK, and that which does not
 * break. */
static size_t
space_length(struct str s)
{
	if (s.n && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\n' || s.p[0] == '\r'))
		return 1;
	return str_starts(s, STR("\u3000")) ? 3 : str_starts(s, STR("\u00a0")) ? 2 : 0;
}

static void
skip_space(struct parser *p)
{
	for (size_t n; (n = space_length(p->rest)) > 0;)
		p->rest = str_skip(p->rest, n);
}

/* A word up to a space or a parenthesis; operators are words. */
static struct str
peek_word(const struct parser *p)
{
	size_t n = 0;
	while (n < p->rest.n && space_length(str_skip(p->rest, n)) == 0 &&
		p->rest.p[n] != '(' && p->rest.p[n] != ')')
		n++;
	return str_n(p->rest.p, n);
}

static bool
take_operator(struct parser *p, const char *word)
{
	skip_space(p);
	if (!str_eq(peek_word(p), str_of(word)))
		return false;
	p->rest = str_skip(p->rest, strlen(word));
	return true;
}

/* "..." : what is between the quotes; a doubled quote is one. */
static int
quoted(struct parser *p, struct buf *out)
{
	const char *start = p->rest.p;
	p->rest = str_skip(p->rest, 1);
	while (p->rest.n) {
		char c = p->rest.p[0];
		p->rest = str_skip(p->rest, 1);
		if (c != '"') {
			buf_addc(out, c);
		} else if (p->rest.n && p->rest.p[0] == '"') {
			buf_addc(out, '"');
			p->rest = str_skip(p->rest, 1);
		} else {
			return 0;
		}
	}
	fail(p, start, NULL, "expected a closing quote");
	return -1;
}

static int
term_value(struct parser *p, struct term *t, struct buf *text)
{
	t->value_at = p->rest.p;
	if (p->rest.n && p->rest.p[0] == '"') {
		t->quoted = true;
		if (quoted(p, text) < 0)
			return -1;
		if (p->rest.n && p->rest.p[0] == '*') {
			t->prefix = true;
			p->rest = str_skip(p->rest, 1);
		}
	} else {
		struct str word = peek_word(p);
		p->rest = str_skip(p->rest, word.n);
		t->prefix = word.n > 1 && word.p[word.n - 1] == '*';
		buf_add(text, word.p, word.n - t->prefix);
	}
	t->value = buf_str(text);
	return 0;
}

static size_t
field_length(struct str word)
{
	size_t n = 0;
	while (n < word.n &&
		((ascii_lower(word.p[n]) >= 'a' && ascii_lower(word.p[n]) <= 'z') ||
			(n && word.p[n] == '-')))
		n++;
	return n > 0 && n < word.n && word.p[n] == ':' ? n : 0;
}

static struct query *parse_group(struct parser *p);

/* Each word counts: SQLite takes memory and time for all of a phrase. */
static bool
too_many(struct parser *p, struct str text)
{
	struct str word;
	p->terms++;
	for (bool first = true; words_next(&text, &word); first = false)
		p->terms += !first;
	return p->terms > QUERY_MAX_TERMS;
}

/* A term without its field. */
static struct query *
parse_value(struct parser *p, struct term *t)
{
	struct buf text = {0};
	struct query *q = NULL;
	char why[160] = "";
	const char *start = p->rest.p;
	if (term_value(p, t, &text) == 0) {
		q = query_new(QUERY_ALL);
		q->place = column_of(p, t->value_at);
		if (too_many(p, t->value))
			q = fail(p, start, q, "expected at most %d words", QUERY_MAX_TERMS);
		else if (term_query(t, q, why, sizeof(why)) < 0)
			q = fail(p, t->value_at, q, "%s", why);
	}
	buf_release(&text);
	return q;
}

/* from:(alice OR bob) */
static struct query *
parse_field_group(struct parser *p, struct str field)
{
	struct str outer = p->field;
	p->field = field;
	struct query *q = parse_group(p);
	p->field = outer;
	return q;
}

static struct query *
parse_term(struct parser *p)
{
	struct term t = {.now = p->now, .field = p->field};
	struct str word = peek_word(p);
	const char *start = p->rest.p;
	size_t field = word.n && word.p[0] != '"' ? field_length(word) : 0;
	if (str_eq(word, STR("OR")) || str_eq(word, STR("AND")))
		return fail(p, start, NULL,
			"expected a word, a field or a parenthesis before %.*s; quotes around "
			"it if it is a word",
			STR_ARG(word));
	if (field) {
		t.field = str_n(start, field);
		p->rest = str_skip(p->rest, field + 1);
	}
	if (field && !term_known(t.field))
		return fail(p, start, NULL,
			"there is no field %.*s; expected one of %s, or quotes around it",
			(int)(field > 30 ? 30 : field), start, term_fields());
	return field && str_starts(p->rest, STR("(")) ? parse_field_group(p, t.field)
						      : parse_value(p, &t);
}

static struct query *
parse_group(struct parser *p)
{
	const char *start = p->rest.p;
	p->rest = str_skip(p->rest, 1);
	struct query *q = parse_or(p);
	skip_space(p);
	if (q && (p->rest.n == 0 || p->rest.p[0] != ')'))
		return fail(p, start, q, "expected a closing parenthesis to this one");
	p->rest = str_skip(p->rest, 1);
	return q;
}

static struct query *
parse_not(struct parser *p)
{
	struct query *q = NULL;
	skip_space(p);
	if (p->rest.n == 0 || p->rest.p[0] == ')')
		return fail(p, p->rest.p, NULL, "expected a word, a field or a parenthesis");
	if (++p->depth > QUERY_MAX_DEPTH)
		return fail(p, p->rest.p, NULL, "expected at most %d levels", QUERY_MAX_DEPTH);
	bool minus =
		p->rest.p[0] == '-' && p->rest.n > 1 && space_length(str_skip(p->rest, 1)) == 0;
	if (minus)
		p->rest = str_skip(p->rest, 1);
	if (minus || take_operator(p, "NOT")) {
		struct query *kid = parse_not(p);
		if (kid) {
			q = query_new(QUERY_NOT);
			query_add_kid(q, kid);
		}
	} else {
		q = p->rest.p[0] == '(' ? parse_group(p) : parse_term(p);
	}
	p->depth--;
	return q;
}

static bool
at_or(const struct parser *p)
{
	return str_eq(peek_word(p), STR("OR"));
}

/* A list of one is its only kid. */
static struct query *
unwrap(struct query *list)
{
	if (list->n != 1)
		return list;
	struct query *only = list->kids[0];
	list->n = 0;
	query_free(list);
	return only;
}

static struct query *
parse_and(struct parser *p)
{
	struct query *list = query_new(QUERY_AND);
	bool and;
	do {
		struct query *kid = parse_not(p);
		if (!kid) {
			query_free(list);
			return NULL;
		}
		query_add_kid(list, kid);
		skip_space(p);
		and = take_operator(p, "AND");
	} while (and || (p->rest.n && p->rest.p[0] != ')' && !at_or(p)));
	return unwrap(list);
}

static struct query *
parse_or(struct parser *p)
{
	struct query *list = query_new(QUERY_OR);
	do {
		struct query *kid = parse_and(p);
		if (!kid) {
			query_free(list);
			return NULL;
		}
		query_add_kid(list, kid);
	} while (take_operator(p, "OR"));
	return unwrap(list);
}

struct query *
query_parse(struct str text, int64_t now, struct query_error *e)
{
	struct parser p = {.all = text, .rest = text, .now = now, .error = e};
	*e = (struct query_error){0};
	if (text.n > QUERY_MAX_OCTETS)
		return fail(&p, text.p, NULL, "expected at most %d octets", QUERY_MAX_OCTETS);
	skip_space(&p);
	if (p.rest.n == 0)
		return query_new(QUERY_ALL);
	struct query *q = parse_or(&p);
	if (q && p.rest.n)
		return fail(&p, p.rest.p, q, "there is no parenthesis that this one closes");
	return q;
}
