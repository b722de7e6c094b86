/* spf_macro.h: macros in SPF records and explanations (RFC 7208 section 7). */
#ifndef MM_VERDICT_SPF_MACRO_H
#define MM_VERDICT_SPF_MACRO_H

#include "buf.h"
#include "dns.h"
#include "spf_engine.h"

#define SPF_MAX_EXPANSION 16384 /* octets */

struct spf_macros {
	const struct spf_query *query;
	const char *domain;    /* whose record it is: d */
	const char *validated; /* the client's name: p; may be NULL where it is not used */
	bool explanation;      /* so c, r and t are known too */
};

/* Length of "%{...}", "%%", "%_" or "%-" at the start of s; 0 if it is none. */
size_t spf_macro_length(struct str s, bool explanation);

bool spf_macro_used(struct str text, char letter);

/* Appends the text with its macros expanded; false when it is not well formed or
 * becomes longer than SPF_MAX_EXPANSION. */
bool spf_macro_expand(struct buf *out, struct str text, const struct spf_macros *m);

/* The name that a domain-spec means: without a dot at the end, and cut by whole
 * labels from the left to 253 octets.  False when there can be no such name; out
 * then holds a part of it. */
bool spf_macro_name(
	char out[DNS_NAME_SIZE], struct str domain_spec, const struct spf_macros *m);

/* Can the DNS have that name: labels of 1 to 63 octets, 253 in all? */
bool spf_name_possible(struct str name);

#endif
