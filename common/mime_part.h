/* mime_part.h: goes over the parts of a message (RFC 2045, 2046).  It takes what is
 * broken for what its sender most likely meant: a part ends where any part that it is
 * in ends, a multipart without its boundary is text. */
#ifndef MM_MIME_PART_H
#define MM_MIME_PART_H

#include "message.h"
#include "mime_value.h"

#define MIME_MAX_DEPTH 32
#define MIME_MAX_PARTS 1000
#define MIME_MAX_TEXT (12u << 20) /* octets of a part that a message within is read from */

enum mime_kind {
	MIME_TEXT,
	MIME_OTHER,
	MIME_BROKEN,  /* a multipart without its boundary: text, never an attachment */
	MIME_MESSAGE, /* its own parts follow */
};

/* The multipart/alternative that a part is in: one branch of it says it all. */
struct mime_choice {
	struct mime_choice *up; /* the one around it, or NULL */
	unsigned branch;        /* that the part is in; from 1 */
	unsigned taken;         /* the visitor's own: 0 at first */
};

struct mime_part {
	enum mime_kind kind;
	const struct message *m;     /* the part's header and octets */
	const struct message *inner; /* of MIME_MESSAGE; NULL when it is not looked into */
	struct mime_value type;      /* Content-Type; an empty word where there is none */
	struct mime_choice *choice;  /* NULL: the part is in none */
	bool in_message;             /* the part is in one of kind MIME_MESSAGE */
};

/* Called for each part that is no multipart, in order; p is valid during the call.
 * False ends the walk. */
typedef bool mime_visit(void *arg, const struct mime_part *p);

/* Limits: what is deeper than MIME_MAX_DEPTH or beyond MIME_MAX_PARTS is left out. */
void mime_walk(const struct message *m, mime_visit *visit, void *arg);

/* "image/png": what the part says, else what it is by where it stands. */
struct str mime_part_type(const struct mime_part *p);

/* Is it an attachment: does it have a file name, or the disposition "attachment", or
 * is it a message?  Appends the name, if any, as mime_value_param() does. */
bool mime_part_attached(const struct mime_part *p, struct buf *name);

/* The octets, its transfer encoding undone: a view of the part, or of *decoded, which
 * is the caller's and was empty.  At most `max` octets of the part are looked at. */
struct str mime_part_octets(const struct mime_part *p, size_t max, struct buf *decoded);

/* Does the part have octets of its own, as they are? */
bool mime_part_is_plain(const struct mime_part *p);

#endif
