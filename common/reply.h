/* reply.h: an SMTP reply on one line: "550 5.7.1 not allowed here". */
#ifndef MM_REPLY_H
#define MM_REPLY_H

#include "record.h"
#include "str.h"

struct reply {
	int code;            /* 200 to 599 */
	struct str enhanced; /* RFC 3463, "5.7.1"; empty when the reply has none */
	struct str text;     /* the rest; views into what was parsed */
};

/* 0, or -1 when s does not begin with a reply code. */
int reply_parse(struct str s, struct reply *out);

/* tempfail for 4xx, permfail for 5xx, ok for 2xx; NONE for the rest. */
enum status reply_status(const struct reply *r);

#endif
