/* spf_ptr.h: the client's validated names (RFC 7208 section 5.5). */
#ifndef MM_VERDICT_SPF_PTR_H
#define MM_VERDICT_SPF_PTR_H

#include "spf_match.h"

/* SPF_MATCH if one of them is `target` or ends in it.  Failures are passed over. */
enum spf_match spf_ptr_match(struct spf_scope *s, const char *target);

/* The one for the macro p: the scope's domain itself, else a name within it, else
 * any, else "unknown". */
enum step spf_ptr_name(struct spf_scope *s, char out[DNS_NAME_SIZE]);

/* The addresses of a name, of the client's family; NULL while not known. */
const struct answer *spf_addresses(struct spf_scope *s, const char *name);

/* Is the client, or its network of that size, among them? */
bool spf_has_client(const struct answer *a, const struct ip *client, int bits);

#endif
