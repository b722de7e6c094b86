/* mailmanager_terraform.h: resources as Terraform's providers name their members. */
#ifndef MM_MAILMANAGER_TERRAFORM_H
#define MM_MAILMANAGER_TERRAFORM_H

#include "schema.h"

/* A new object in the form of create-*: by the provider awscc, which has the same
 * members with underscores; what it does not know stays as it is. */
json_t *terraform_awscc(const struct shape *shape, const json_t *resource);

/* The same by the provider aws: lists of one element for objects ("blocks"), lists
 * named in the singular, `name` for the member name (such as "RuleSetName"), `id`
 * for the id; tags and what only Terraform itself knows are left out. */
json_t *terraform_aws(const struct shape *shape, const char *name, const json_t *resource);

#endif
