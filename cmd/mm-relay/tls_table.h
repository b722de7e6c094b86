/* tls_table.h: "TlsPolicies" of site.json, the TLS policy of a recipient's domain. */
#ifndef MM_TLS_TABLE_H
#define MM_TLS_TABLE_H

#include "peer_policy.h"

struct tls_table;

/* NULL after an error was logged. */
struct tls_table *tls_table_load(const char *site);
void tls_table_free(struct tls_table *t); /* NULL is allowed */

/* The entry of the domain (lower case, A-labels), else of the nearest "*.PARENT".
 * NULL when there is none; else still the table's.  *port is set where the entry has
 * one. */
struct peer_policy *tls_table_find(const struct tls_table *t, const char *domain, int *port);

#endif
