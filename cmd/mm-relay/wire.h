/* wire.h: a message as DATA carries it: CRLF line ends, a dot before a dot that
 * begins a line (RFC 5321 section 4.5.2), ended by a dot alone.  What SMTP
 * cannot carry is made fit: a bare LF becomes CRLF, a bare CR a space. */
#ifndef MM_WIRE_H
#define MM_WIRE_H

#include <stdbool.h>

#include "buf.h"
#include "str.h"

struct wire {
	struct str rest; /* of the message */
	bool mid_line;   /* what was sent last was no line end */
	bool ended;      /* the final dot is out */
	bool raw;        /* as it is, without a dot: BDAT (RFC 3030) */
};

void wire_start(struct wire *w, struct str message);

/* Appends about `size` octets more to out; false when that was the last. */
bool wire_more(struct wire *w, struct buf *out, size_t size);

/* Has the message octets above 127 in its header, in its body? */
struct wire_traits {
	bool header_8bit, body_8bit;
};
struct wire_traits wire_traits(struct str message);

#endif
