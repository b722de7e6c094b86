/* condition_impl.h: a compiled condition, shared by condition.c, which evaluates
 * it, condition_compile.c, which makes it, and condition_relation.c, which compares two. */
#ifndef MM_CONDITION_IMPL_H
#define MM_CONDITION_IMPL_H

#include "condition.h"

enum subject {
	SUBJECT_TEXT,     /* texts of an attribute or header field */
	SUBJECT_ANALYSIS, /* one text */
	SUBJECT_BOOLEAN,
	SUBJECT_LIST,
	SUBJECT_NUMBER,
	SUBJECT_IP,
	SUBJECT_TLS,
	SUBJECT_SPF,
	SUBJECT_DKIM,
	SUBJECT_DMARC,
	SUBJECT_ANALYSIS_VERDICT,
	SUBJECT_ANALYSIS_BOOLEAN,
};

enum operator{
	OP_EQUALS,
	OP_STARTS_WITH,
	OP_ENDS_WITH,
	OP_CONTAINS,
	OP_LESS,
	OP_LESS_OR_EQUAL,
	OP_GREATER,
	OP_GREATER_OR_EQUAL,
	OP_MINIMUM,
};

enum boolean_fact { BOOLEAN_TLS, BOOLEAN_TLS_WRAPPED, BOOLEAN_RECEIPT };

struct condition {
	enum subject subject;
	enum operator op;
	bool negative;  /* NOT_EQUALS, NOT_CIDR_MATCHES, IS_FALSE */
	bool folded;    /* compare without case; then values are folded */
	int family;     /* of SUBJECT_IP: AF_INET or AF_INET6 alone; 0 for both */
	size_t id;      /* for facts_texts(); SUBJECT_BOOLEAN: a boolean_fact */
	size_t text_id; /* the whole header field beside its addresses; 0 for none */
	char *header;
	struct str *values; /* owned, each of them */
	struct cidr *networks;
	size_t n;          /* of values or networks */
	unsigned verdicts; /* set of enum verdict */
	double number;
	int tls_version;
	struct addrlist *list; /* owned by the references; NULL when unresolved */
	char *analyzer, *field;
	const struct match_settings *settings;
	char *text;
};

/* Does a text satisfy an operator?  Both are folded if the condition is. */
bool condition_compare(enum operator op, struct str have, struct str want);

/* Does a message of so many octets satisfy a condition of SUBJECT_NUMBER? */
bool condition_number_holds(const struct condition *c, double have);

/* Finds the condition's own record field and maps it.  *why gets the field's
 * words; absent where there is none. */
enum verdict verdict_of_spf(
	const struct record *r, const struct match_settings *s, struct str *why);
enum verdict verdict_of_dkim(const struct record *r, struct str *why);
enum verdict verdict_of_analysis(struct str value);

/* "none", "quarantine" or "reject", as an index 0..2; -1 when DMARC was not
 * looked at. */
int dmarc_policy_of(const struct record *r);

#endif
