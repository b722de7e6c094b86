/* mta_sts.h: the MTA-STS policy of a recipient's domain (RFC 8461): found by DNS,
 * fetched by HTTPS, kept. */
#ifndef MM_MTA_STS_H
#define MM_MTA_STS_H

#include <ev.h>

#include "dns.h"
#include "mta_sts_policy.h"

struct mta_sts;
struct sts_lookup;

/* state: the directory to keep policies in, or NULL.  port: of policy hosts.  NULL after
 * an error was logged. */
struct mta_sts *mta_sts_new(struct ev_loop *loop, struct dns *dns, const char *state, int port);
void mta_sts_free(struct mta_sts *m);

/* policy: valid during the call; NULL: the domain has none that is known.  problem: a
 * result type of RFC 8460 when there should be one, or a newer one; why says more. */
typedef void sts_done(
	void *arg, const struct sts_policy *policy, const char *problem, const char *why);

/* done is called once, never from within. */
struct sts_lookup *mta_sts_ask(
	struct mta_sts *m, const char *domain, sts_done *done, void *arg);
void mta_sts_cancel(struct sts_lookup *q);

#endif
