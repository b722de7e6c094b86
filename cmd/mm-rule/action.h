/* action.h: the actions of a rule, taken from their JSON: what they do to the
 * envelope, or which program carries them out. */
#ifndef MM_RULE_ACTION_H
#define MM_RULE_ACTION_H

#include "edit.h"
#include "json.h"

enum action_kind {
	ACTION_DROP,
	ACTION_RELAY,
	ACTION_ARCHIVE,
	ACTION_WRITE_TO_S3,
	ACTION_SEND,
	ACTION_ADD_HEADER,
	ACTION_REPLACE_RECIPIENT,
	ACTION_DELIVER_TO_MAILBOX,
	ACTION_DELIVER_TO_QBUSINESS,
	ACTION_PUBLISH_TO_SNS,
	ACTION_BOUNCE,
	ACTION_INVOKE_LAMBDA,
	/* extensions, mm-rules(5): */
	ACTION_STOP,
	ACTION_HOLD,
	ACTION_REMOVE_HEADER,
	ACTION_REPLACE_HEADER,
	ACTION_SUBJECT_TAG,
	ACTION_COPY,
	ACTION_SIGN_DKIM,
	ACTION_SEAL_ARC,
	ACTION_EXEC,
	ACTION_KINDS
};

/* What a recipient has when the action succeeded. */
enum delivery {
	DELIVERY_NONE,   /* nothing of the message: a notification */
	DELIVERY_STORED, /* the message is kept */
	DELIVERY_MADE,   /* the message is on its way to the recipient */
};

struct action {
	enum action_kind kind;
	size_t index; /* in its rule */
	char *target; /* one word that names where to; "-" where there is no such thing */
	bool drop_on_failure; /* ActionFailurePolicy DROP */
	bool obeyed;          /* InvokeLambda: its disposition counts */
	int64_t retry_ms;     /* InvokeLambda: for how long, since the message came; -1: any */
	char **argv;          /* the coprocess; NULL for what is done here */
	char *command;        /* argv in one line, the coprocess's key; NULL likewise */
	char *header;         /* AddHeader: the whole field with its line end */
	char *reply;          /* Bounce: the SMTP reply as the rule set has it, 4xx or 5xx */
	char *final_reply;    /* Bounce: the same as a refusal for good, 5xx */
	char **replacements;  /* ReplaceRecipient, and whom Copy goes to: "<address>"... */
	size_t nreplacements;
	struct edit *edit; /* of the header; NULL: none */
	bool changes;      /* the message that comes back is that of the recipients then */
};

/* What action_compile() must know of its surroundings. */
struct action_context {
	const char *site;       /* the directory */
	const char *rule_set;   /* name */
	const char *rule;       /* name, or index as text */
	bool lenient;           /* targets that the site lacks are warnings */
	char *const *overrides; /* [ACTION_KINDS]: command lines of -x, or NULL */
};

const char *action_name(enum action_kind kind);     /* "WriteToS3" */
const char *action_log_name(enum action_kind kind); /* "WRITE_TO_S3" */
enum delivery action_delivery(enum action_kind kind);
/* ACTION_KINDS when there is no such name. */
enum action_kind action_kind_of(struct str name);

/* Can only mm-rule itself do it? */
bool action_internal(enum action_kind kind);

/* Is it the end of the rule set for the recipients it acts on? */
bool action_ends(enum action_kind kind);

/* Compiles one member of a rule's Actions, {"Relay": {...}}, that has passed
 * schema_check(); at is its place in doc.  0, or -1 with problems added; a is to
 * be released either way. */
int action_compile(struct action *a, const struct action_context *context,
	const struct json_doc *doc, const json_t *json, const struct json_at *at,
	struct problems *ps);
void action_release(struct action *a);

#endif
