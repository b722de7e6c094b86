/* condition_impl.h: a compiled condition, shared by condition.c, which evaluates
 * it, condition_compile.c, which makes it, and condition_relation.c, which compares two;
 * the *_ext.c do so for the extensions. */
#ifndef MM_CONDITION_IMPL_H
#define MM_CONDITION_IMPL_H

#include "condition.h"
#include "rate.h"
#include "regex.h"
#include "week.h"

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
	/* extensions, mm-rules(5): */
	SUBJECT_REGEX, /* texts as of SUBJECT_TEXT, or those of an analysis */
	SUBJECT_TIME,
	SUBJECT_RATE,
	SUBJECT_ANY_OF,
	SUBJECT_ALL_OF,
	SUBJECT_NOT,
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

enum number_fact { NUMBER_SIZE, NUMBER_ATTACHMENTS, NUMBER_ATTACHMENT_SIZE };
enum boolean_fact { BOOLEAN_TLS, BOOLEAN_TLS_WRAPPED, BOOLEAN_RECEIPT };

struct condition {
	enum subject subject;
	enum operator op;
	bool negative;  /* NOT_EQUALS, NOT_CIDR_MATCHES, IS_FALSE */
	bool folded;    /* compare without case; then values are folded */
	int family;     /* of SUBJECT_IP: AF_INET or AF_INET6 alone; 0 for both */
	size_t id;      /* for facts_texts(); else a boolean_fact or number_fact */
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
	struct regex **regexes; /* of each of the values */
	struct week *week;
	struct zone *zone;
	struct rate *rate;
	uint32_t most;         /* of SUBJECT_RATE */
	struct conditions all; /* of SUBJECT_ANY_OF, SUBJECT_ALL_OF; the one of SUBJECT_NOT */
};

/* Does a text satisfy an operator?  Both are folded if the condition is. */
bool condition_compare(enum operator op, struct str have, struct str want);

/* Does a message of so many octets satisfy a condition of SUBJECT_NUMBER? */
bool condition_number_holds(const struct condition *c, double have);

/* What was found, as text for people; found may be NULL. */
void condition_say(struct buf *found, struct str text);
void condition_say_values(struct buf *found, struct values v);

/* The extensions, condition_ext.c. */
bool condition_ext_match(const struct condition *c, struct facts *f, struct buf *found);
void condition_ext_release(struct condition *c);

/* condition_relation.h's answers for two conditions of which none is an extension of
 * its own kind: no group, time or rate. */
bool relation_implies(const struct condition *a, const struct condition *b);
bool relation_excludes(const struct condition *a, const struct condition *b);
bool relation_covers(const struct condition *a, const struct condition *b);

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
