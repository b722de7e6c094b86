/* spf_match.h: does a mechanism match (RFC 7208 section 5)?  All but include, which
 * is an evaluation of its own. */
#ifndef MM_VERDICT_SPF_MATCH_H
#define MM_VERDICT_SPF_MATCH_H

#include "answers.h"
#include "spf_engine.h"
#include "spf_record.h"

/* What the terms of one record are evaluated in. */
struct spf_scope {
	const struct spf_query *query;
	struct answers *answers;
	const char *domain; /* whose record it is */
	int voids;          /* empty answers so far; counted up */
	const char *why;    /* of an error: a literal */
};

enum spf_match {
	SPF_NO_MATCH,
	SPF_MATCH,
	SPF_MATCH_WAIT, /* an answer is not there yet: to be asked again, voids as before */
	SPF_MATCH_TEMPERROR,
	SPF_MATCH_PERMERROR,
};

enum spf_match spf_match(struct spf_scope *s, const struct spf_term *t);

/* The name that a domain-spec means in this scope, or the scope's own domain where
 * it is absent; *possible is false when the DNS cannot have it. */
enum step spf_target(
	struct spf_scope *s, struct str domain_spec, char out[DNS_NAME_SIZE], bool *possible);

#endif
