/* facts.h: what can be asked about one recipient of one message: the attributes
 * of Mail Manager's conditions, taken from a record's fields and the message's
 * header.  Decoded on demand, once a message. */
#ifndef MM_FACTS_H
#define MM_FACTS_H

#include "cidr.h"
#include "message.h"
#include "record.h"

/* Attributes that are text.  Those up to FACT_CC_TEXT have any number of values;
 * FROM, TO, CC and SENDER have an address a value, their _TEXT the decoded field. */
enum fact {
	FACT_RECIPIENT,
	FACT_MAIL_FROM, /* "" for the null reverse-path */
	FACT_HELO,
	FACT_SUBJECT,
	FACT_SENDER,
	FACT_FROM,
	FACT_TO,
	FACT_CC,
	FACT_SENDER_TEXT,
	FACT_FROM_TEXT,
	FACT_TO_TEXT,
	FACT_CC_TEXT,
	FACT_CERT_CN,
	FACT_CERT_EMAIL,
	FACT_CERT_DNS,
	FACT_CERT_DIR,
	FACT_CERT_URI,
	FACT_CERT_IP,
	FACT_CERT_RID,
	FACT_CERT_SERIAL,
	FACT_BODY,            /* the text of the message, one value */
	FACT_ATTACHMENT_NAME, /* a value an attachment, as the next */
	FACT_ATTACHMENT_TYPE,
	FACT_DMARC_RESULT, /* in the words of mm-stream(5), as the next */
	FACT_ARC_RESULT,
	FACT_AUTH_USER,
	FACT_INGRESS,
	FACT_COUNT, /* header fields by name follow, see facts_texts() */
};

struct value {
	struct str text;   /* decoded, unfolded */
	struct str folded; /* ASCII letters in lower case */
};

#define FACTS_MAX_VALUES 10000 /* of an attribute; what is beyond is not looked at */

struct values {
	const struct value *list;
	size_t n;
};

struct facts {
	const struct record *rec;
	const struct message *msg; /* NULL when the record is an envelope alone */
	struct facts_cache *cache; /* private */
};

/* Begins with a message; rec and msg stay the caller's, unchanged until the next
 * facts_begin() or facts_release().  *f is {0} the first time
 * and may be used again for message after message: its memory stays. */
void facts_begin(struct facts *f, const struct record *rec, const struct message *msg);

/* The recipient that is asked about, a rcpt-to value. */
void facts_set_recipient(struct facts *f, struct str rcpt_to);

void facts_release(struct facts *f);

/* The values of an attribute.  id is an enum fact, or FACT_COUNT + N for the
 * header field that the caller numbers N (small numbers, the same for the same
 * name in all calls on f), then header is its name.  The list is valid
 * until the next call, the texts until the next message. */
struct values facts_texts(struct facts *f, size_t id, const char *header);

const struct ip *facts_client_ip(struct facts *f); /* NULL when it is not known */
int facts_tls_version(const struct facts *f);      /* 0 in clear, else 10, 11, 12, 13 */
bool facts_tls_wrapped(const struct facts *f);
bool facts_receipt_requested(const struct facts *f);

/* Octets of the message; of an envelope alone the SIZE that the client declared.
 * False when neither is there. */
bool facts_size(const struct facts *f, uint64_t *size);

#define FACTS_MAX_BODY (1u << 20) /* octets of text that are looked at */

/* Parts that are attachments, and the octets of the largest, decoded. */
unsigned facts_attachments(struct facts *f);
bool facts_attachment_size(struct facts *f, uint64_t *size); /* false: there are none */

/* When the message was received; else, when it was begun with. */
int64_t facts_time(const struct facts *f);

/* VALUE of the first field `analysis: NAME FIELD VALUE`; absent if there is none.
 * Names are compared without case, spaces in field count as underscores, a
 * leading "addon." does not count. */
struct str facts_analysis(const struct facts *f, struct str name, struct str field);

#endif
