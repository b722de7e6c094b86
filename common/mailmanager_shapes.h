/* mailmanager_shapes.h: what the tables of mailmanager_*.c share. */
#ifndef MM_MAILMANAGER_SHAPES_H
#define MM_MAILMANAGER_SHAPES_H

#include "mailmanager.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define MEMBERS(...) ((const struct member[]){__VA_ARGS__, {0}})

/* File-scope constants: */
#define SHAPE_OF_ENUM(id, ...) \
	static const struct shape id = {.kind = SHAPE_ENUM, .words = WORDS(__VA_ARGS__)}
#define SHAPE_OF_STRUCT(id, ...) \
	static const struct shape id = {.kind = SHAPE_STRUCT, .members = MEMBERS(__VA_ARGS__)}
#define SHAPE_OF_UNION(id, ...) \
	static const struct shape id = {.kind = SHAPE_UNION, .members = MEMBERS(__VA_ARGS__)}
#define SHAPE_OF_LIST(id, of, low, high) \
	static const struct shape id = { \
		.kind = SHAPE_LIST, .element = &(of), .min = (low), .max = (high)}
#define SHAPE_OF_STRING(id, what, low, high, regex) \
	static const struct shape id = {.kind = SHAPE_STRING, \
		.name = (what), \
		.min = (low), \
		.max = (high), \
		.pattern = (regex)}

#define ARN_CHARACTERS "[a-zA-Z0-9:_/+=,@.#-]+"

extern const struct shape mm_any;          /* what get-* adds, and Tags, ClientToken */
extern const struct shape mm_string;       /* any string */
extern const struct shape mm_analysis;     /* {Analyzer, ResultField} */
extern const struct shape mm_boolean_word; /* IS_TRUE, IS_FALSE */
extern const struct shape mm_string_operator;
extern const struct shape mm_cidr_operator;
extern const struct shape mm_address_lists; /* exactly one ARN */
extern const struct shape mm_kms_key_arn;
extern const struct shape mm_tags;
extern const struct shape mm_client_token;

#endif
