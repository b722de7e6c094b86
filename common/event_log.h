/* event_log.h: what the logs with AWS's names have in common: an event is a JSON
 * object, a line on standard error; what is not known is left out. */
#ifndef MM_EVENT_LOG_H
#define MM_EVENT_LOG_H

#include <jansson.h>

#include "record.h"

/* An object with event_timestamp, now.  The caller owns it. */
json_t *event_new(void);

/* Absent: no member. */
void event_add(json_t *event, const char *key, struct str value);
void event_add_field(json_t *event, const char *key, const struct record *r, const char *field);

/* sender_ip_address, smtp_mail_from, smtp_helo, tls_protocol, tls_cipher_suite. */
void event_add_client(json_t *event, const struct record *r);

/* Writes the line and takes over the event. */
void event_write(json_t *event);

#endif
