/* authres.h: the Authentication-Results header field (RFC 8601). */
#ifndef MM_VERDICT_AUTHRES_H
#define MM_VERDICT_AUTHRES_H

#include "message.h"
#include "record.h"
#include "verdict.h"

/* Does a field's value claim to come from this authserv-id (section 2.5)?  What
 * cannot be read but names it counts too. */
bool authres_claims(struct str value, struct str authserv_id);

/* Passes over spaces, line ends and nested comments; false if a comment is open. */
bool authres_skip_cfws(struct str *s);

/* Is it said in a field's value that DMARC passed for this domain in From? */
bool authres_says_dmarc_pass(struct str value, struct str author);

/* Appends the whole field, folded, with its final line end. */
void authres_format(struct buf *out, const struct verdict *v, const struct record *rec,
	const char *authserv_id);

/* The message without the fields that claim to be ours, `field` at the top of its
 * header.  0 and a new blob; or -1 with errno set (the spool cannot be written). */
int authres_apply(
	struct str octets, struct str field, struct str authserv_id, struct blob **out);

#endif
