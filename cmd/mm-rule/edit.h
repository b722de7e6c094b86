/* edit.h: changes of a message's header: RemoveHeader, ReplaceHeader, SubjectTag. */
#ifndef MM_RULE_EDIT_H
#define MM_RULE_EDIT_H

#include "blob.h"
#include "regex.h"

enum edit_kind { EDIT_REMOVE, EDIT_REPLACE, EDIT_TAG };

struct edit {
	enum edit_kind kind;
	char *name;            /* of the field; "Subject" */
	struct regex *pattern; /* of the decoded value; NULL: any */
	char *field;           /* EDIT_REPLACE: the whole field with its line end */
	char *tag;             /* EDIT_TAG */
};

/* The message as the edit makes it, the caller's; NULL when it changes nothing. */
struct blob *edit_apply(const struct edit *e, const struct blob *message);
void edit_free(struct edit *e); /* NULL is allowed */

#endif
