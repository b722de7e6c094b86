/* spf_record.h: the syntax of SPF records (RFC 7208 section 12), whole. */
#ifndef MM_VERDICT_SPF_RECORD_H
#define MM_VERDICT_SPF_RECORD_H

#include "buf.h"
#include "cidr.h"
#include "str.h"

#define SPF_MAX_TERMS 256

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
};

struct spf_term {
	char qualifier; /* + - ? ~ */
	enum spf_kind kind;
	struct str text;  /* as written, without the qualifier */
	struct str spec;  /* domain-spec; absent if there is none */
	struct cidr net;  /* of ip4 and ip6 */
	int bits4, bits6; /* of a and mx */
};

struct spf_record {
	struct str redirect, exp; /* domain-specs; absent if not there */
	struct str bad;           /* the term that an error is about */
	size_t n;
	struct spf_term terms[SPF_MAX_TERMS];
};

/* Is the TXT record an SPF record at all (section 4.5)? */
bool spf_is_record(struct str txt);

/* 0; or -1 with *error set to a literal.  Views into txt. */
int spf_record_parse(struct spf_record *r, struct str txt, const char **error);

#endif
