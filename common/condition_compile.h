/* condition_compile.h: what condition_compile.c shares with the compiling of the
 * extensions. */
#ifndef MM_CONDITION_COMPILE_H
#define MM_CONDITION_COMPILE_H

#include "condition_impl.h"

/* One "XExpression": its members and where it stands. */
struct expression {
	const struct json_doc *doc;
	const json_t *json;
	const struct json_at *at;
	struct references *refs;
	struct problems *ps;
	int depth; /* in groups */
};

#define CONDITIONS_MAX_DEPTH 4   /* groups within groups */
#define CONDITIONS_MAX_GROUP 100 /* conditions of one */

/* What "Evaluate" of a StringExpression names. */
void compile_text_attribute(struct condition *c, const struct expression *x);
/* "Values", in lower case if the condition is folded. */
void compile_values(struct condition *c, const json_t *list);
/* A member of Conditions: x->json and x->at are the whole of it. */
void compile_condition(struct condition *c, const struct expression *x);

/* "DKIM EQUALS PASS", of an expression of Mail Manager's; the caller frees. */
char *condition_make_text(const char *kind, const json_t *x);

/* Those of condition_ext_compile.c; some set c->text themselves. */
void compile_regex(struct condition *c, const struct expression *x);
void compile_time(struct condition *c, const struct expression *x);
void compile_rate(struct condition *c, const struct expression *x);
void compile_any_of(struct condition *c, const struct expression *x);
void compile_all_of(struct condition *c, const struct expression *x);
void compile_not(struct condition *c, const struct expression *x);

#endif
