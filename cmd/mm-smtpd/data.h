/* data.h: the mail data of RFC 5321 section 4.5.2, decoded as it arrives: dots
 * unstuffed, the end found, and every line end but CRLF refused, so that no other
 * server can read the octets differently (SMTP smuggling). */
#ifndef SMTPD_DATA_H
#define SMTPD_DATA_H

#include <stddef.h>

#include "str.h"

enum data_state { DATA_LINE_START, DATA_TEXT, DATA_CR, DATA_DOT, DATA_DOT_CR };

enum data_result { DATA_MORE, DATA_END, DATA_BARE_LF, DATA_BARE_CR, DATA_NUL };

/* {0} is a fresh one. */
struct data_decoder {
	enum data_state state;
	size_t line;    /* octets of the line so far, without its end */
	size_t longest; /* of the lines so far */
};

typedef void data_sink(void *arg, const char *p, size_t n);

/* Takes octets and gives decoded runs to the sink.  DATA_MORE: all were taken.
 * DATA_END: *used octets, up to the final dot and its CRLF.  Else the data is
 * refused; nothing more may be decoded. */
enum data_result data_decode(
	struct data_decoder *d, struct str in, size_t *used, data_sink *sink, void *arg);

#endif
