/* dsn_param.h: the parameters that ask for delivery status notifications,
 * RFC 3461 section 4: RET and ENVID of MAIL, NOTIFY and ORCPT of RCPT. */
#ifndef SMTPD_DSN_PARAM_H
#define SMTPD_DSN_PARAM_H

#include <stdbool.h>

#include "str.h"

#define DSN_ENVID_MAX 100 /* characters, not counting the encoding */
#define DSN_ORCPT_MAX 500 /* octets of the value as written */

/* Is KEYWORD (without case) one of MAIL, of RCPT?  If so *wrong is the reply that
 * refuses the value, or NULL for a good one.  A value is absent without "=".
 * utf8: the transaction has SMTPUTF8 (RFC 6533 section 3). */
bool dsn_mail_param(struct str keyword, struct str value, const char **wrong);
bool dsn_rcpt_param(struct str keyword, struct str value, bool utf8, const char **wrong);

#endif
