/* dkim_check.h: all DKIM signatures of a message (RFC 6376 section 6). */
#ifndef MM_VERDICT_DKIM_CHECK_H
#define MM_VERDICT_DKIM_CHECK_H

#include "blob.h"
#include "dkim_engine.h"

#define DKIM_MAX_REPORTED 20 /* signatures of a message that get a result at all */

struct dkim_check;

/* max: how many signatures are verified; those after them get "policy".  The
 * message, whose line ends are CRLF, must outlive the check. */
struct dkim_check *dkim_start(const struct dkim_engine *engine, const struct message *msg,
	struct answers *answers, size_t max, int64_t now_s);
enum step dkim_step(struct dkim_check *c);
void dkim_end(struct dkim_check *c);

/* In the order of the message; valid until dkim_end(). */
const struct dkim_signature *dkim_results(const struct dkim_check *c, size_t *n);

#endif
