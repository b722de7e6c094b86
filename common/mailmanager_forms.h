/* mailmanager_forms.h: resources in the other forms in which they are kept: the
 * resource of a CloudFormation template, and that of Terraform's JSON (providers
 * awscc and aws: configuration, plan or state); what update-* takes, with an id instead
 * of a name; the list alone that --rules and --policy-statements take.  They become the form of
 * create-*, and problems are still told at their place in the file. */
#ifndef MM_MAILMANAGER_FORMS_H
#define MM_MAILMANAGER_FORMS_H

#include "mailmanager.h"

/* json_doc_load(), and then the resource of that shape as doc->root, whatever the
 * form; a document in none of these forms stays as it is.  0, or -1 with problems
 * added: also when there is none of the kind in a template, or more than one. */
int mailmanager_load(
	struct json_doc *doc, const char *file, const struct shape *shape, struct problems *ps);

/* The same for a document that is read already; it is released after an error. */
int mailmanager_form(struct json_doc *doc, const struct shape *shape, struct problems *ps);

#endif
