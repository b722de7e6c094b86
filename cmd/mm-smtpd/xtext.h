/* xtext.h: the encoding of parameter values, RFC 3461 section 4. */
#ifndef SMTPD_XTEXT_H
#define SMTPD_XTEXT_H

#include <stdbool.h>

#include "buf.h"

/* One character at the start of s (which has one), as it is or as +XX; *octet: what it
 * stands for, *used: octets of it.  False when it is no xtext. */
bool xtext_char(struct str s, unsigned char *octet, size_t *used);

/* Appends what s stands for.  0, or -1 when s is no xtext (then out has a part). */
int xtext_decode(struct str s, struct buf *out);

#endif
