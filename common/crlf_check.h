/* crlf_check.h: is a message text, in lines that end in CRLF, without NUL?  BDAT
 * (RFC 3030) frames messages by a count, so it alone can carry others. */
#ifndef MM_CRLF_CHECK_H
#define MM_CRLF_CHECK_H

#include <stdbool.h>

#include "str.h"

/* {0} is a fresh one. */
struct crlf_check {
	bool cr;        /* the last octet was a CR */
	bool broken;    /* a bare CR, a bare LF or a NUL was seen */
	size_t line;    /* octets of the line so far, without its end */
	size_t longest; /* of the lines so far */
};

void crlf_check_add(struct crlf_check *c, struct str octets);

/* After the last octet. */
bool crlf_check_passed(const struct crlf_check *c);

/* Both for octets that are there as a whole. */
bool crlf_is_text(struct str octets);

#endif
