/* schema.h: shapes that a JSON document must have, as tables, and the one walk
 * that checks a document against them and reports every departure. */
#ifndef MM_SCHEMA_H
#define MM_SCHEMA_H

#include <stdbool.h>

#include "json.h"

enum shape_kind {
	SHAPE_STRUCT, /* members */
	SHAPE_UNION,  /* exactly one of members */
	SHAPE_LIST,   /* of element, min..max items */
	SHAPE_STRING, /* min..max characters, pattern */
	SHAPE_ENUM,   /* one of words */
	SHAPE_INTEGER,
	SHAPE_NUMBER,
	SHAPE_BOOLEAN,
	SHAPE_ANY, /* accepted and ignored */
};

struct shape;

struct member {
	const char *name; /* NULL ends the table */
	const struct shape *shape;
	bool required;
};

struct shape {
	enum shape_kind kind;
	const char *name; /* what an error calls it: "an archive name" */
	const struct member *members;
	const struct shape *element;
	const char *const *words; /* NULL ends */
	const char *pattern;      /* PCRE2, anchored at both ends */
	double min, max;          /* characters, items or values; max 0 is no bound */
};

#define SCHEMA_MAX_PROBLEMS 200 /* told of one document */

/* Departures from limits and patterns are warnings when lenient, errors otherwise;
 * wrong types, unknown members and missing ones are always errors.  Returns true
 * if no error was added. */
bool schema_check(const struct json_doc *doc, const struct shape *shape, bool lenient,
	struct problems *ps);

#endif
