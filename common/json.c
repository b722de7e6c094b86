#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "json.h"
#include "json_locate.h"
#include "log.h"
#include "mem.h"

static bool
comma_before_bracket(struct str text, const json_error_t *e)
{
	size_t n = e->position > 0 && (size_t)e->position <= text.n ? (size_t)e->position : 0;
	if (n == 0 || (!strstr(e->text, "near '}'") && !strstr(e->text, "near ']'")))
		return false;
	for (n--; n > 0 && strchr(" \t\r\n", text.p[n - 1]); n--)
		;
	return n > 0 && text.p[n - 1] == ',';
}

static void
add_syntax_problem(struct problems *ps, const char *file, struct str doc, const json_error_t *e)
{
	char *text = xasprintf("not valid JSON: %s%s", e->text,
		comma_before_bracket(doc, e) ? "; a list or object does not end with a comma"
					     : "");
	problem_add(ps, PROBLEM_ERROR, file, e->line > 0 ? e->line : 0,
		e->column > 0 ? e->column : 0, "", text);
	free(text);
}

static int
parse_text(struct json_doc *doc, struct problems *ps)
{
	json_error_t error;
	doc->root = json_loadb(
		doc->text.p ? doc->text.p : "", doc->text.n, JSON_REJECT_DUPLICATES, &error);
	if (doc->root)
		return 0;
	add_syntax_problem(ps, doc->file, buf_str(&doc->text), &error);
	json_doc_release(doc);
	return -1;
}

int
json_doc_parse(struct json_doc *doc, const char *file, struct str text, struct problems *ps)
{
	*doc = (struct json_doc){.file = xstrdup(file)};
	buf_adds(&doc->text, text);
	return parse_text(doc, ps);
}

int
json_doc_load(struct json_doc *doc, const char *file, struct problems *ps)
{
	*doc = (struct json_doc){.file = xstrdup(file)};
	int rc = strcmp(file, "-") == 0 ? io_read_all(STDIN_FILENO, &doc->text, JSON_MAX_SIZE)
					: io_read_file(file, &doc->text, JSON_MAX_SIZE);
	if (rc == 0)
		return parse_text(doc, ps);
	char *text = xasprintf("cannot read: %s", strerror(errno));
	problem_add(ps, PROBLEM_ERROR, file, 0, 0, "", text);
	free(text);
	json_doc_release(doc);
	return -1;
}

void
json_doc_release(struct json_doc *doc)
{
	json_decref(doc->root);
	json_decref(doc->whole);
	free(doc->prefix);
	buf_release(&doc->text);
	free(doc->file);
	*doc = (struct json_doc){0};
}

static void
add_path(struct buf *b, const struct json_at *at)
{
	if (!at)
		return;
	add_path(b, at->up);
	if (at->key)
		buf_addf(b, "%s%s", b->n ? "." : "", at->key);
	else
		buf_addf(b, "[%zu]", at->index);
}

void
json_problem(struct problems *ps, const struct json_doc *doc, const struct json_at *at,
	bool key_itself, enum severity severity, const char *fmt, ...)
{
	struct buf path = {0}, text = {0};
	int line = 0, column = 0;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	add_path(&path, at);
	json_locate(doc, at, key_itself, &line, &column);
	problem_add(ps, severity, doc->file, line, column, buf_cstr(&path), buf_cstr(&text));
	buf_release(&path);
	buf_release(&text);
}

void
problem_add(struct problems *ps, enum severity severity, const char *file, int line, int column,
	const char *path, const char *text)
{
	ps->list = xgrow(ps->list, &ps->cap, ps->n + 1, sizeof(*ps->list));
	ps->list[ps->n++] = (struct problem){
		severity, xstrdup(file), line, column, xstrdup(path), xstrdup(text)};
	ps->errors += severity == PROBLEM_ERROR;
}

bool
problems_below(const struct problems *ps, size_t since, const struct json_at *at)
{
	struct buf place = {0};
	bool found = false;
	add_path(&place, at);
	for (size_t i = since; i < ps->n && !found; i++) {
		struct str path = str_of(ps->list[i].path);
		struct str rest = str_skip(path, place.n);
		found = ps->list[i].severity == PROBLEM_ERROR &&
			str_starts(path, buf_str(&place)) &&
			(rest.n == 0 || rest.p[0] == '.' || rest.p[0] == '[');
	}
	buf_release(&place);
	return found;
}

/* What a document says may hold anything; control characters stay out of it. */
static void
add_clean(struct buf *b, const char *s)
{
	for (; *s; s++)
		buf_addc(b, (unsigned char)*s < ' ' || *s == 0x7f ? '?' : *s);
}

static void
add_problem_line(struct buf *b, const struct problem *p)
{
	add_clean(b, p->file);
	if (p->line)
		buf_addf(b, ":%d:%d", p->line, p->column);
	buf_addstr(b, ": ");
	if (*p->path) {
		add_clean(b, p->path);
		buf_addstr(b, ": ");
	}
	if (p->severity == PROBLEM_WARNING)
		buf_addstr(b, "warning: ");
	add_clean(b, p->text);
}

void
problems_print(const struct problems *ps, FILE *out)
{
	for (size_t i = 0; i < ps->n; i++) {
		struct buf line = {0};
		add_problem_line(&line, &ps->list[i]);
		fprintf(out, "%s\n", buf_cstr(&line));
		buf_release(&line);
	}
}

void
problems_log(const struct problems *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		struct buf line = {0};
		add_problem_line(&line, &ps->list[i]);
		if (ps->list[i].severity == PROBLEM_ERROR)
			log_error("%s", buf_cstr(&line));
		else
			log_warn("%s", buf_cstr(&line));
		buf_release(&line);
	}
}

void
problems_release(struct problems *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		free(ps->list[i].file);
		free(ps->list[i].path);
		free(ps->list[i].text);
	}
	free(ps->list);
	*ps = (struct problems){0};
}

struct str
json_text(const json_t *string)
{
	return json_is_string(string)
		       ? str_n(json_string_value(string), json_string_length(string))
		       : STR_NONE;
}

struct str
json_str(const json_t *object, const char *key)
{
	return json_text(json_object_get(object, key));
}

bool
json_same_key(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == '_')
			a++;
		while (*b == '_')
			b++;
		if (ascii_lower(*a) != ascii_lower(*b))
			return false;
		if (!*a)
			return true;
	}
}

bool
json_singular_key(const char *one, const char *many)
{
	size_t n = strlen(many);
	if (n < 2 || many[n - 1] != 's')
		return false;
	char *cut = str_dup(str_n(many, n - 1));
	bool same = json_same_key(one, cut);
	free(cut);
	return same;
}
