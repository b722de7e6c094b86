/* target.h: whom to tell: an SNS topic, a function, a webhook, the index of an
 * application; by HTTP or by a local program. */
#ifndef MM_TARGET_H
#define MM_TARGET_H

#include <stdbool.h>

#include "str.h"

enum target_kind { TARGET_SNS, TARGET_LAMBDA, TARGET_WEBHOOK, TARGET_QBUSINESS };

struct target {
	enum target_kind kind;
	char *name;     /* what `notified` says: "sns:TOPIC", "lambda:FUNCTION",
			   "qbusiness:APPLICATION", the URL */
	char *arn;      /* as the site's file gives it, else the name */
	char *index;    /* TARGET_QBUSINESS: of the application; or NULL */
	char *endpoint; /* URL; NULL with a command */
	char **command; /* argv; NULL with an endpoint */
};

/* Fills *t.  0, or -1 after the reason was logged. */
int target_topic(struct target *t, const char *site, const char *name);
int target_function(struct target *t, const char *site, const char *name);
int target_webhook(struct target *t, const char *url);
int target_application(struct target *t, const char *site, const char *name, const char *index);
void target_release(struct target *t);

#endif
