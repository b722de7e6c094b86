/* receive.h: taking a message in, as mail data after DATA or in chunks after BDAT
 * (RFC 3030), up to the moment when it goes to the handler or is refused. */
#ifndef SMTPD_RECEIVE_H
#define SMTPD_RECEIVE_H

#include "session.h"

/* Octets that the open transaction's message may have. */
size_t receive_limit(const struct session *s);

/* The first octets are about to come: begins the body with the Received field. */
void receive_start(struct session *s);

/* In SESSION_DATA and SESSION_CHUNK: takes octets, returns how many. */
size_t receive_data(struct session *s, struct str in);
size_t receive_chunk(struct session *s, struct str in);

/* A chunk of so many octets follows (s->chunk is set); one of none ends at once. */
void receive_chunk_start(struct session *s);

/* No message is under way any more, whatever there was of it. */
void receive_abandon(struct session *s);

#endif
