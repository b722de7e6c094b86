/* address.h: mail addresses, as SMTP writes them (RFC 5321 section 4.1.2, with
 * RFC 6531's UTF-8) and as header fields do (RFC 5322 section 3.4). */
#ifndef MM_ADDRESS_H
#define MM_ADDRESS_H

#include <stdbool.h>

#include "str.h"

/* Octets of an address.  The local part may have more than the 64 that RFC 5321
 * section 4.5.3.1.1 obliges everybody to take: SRS and VERP need more. */
#define ADDRESS_MAX 320

/* A path with its ESMTP parameters, as in the fields mail-from and rcpt-to:
 *     <alice@example.org> NOTIFY=NEVER
 * Views into what was parsed. */
struct path {
	struct str address; /* between the brackets without source route; empty for "<>" */
	struct str local;   /* as written, quotes kept */
	struct str domain;  /* absent (.p NULL) for "<>" and "<postmaster>" */
	struct str params;  /* after the path, trimmed */
	bool utf8;          /* has octets above 127 */
};

/* "<...>" at the start of s.  Returns 0; -1 when it is no path.  The brackets
 * are required; the null path "<>" and "<postmaster>" are paths. */
int path_parse(struct str s, struct path *out);

/* An address without brackets: local@domain.  Same result. */
int address_parse(struct str s, struct path *out);

/* The parameter KEYWORD=value among params, or KEYWORD alone (empty value);
 * absent if it is not there.  Keywords are compared without case. */
struct str path_param(const struct path *p, const char *keyword);

/* Every address in a header field's value ("A <a@x>, g: b@y, c@z;"), with
 * comments, display names, quoting, groups and folding seen through.  Calls
 * `each` with the bare addr-spec; stops when it returns false.  Broken input
 * gives what can be found. */
typedef bool address_each(void *arg, struct str addr_spec);
void address_list_each(struct str field_value, address_each *each, void *arg);

/* Is it a domain name of letters, digits, hyphens, underscores (and UTF-8), with
 * labels of 1 to 63 octets, 253 in all, without a dot at the end? */
bool domain_valid(struct str s);

#endif
