/* mailmanager.h: the resources of Amazon SES Mail Manager as their create-*
 * JSON describes them (API 2023-10-17), and our extensions beside them. */
#ifndef MM_MAILMANAGER_H
#define MM_MAILMANAGER_H

#include "schema.h"

extern const struct shape shape_traffic_policy;
extern const struct shape shape_rule_set;
extern const struct shape shape_ingress_point;
extern const struct shape shape_relay;
extern const struct shape shape_archive;
extern const struct shape shape_archive_filters; /* Include, Unless */
extern const struct shape shape_archive_search;  /* StartArchiveSearch */
extern const struct shape shape_archive_export;  /* StartArchiveExport */
extern const struct shape shape_addon_instance;
extern const struct shape shape_mailbox;
extern const struct shape shape_secret;
extern const struct shape shape_dkim_key;
extern const struct shape shape_settings;

#endif
