/* job.h: one message on its way through a rule set: who its recipients are by
 * now, which of them have which header added, and what became of each. */
#ifndef MM_RULE_JOB_H
#define MM_RULE_JOB_H

#include <stdint.h>

#include "facts.h"
#include "progress.h"
#include "record.h"
#include "ruleset.h"
#include "textmap.h"

/* The message as some of the recipients have it: as it came, or with headers. */
struct variant {
	struct variant *next;
	struct variant *parent;      /* NULL: as it came */
	const struct action *header; /* the AddHeader that made it of its parent */
	struct variant *root;        /* whose base it has: the first, one that was rewritten */
	struct blob *base;           /* of a root: its octets */
	struct buf top;              /* headers that were added to the base since */
	struct blob *body;           /* NULL until it is asked for */
	const struct action *edited; /* the last edit, and what it made of this one */
	struct variant *edition;
	struct message msg;
	struct facts facts;
	bool readable;       /* msg and facts are set up */
	bool used;           /* by a recipient; see job_forget_bodies() */
	bool asked, holds;   /* rule_matches_message() for the rule at hand */
	size_t replacements; /* index of what its recipients are replaced by; 0: none yet */
};

/* What a recipient got so far, each the reply of the last such action or NULL. */
struct deliveries {
	char *made, *stored;    /* succeeded, see enum delivery */
	char *refused, *failed; /* failed for good: DELIVERY_MADE; any other */
};

/* A recipient of the record as it came. */
struct origin {
	struct str rcpt_to; /* the field's value: a view into the record */
	struct str path;    /* its "<address>" */
	bool final;         /* had its result before; is left alone */
	enum status status;
	char *reply;
	struct deliveries before; /* what it got before it was replaced */
};

/* A recipient as the envelope stands by now: an origin itself, or what stands
 * for one or several of them. */
struct recipient {
	struct str rcpt_to, path;
	size_t origin;
	uint64_t *origins; /* bits of all it stands for; NULL: `origin` itself */
	struct variant *variant;

	bool matched; /* by the rule at hand */
	bool acting;  /* the action at hand is yet to be done for it */
	enum status step_status;
	enum disposition step_disposition; /* only beside STATUS_OK */
	char *step_reply;                  /* what the action at hand gave */

	bool gone;    /* left the rule set; with STATUS_NONE it was replaced */
	bool stopped; /* by Stop or a function: what it got before counts as at the end */
	enum status status;
	char *reply;
	struct deliveries got;
};

struct executor;

struct job {
	struct record *rec; /* as it came; unchanged until the end */
	struct ruleset *set;
	const struct executor *executor;
	void *ctx;
	struct variant first, *last_variant;
	struct origin *origins;
	size_t norigins;
	struct textmap by_path; /* indexes of origins */
	struct recipient *recipients;
	size_t nrecipients, cap;
	size_t active; /* that are not gone */
	size_t rule, action;
	bool in_rule;
	struct progress progress; /* found on the record */
	struct record *learned;   /* fields to be added to it at the end */
	size_t waiting;           /* for so many answers; the executor's */
};

/* Takes r, and a reference to set. */
struct job *job_new(struct record *r, struct ruleset *set, const struct executor *x, void *ctx);
void job_free(struct job *j); /* and its record, if it still has it */

/* Its message and facts; valid as long as the job. */
struct facts *variant_facts(struct job *j, struct variant *v);
struct blob *variant_body(struct job *j, struct variant *v);

/* Lets go the copies of the message that no recipient has any more. */
void job_forget_bodies(struct job *j);

/* The variant of v as a edits its header; v where that changes nothing. */
struct variant *job_edit(struct job *j, struct variant *v, const struct action *a);

/* A variant of v that has these octets; v where they are the same.  Takes body. */
struct variant *job_rewrite(struct job *j, struct variant *v, struct blob *body);

/* The variant of v with the header that a adds. */
struct variant *job_add_header(struct job *j, struct variant *v, const struct action *a);

/* Replaces every matched recipient by those of a; the new ones are matched. */
void job_replace(struct job *j, const struct action *a);

/* The recipient leaves.  Takes reply. */
void job_leave(struct job *j, struct recipient *r, enum status status, char *reply);

/* The origins that it stands for, one after the other:
 *     size_t at = 0, origin;
 *     while (recipient_origin(j, r, &at, &origin)) ... */
bool recipient_origin(
	const struct job *j, const struct recipient *r, size_t *at, size_t *origin);
static inline bool
recipient_replaced(const struct recipient *r)
{
	return r->origins != NULL;
}

const struct rule *job_rule(const struct job *j);

#endif
