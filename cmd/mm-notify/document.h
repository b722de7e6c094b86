/* document.h: a message as a document of an index, in the members of the
 * BatchPutDocument of Amazon Q Business, which also reads the answer. */
#ifndef MM_DOCUMENT_H
#define MM_DOCUMENT_H

#include <jansson.h>

#include "record.h"
#include "target.h"

#define DOCUMENT_MAX_TEXT (4u << 20) /* octets of text */

/* A new reference. */
json_t *document_json(const struct target *t, const struct record *r);

/* Why the index has refused the document, from its answer; NULL when it has not.
 * The caller frees. */
char *document_refused(struct str answer);

#endif
