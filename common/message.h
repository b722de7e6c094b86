/* message.h: the header of an RFC 5322 message, found in place: an index of
 * offsets into octets that somebody else owns.  Nothing is copied or decoded. */
#ifndef MM_MESSAGE_H
#define MM_MESSAGE_H

#include <stdbool.h>

#include "blob.h"
#include "str.h"

struct header_field {
	struct str name;  /* without the colon and the spaces before it */
	struct str value; /* behind the colon, folding kept, final line end not included */
	struct str whole; /* the whole field, its final line end included */
};

struct message {
	struct str octets;
	struct str header; /* all fields, without the empty line */
	struct str body;   /* behind the empty line; absent if there is none */
	struct header_field *fields;
	size_t nfields, cap;
	bool stray;   /* a line in the header is no field: others may see its end there */
	bool dropped; /* there are more than MESSAGE_MAX_FIELDS, which are not in the index */
};

#define MESSAGE_MAX_FIELDS 10000

/* Goes over the fields of a header, however many. */
struct header_walk {
	struct str rest; /* what is still to be looked at; in the end what follows the fields */
	bool begun;      /* there was a field */
	bool stray;      /* a line that is no field was passed over */
};
void header_walk_start(struct header_walk *w, struct str octets);
bool header_walk_next(struct header_walk *w, struct header_field *out); /* false: the end */

/* Indexes the octets.  Never fails: lines that are no field end the header if
 * none came before ("From " of mbox is skipped), else are passed over; bare LF
 * counts as a line end here. */
void message_parse(struct message *m, struct str octets);

/* The same for a message that has more fields on top: those of `top`, then those of
 * `below`, which was parsed.  The octets and the body are those of `below`. */
void message_parse_on_top(struct message *m, struct str top, const struct message *below);
void message_release(struct message *m);

/* Can it be the name of a field: printable ASCII without spaces and colons? */
bool header_name_valid(struct str name);

/* First field of the name (case ignored); NULL if there is none. */
const struct header_field *message_field(const struct message *m, const char *name);
bool message_next(
	const struct message *m, const char *name, size_t *at, const struct header_field **out);

size_t message_count(const struct message *m, const char *name);

/* How many Received fields a message has, which need not be parsed (RFC 5321 section 6.3). */
size_t message_hops(struct str octets);

/* The value unfolded: line ends removed, trimmed; without NULs, so that none
 * hides what follows it.  Caller frees. */
char *header_unfold(struct str value);

#endif
