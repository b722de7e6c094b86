/* smtp_reply.h: what an SMTP or LMTP server answers, read piece by piece
 * (RFC 5321 section 4.2). */
#ifndef MM_SMTP_REPLY_H
#define MM_SMTP_REPLY_H

#include "buf.h"
#include "record.h"

#define SMTP_REPLY_MAX_LINE 4096  /* octets; RFC 5321 allows 512 */
#define SMTP_REPLY_MAX_TEXT 65536 /* octets of a whole reply */
#define SMTP_REPLY_MAX_SHOWN 500  /* octets of text in smtp_reply_line() */

/* {0} waits for a first line. */
struct smtp_reply {
	int code;        /* 200 to 599, from the last line */
	struct buf text; /* the lines without their code, each ended by LF */
	struct buf line; /* a line not yet complete */
	bool complete;
};

/* Takes octets up to the end of one reply; *used says how many.  1: r is that
 * reply, to be read before the next call.  0: more is needed.  -1: the server
 * does not speak SMTP, or without end. */
int smtp_reply_feed(struct smtp_reply *r, struct str in, size_t *used);

/* Appends the reply as one line, "550 5.1.1 no such user", lines joined by a
 * space; a reply without enhanced code gets the plain one of its class. */
void smtp_reply_line(const struct smtp_reply *r, struct buf *out);

/* ok for 2xx, permfail for 5xx, else tempfail: a 3xx promises nothing */
enum status smtp_reply_status(const struct smtp_reply *r);

void smtp_reply_release(struct smtp_reply *r);

#endif
