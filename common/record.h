/* record.h: one message with its envelope: ordered `name: value` fields and the
 * octets of the message.  mm-stream(5) defines the fields. */
#ifndef MM_RECORD_H
#define MM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "blob.h"
#include "buf.h"
#include "str.h"

struct field {
	uint32_t name, name_len; /* offsets into record.head */
	uint32_t value, value_len;
};

struct record {
	struct buf head; /* "name: value\n" lines as they stand in the stream */
	struct field *fields;
	size_t nfields, cap;
	struct blob *body; /* never NULL; length 0 is an envelope alone */
	size_t charged;    /* what the filter's window counts for it; see filter.h */
};

struct record *record_new(void);
struct record *record_clone(const struct record *r); /* shares the body */
void record_free(struct record *r);                  /* NULL is allowed */

/* Octets that the record holds in memory, for windows. */
size_t record_weight(const struct record *r);

/* Replaces the body; takes over the caller's reference. */
void record_set_body(struct record *r, struct blob *body);

/* Values returned are views into the record, valid until it is changed. */
struct str record_name_at(const struct record *r, size_t i);
struct str record_value_at(const struct record *r, size_t i);

struct str record_line_at(const struct record *r, size_t i); /* "name: value" */

/* The first field of that name; absent (.p NULL) if there is none. */
struct str record_get(const struct record *r, const char *name);
struct str record_last(const struct record *r, const char *name);
bool record_has(const struct record *r, const char *name);

/* All fields of a name in order:
 *     size_t at = 0; struct str v;
 *     while (record_next(r, "rcpt-to", &at, &v)) ... */
bool record_next(const struct record *r, const char *name, size_t *at, struct str *value);
size_t record_count(const struct record *r, const char *name);

#define RECORD_MAX_LINE 65536 /* octets of one field, "name: value" */

/* Appends a field.  In the value, control characters (the line ends among
 * them) and what is not UTF-8 become '?', and what is beyond RECORD_MAX_LINE is
 * cut off, so that a stream stays well formed whatever a client or a server
 * said.  Values and format arguments may be views into r. */
void record_add(struct record *r, const char *name, struct str value);
void record_addf(struct record *r, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Appends field i of another record as it is. */
void record_copy_field(struct record *r, const struct record *from, size_t i);

/* Removes every field of the name, then appends one. */
void record_set(struct record *r, const char *name, struct str value);
void record_setf(struct record *r, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

size_t record_remove(struct record *r, const char *name); /* how many there were */
void record_remove_at(struct record *r, size_t i);

/* The outcome (mm-stream(5), "status" and "reply"). */
enum status { STATUS_NONE, STATUS_OK, STATUS_TEMPFAIL, STATUS_PERMFAIL };

enum status record_status(const struct record *r);
const char *status_word(enum status s); /* "ok", "tempfail", "permfail"; "" for NONE */

/* Sets `status`, and `reply` from a whole SMTP reply such as
 * "451 4.3.0 queue is full".  The arguments may be views into r. */
void record_outcome(struct record *r, enum status s, const char *reply_fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Does the record carry status tempfail or permfail, so that a filter must
 * pass it through unprocessed? */
bool record_failed(const struct record *r);

/* For the stream reader: adopts one line "name: value" that is known to be well
 * formed; name_len is the length of the name. */
void record_adopt_line(struct record *r, struct str line, size_t name_len);

#endif
