/* delivery_impl.h: a delivery and its parts, shared by delivery.c and delivery_plan.c, which
 * says where mail would go. */
#ifndef MM_DELIVERY_IMPL_H
#define MM_DELIVERY_IMPL_H

#include "delivery.h"
#include "recipients.h"
#include "wire.h"

struct part {
	struct delivery *delivery;
	size_t rcpt;     /* ROUTE_MAILDIR: whose copy */
	size_t *members; /* indexes into the recipients, one for each of the transaction */
	size_t cap;
	struct transaction transaction;
};

struct delivery {
	struct courier *courier;
	struct record *rec;
	struct record *envelope; /* as it came: what the recipients are views into */
	struct recipients rcpts;
	char *mail_from, *mail_params;
	bool utf8, binary, text, requiretls; /* as the transactions want it */
	struct wire_traits traits;
	struct part **parts;
	size_t nparts, parts_cap;
	size_t first; /* the relay's server that is to be tried first */
	size_t outstanding;
};

/* One thing less to wait for; at the last the record goes back. */
void delivery_settle(struct delivery *d);

/* What became of the transaction's recipients, to those of the delivery. */
void part_collect(struct part *p);

/* `plan` fields: for pool_events, and for one who has a status already. */
void delivery_on_planned(struct transaction *t, const struct hosts *hosts);
void delivery_plan_failure(struct delivery *d, const struct recipient *r);

#endif
