/* mail_json.h: the members "mail" and "receipt" of a notification. */
#ifndef MM_MAIL_JSON_H
#define MM_MAIL_JSON_H

#include <jansson.h>

#include "message.h"
#include "record.h"
#include "references.h"

/* Each returns a new reference. */
json_t *mail_json(const struct record *r, const struct message *m, size_t max_headers);
json_t *receipt_json(const struct record *r, const struct match_settings *settings);

/* A JSON string of bytes that may be no UTF-8: what is not becomes U+FFFD. */
json_t *text_json(struct str s);

#endif
