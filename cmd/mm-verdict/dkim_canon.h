/* dkim_canon.h: canonical forms of header fields and bodies (RFC 6376 section 3.4). */
#ifndef MM_VERDICT_DKIM_CANON_H
#define MM_VERDICT_DKIM_CANON_H

#include "buf.h"

enum dkim_canon { DKIM_SIMPLE, DKIM_RELAXED };

const char *dkim_canon_word(enum dkim_canon c); /* "simple", "relaxed" */

/* "relaxed/simple" of a tag c=; what is absent is simple.  0, or -1. */
int dkim_canon_parse(struct str value, enum dkim_canon *header, enum dkim_canon *body);

/* Appends a field's form, given the field with or without its final line end; the
 * form ends in CRLF. */
void dkim_canon_field(struct buf *out, enum dkim_canon c, struct str whole);

typedef void dkim_canon_put(void *arg, const char *p, size_t n);

/* Gives a body's form, in pieces.  Line ends are CRLF; other octets stand for
 * themselves. */
void dkim_canon_body(enum dkim_canon c, struct str body, dkim_canon_put *put, void *arg);

/* Appends the form of one line of a body, given without its CRLF, without one. */
void dkim_canon_line(struct buf *out, enum dkim_canon c, struct str line);

#endif
