/* spf_exp.h: what a domain says to those whom it fails (RFC 7208 section 6.2). */
#ifndef MM_VERDICT_SPF_EXP_H
#define MM_VERDICT_SPF_EXP_H

#include "spf_match.h"

/* The text that exp= of the scope's record leads to, printable ASCII, cut to fit;
 * empty when anything about it is wrong, as the RFC has it. */
enum step spf_explain(struct spf_scope *s, struct str exp, char *out, size_t size);

#endif
