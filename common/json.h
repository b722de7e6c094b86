/* json.h: JSON documents by jansson, with the place of every value, so that each
 * problem is told as
 *     rule-sets/inbound.json:14:22: Rules[2].Actions[0].Relay: expected a string */
#ifndef MM_JSON_H
#define MM_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "buf.h"

#define JSON_MAX_SIZE (16u << 20)

/* The place of a value: links up to the root, made on the stack while walking. */
struct json_at {
	const struct json_at *up; /* NULL: the root */
	const char *key;          /* member name, or NULL for an array element */
	size_t index;
};

struct json_doc {
	char *file;
	struct buf text;
	json_t *root;

	/* Where root is only a part of the text, in another form, see
	 * mailmanager_forms.h: the way to it, a link a step; and whether keys may stand
	 * there without capitals and with underscores. */
	struct json_at *prefix;
	size_t nprefix;
	bool loose_keys;
	bool blocks;   /* a list may be named in the singular, and may stand for its element */
	json_t *whole; /* owned; the text's own root */

	/* Where the text is the value of one member of root and nothing else: its name. */
	const char *only;
};

enum severity { PROBLEM_WARNING, PROBLEM_ERROR };

struct problem {
	enum severity severity;
	char *file;
	int line, column; /* from 1; 0 when they are not known */
	char *path;       /* "Rules[2].Actions[0]"; empty for the document */
	char *text;
};

/* Everything that is wrong with a file or a site, found in one pass. {0} is empty. */
struct problems {
	struct problem *list;
	size_t n, cap;
	size_t errors; /* how many of them are errors */
};

/* Reads a file ("-" is standard input).  Returns 0, or -1 with one problem
 * added; doc is then released.  Duplicate keys, bad UTF-8, trailing garbage and
 * more than JSON_MAX_SIZE octets are errors. */
int json_doc_load(struct json_doc *doc, const char *file, struct problems *ps);
int json_doc_parse(
	struct json_doc *doc, const char *file, struct str text, struct problems *ps);
void json_doc_release(struct json_doc *doc);

/* Adds a problem at a place of the document (at NULL: the document as a whole;
 * key_itself: at the member's name rather than its value). */
void json_problem(struct problems *ps, const struct json_doc *doc, const struct json_at *at,
	bool key_itself, enum severity severity, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

/* A problem with a file that is not at a place in a document. */
void problem_add(struct problems *ps, enum severity severity, const char *file, int line,
	int column, const char *path, const char *text);

/* Is one of the problems from number `since` on an error at this place of its
 * document, or below it? */
bool problems_below(const struct problems *ps, size_t since, const struct json_at *at);

/* One line a problem: "FILE:LINE:COL: PATH: error: text"; for people and editors. */
void problems_print(const struct problems *ps, FILE *out);
/* The same through the log, for running programs. */
void problems_log(const struct problems *ps);
void problems_release(struct problems *ps);

/* Are two keys the same but for capitals and underscores? */
bool json_same_key(const char *a, const char *b);

/* Is `one` that name of many without its "s"?  "policy_statement" of "PolicyStatements". */
bool json_singular_key(const char *one, const char *many);

/* Members of an object that is known to be well formed; absent if they are not there. */
struct str json_str(const json_t *object, const char *key);
struct str json_text(const json_t *string);

#endif
