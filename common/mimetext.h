/* mimetext.h: what a message says, as UTF-8 text: decoded header fields, the text
 * of its parts, the names of its attachments. */
#ifndef MM_MIMETEXT_H
#define MM_MIMETEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "message.h"

struct mimetext {
	struct buf from, to, cc, subject; /* all fields of the name, decoded */
	struct buf names;                 /* of attachments, one a line */
	struct buf types;                 /* of attachments, "image/png", one a line */
	struct buf body;                  /* text parts, HTML as text */
	struct buf html;                  /* HTML parts as they are, in UTF-8 */
	size_t html_max;                  /* octets of html wanted; the caller's, else 0 */
	struct buf message_id;            /* without the angle brackets */
	struct buf charset;               /* of the first text part; empty: it has none */
	struct buf list;                  /* the identifier in List-Id, lower case */
	int64_t date;                     /* Date field in ms; 0 when there is none */
	bool measure;                     /* the caller's: shall `largest` be known? */
	uint64_t largest;                 /* octets of the largest attachment, decoded */
	unsigned attachments; /* parts with a file name or disposition attachment, and messages
			       */
};

/* Fills t ({0}, or used before) from the octets of a message; at most body_max
 * octets of body text.  Whatever the octets are, it gives what can be read. */
void mimetext_extract(struct mimetext *t, struct str octets, size_t body_max);
void mimetext_release(struct mimetext *t);

#endif
