/* http.h: HTTP requests by libcurl, many at once, on the event loop. */
#ifndef MM_HTTP_H
#define MM_HTTP_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "str.h"

#define HTTP_MAX_RESPONSE (1u << 20) /* octets kept of a body; more is an error */

struct http;
struct http_task; /* a request under way */

struct http_request {
	const char *method; /* "PUT"; a constant */
	const char *url;    /* http: or https:, percent-encoded */
	const char
		*unix_socket; /* the path to connect to in place of the URL's host; or NULL */
	const char *const *headers; /* "Name: value", up to a NULL; NULL: none */
	const char *connect_to; /* "HOST:PORT:ADDR:PORT", instead of looking HOST up; or NULL */
	const char *resolve; /* "HOST:PORT:ADDR[,ADDR]...", likewise, tried in turn; or NULL */
	struct str body;     /* stays the caller's until done */
	int64_t timeout_ms;  /* for one try */
	unsigned tries;      /* with pauses; 0 means 1 */
	size_t max_response; /* octets of a body; 0: HTTP_MAX_RESPONSE, which it is below */
	bool confidential;   /* the answer is wiped from memory */

	/* Signature Version 4 (CURLOPT_AWS_SIGV4, "aws:amz:us-east-1:s3"), with the
	 * body's SHA-256.  sigv4 NULL: none. */
	const char *sigv4, *access_key, *secret_key;
};

struct http_response {
	long status; /* 200 to 599, or 0: there was no answer */
	struct str body;
	struct str headers; /* raw */
	const char *error;  /* without an answer: why; else NULL */
};

/* The response is valid during the call only. */
typedef void http_done(void *arg, const struct http_response *r);

/* At most max_active requests run at once, the others wait.  NULL after an error
 * was logged. */
struct http *http_new(struct ev_loop *loop, unsigned max_active);

/* Everything but the body is copied.  done is called once, never from within.
 * Answers 429 and 5xx, and a connection that broke, are worth another try. */
struct http_task *http_send(
	struct http *h, const struct http_request *rq, http_done *done, void *arg);

/* done will not be called, which it has not been. */
void http_cancel(struct http_task *t);

/* Requests under way are dropped. */
void http_free(struct http *h);

/* The first header of that name, trimmed; absent if there is none. */
struct str http_header(const struct http_response *r, const char *name);

/* Appends s percent-encoded as RFC 3986 and SigV4 want it: all but letters,
 * digits, "-._~" and what is in `keep`. */
void http_escape(struct buf *out, struct str s, const char *keep);

#endif
